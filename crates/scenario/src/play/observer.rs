//! What a scenario is held against: the engine's own world, or something apart that claims to be
//! like it.

use std::convert::Infallible;

use super::facts::Facts;
use lamplighter_core::model::{
    AgentId, AgentStatus, Answer, Event, Form, Instant, Visibility, Visitor, WidgetId,
};
use lamplighter_core::world::World;

/// What can be seen of a widget now.
pub trait SeenWidget {
    /// What it shows, whether a chat can start, and why (rules W1 to W6).
    fn answer(&self) -> Answer;
    /// The form that visitors get (rules C2, C3).
    fn form(&self) -> Form;
    /// The greeting that visitors get (rule C1).
    fn greeting(&self) -> &str;
    /// Whether the visitor sees it for whom it was looked at (rules V1 to V4).
    fn visibility(&self, visitor: &Visitor) -> Visibility;
    /// When status or *chat possible* will next change by the clock alone.
    fn next_change_at(&self) -> Option<Instant>;
}

/// Where a scenario happens and where its expectations look. The engine always goes along, a step
/// behind events and a step ahead of looks: what it says is what the rules say.
pub trait Target {
    /// Whether it has a life of its own. Then it is looked at shortly before things are to change,
    /// too, and all around after each instant at which something happens.
    const IS_APART: bool;
    /// Why it cannot go on.
    type Error;
    /// A widget of it.
    type Widget<'w>: SeenWidget;

    /// Time goes on.
    ///
    /// # Errors
    /// When the target cannot be reached, or does not make sense; likewise below.
    fn advance(&mut self, to: Instant) -> Result<(), Self::Error>;

    /// Something is about to happen, and can.
    ///
    /// # Errors
    /// See [`advance`](Self::advance).
    fn happen(&mut self, event: &Event, before: Facts<'_>) -> Result<(), Self::Error>;

    /// What team-mates see of an agent (rule P4).
    ///
    /// # Errors
    /// See [`advance`](Self::advance).
    fn agent(&mut self, agent: AgentId, facts: Facts<'_>) -> Result<AgentStatus, Self::Error>;

    /// What a visitor gets of a widget.
    ///
    /// # Errors
    /// See [`advance`](Self::advance).
    fn widget<'w>(
        &mut self,
        widget: WidgetId,
        visitor: &Visitor,
        facts: Facts<'w>,
    ) -> Result<Self::Widget<'w>, Self::Error>;

    /// Everything of an instant has happened: a look at all there is.
    ///
    /// # Errors
    /// See [`advance`](Self::advance).
    fn look_around(&mut self, facts: Facts<'_>) -> Result<(), Self::Error>;

    /// Where it has been found not to be as the rules say, since it was last asked this.
    fn disagreements(&mut self) -> Vec<Disagreement>;
}

/// A target is not as the rules say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disagreement {
    /// What the rules say.
    pub rules: String,
    /// What the target says.
    pub target: String,
    /// The facts behind it, a line each.
    pub notes: Vec<String>,
}

/// The engine's own world, and nothing else.
pub struct InProcess;

/// A widget of it.
pub struct WorldWidget<'w> {
    world: &'w World,
    widget: WidgetId,
}

impl SeenWidget for WorldWidget<'_> {
    fn answer(&self) -> Answer {
        self.world.answer(self.widget)
    }

    fn form(&self) -> Form {
        self.world.form(self.widget)
    }

    fn greeting(&self) -> &str {
        self.world.greeting(self.widget)
    }

    fn visibility(&self, visitor: &Visitor) -> Visibility {
        self.world.visibility(self.widget, visitor)
    }

    fn next_change_at(&self) -> Option<Instant> {
        self.world.next_change(self.widget).map(|next| next.at)
    }
}

impl Target for InProcess {
    const IS_APART: bool = false;
    type Error = Infallible;
    type Widget<'w> = WorldWidget<'w>;

    #[inline]
    fn advance(&mut self, _: Instant) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline]
    fn happen(&mut self, _: &Event, _: Facts<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn agent(&mut self, agent: AgentId, facts: Facts<'_>) -> Result<AgentStatus, Infallible> {
        Ok(facts.world.agent_status(agent))
    }

    fn widget<'w>(
        &mut self,
        widget: WidgetId,
        _: &Visitor,
        facts: Facts<'w>,
    ) -> Result<WorldWidget<'w>, Infallible> {
        Ok(WorldWidget { world: facts.world, widget })
    }

    #[inline]
    fn look_around(&mut self, _: Facts<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline]
    fn disagreements(&mut self) -> Vec<Disagreement> {
        Vec::new()
    }
}
