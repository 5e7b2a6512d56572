//! Who goes along beside the engine: a running service, say, that lives through the same scenario and
//! is looked at in its place.

use std::convert::Infallible;

use super::facts::{Discrepancy, Fact, Facts};
use crate::language::plan::Expectation;
use lamplighter_core::model::{
    AgentId, AgentStatus, Chat, Event, Form, HiddenBecause, Instant, WidgetId, WidgetStatus,
};

/// Goes along beside the engine. It is told of everything that happens, a moment before the engine
/// is, and is asked what it sees; what the engine's world says is what the rules say. Every method can
/// fail where that which is observed cannot be reached or does not make sense, and then the run ends.
pub trait Observer {
    /// Why it cannot go on.
    type Error;

    /// Time goes on to an instant; the engine's world is there already.
    ///
    /// # Errors
    /// When it cannot go on; likewise below.
    fn advance(&mut self, to: Instant) -> Result<(), Self::Error>;

    /// Something is about to happen, and can.
    ///
    /// # Errors
    /// See [`advance`](Self::advance).
    fn before(&mut self, event: &Event, facts: Facts<'_>) -> Result<(), Self::Error>;

    /// Everything of an instant has happened (rule T3): a chance to look at all there is.
    ///
    /// # Errors
    /// See [`advance`](Self::advance).
    fn after(&mut self, facts: Facts<'_>) -> Result<(), Self::Error>;

    /// What team-mates see of an agent (rule P4): one of these. It is asked where an expectation is true
    /// by the rules.
    ///
    /// # Errors
    /// See [`advance`](Self::advance).
    fn agent(
        &mut self,
        agent: AgentId,
        expectation: &Expectation,
        facts: Facts<'_>,
    ) -> Result<ObserverAnswer<ObservedPart<Vec<AgentStatus>>>, Self::Error>;

    /// What the expectation's visitor gets of a widget, asked likewise.
    ///
    /// # Errors
    /// See [`advance`](Self::advance).
    fn widget(
        &mut self,
        widget: WidgetId,
        expectation: &Expectation,
        facts: Facts<'_>,
    ) -> Result<ObserverAnswer<SeenWidget>, Self::Error>;

    /// The instant before a change to come at which expectations over a span are held against it, too:
    /// what has a clock of its own may be early.
    fn look_before(&self, change: Instant) -> Option<Instant>;

    /// What it has seen that is not as the rules say, since it was last asked this.
    fn disagreements(&mut self) -> Vec<Disagreement>;

    /// Whether anything but the engine is looked at.
    fn is_observing(&self) -> bool {
        true
    }
}

/// Something that an observer has seen and that is not as the rules say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disagreement {
    /// What was seen, and what the rules say.
    pub discrepancy: Discrepancy,
    /// The facts of the engine that explain what the rules say.
    pub facts: Vec<Fact>,
}

/// Nobody goes along: the engine's own world is looked at.
pub struct Unobserved;

impl Observer for Unobserved {
    type Error = Infallible;

    #[inline]
    fn advance(&mut self, _: Instant) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline]
    fn before(&mut self, _: &Event, _: Facts<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline]
    fn after(&mut self, _: Facts<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline]
    fn agent(
        &mut self,
        _: AgentId,
        _: &Expectation,
        _: Facts<'_>,
    ) -> Result<ObserverAnswer<ObservedPart<Vec<AgentStatus>>>, Infallible> {
        Ok(ObserverAnswer::ByTheRules)
    }

    #[inline]
    fn widget(
        &mut self,
        _: WidgetId,
        _: &Expectation,
        _: Facts<'_>,
    ) -> Result<ObserverAnswer<SeenWidget>, Infallible> {
        Ok(ObserverAnswer::ByTheRules)
    }

    #[inline]
    fn look_before(&self, _: Instant) -> Option<Instant> {
        None
    }

    #[inline]
    fn disagreements(&mut self) -> Vec<Disagreement> {
        Vec::new()
    }

    #[inline]
    fn is_observing(&self) -> bool {
        false
    }
}

/// What an observer makes of something that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ObserverAnswer<T> {
    /// Nobody is looked at but the engine.
    ByTheRules,
    /// The target was looked at, and this is what it told.
    Answered(T),
    /// It was looked at, and what was answered says nothing: why.
    Unreadable(String),
}

/// A part of what was seen, or why it is not tested: then it neither holds nor is false.
pub type ObservedPart<T> = Result<T, Untested>;

/// Why something is not tested.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Untested(pub String);

/// A widget as an observer has seen it, on behalf of one visitor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenWidget {
    /// What it shows (rules W1 to W6): one of these.
    pub statuses: ObservedPart<Vec<WidgetStatus>>,
    /// Whether a chat can start.
    pub chat: ObservedPart<Chat>,
    /// The form that the visitor gets (rules C2, C3).
    pub form: ObservedPart<Form>,
    /// The greeting that the visitor gets (rule C1).
    pub greeting: ObservedPart<String>,
    /// Whether the visitor sees it (rules V1 to V4).
    pub shown: ObservedPart<bool>,
    /// What hides it, where it is hidden.
    pub hidden_because: ObservedPart<HiddenBecause>,
}
