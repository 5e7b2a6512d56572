//! A target beside the engine: everything that happens is done there, too, and what it shows is read
//! where something is expected.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use lamplighter_core::model::{
    AgentId, AgentStatus, Chat, DeviceId, Event, Instant, PropertyId, Visitor, WidgetId,
};
use lamplighter_core::world::{Connection, Membership, World};
use lamplighter_scenario::language::plan::Expectation;
use lamplighter_scenario::play::{
    Disagreement, Facts, ObservedPart, Observer, ObserverAnswer, SeenWidget, Untested,
};
use tokio::runtime::Handle;
use tokio::time::sleep_until;

use super::clock::PlayClock;
use super::implicit_checks::ImplicitChecks;
use super::on_target::ScenarioOnTarget;
use super::real_time::RealTimeSchedule;
use super::rehearsal::{Rehearsed, agent_untold, asked, nothing_told};
use super::testable::Testable;
use crate::driver::{Driver, Member, RunError, Timestamp};
use crate::file::widget::ObservedWidget as SeenThere;

/// Looks at a scenario's part of a target while the engine plays the scenario.
pub struct TargetObserver {
    /// What stands on the target for the scenario.
    pub part: ScenarioOnTarget,
    /// What the target can be asked by now.
    pub testable: Testable,
    /// What was found out before.
    pub rehearsed: Rehearsed,
    /// What is seen there though nothing is expected of it.
    pub implicit_checks: ImplicitChecks,
    /// Whether it looks at what nobody asks for.
    pub looks_around: bool,
    /// When everything comes where time goes by itself and schedulers are moved.
    pub real_time: Option<Arc<RealTimeSchedule>>,
    /// How time goes on there.
    pub clock: PlayClock,
    /// The instant that has been reached.
    pub now: Instant,
    /// Where calls are made.
    pub runtime: Handle,
}

/// So far the target's clock and this machine's may be apart, where hours are waited for.
const CLOCKS_APART: Duration = Duration::from_secs(1);
const BEHIND: &str = "hours: the next edge came before the read was over";

fn untested(why: &str) -> Untested {
    Untested(why.to_owned())
}

impl TargetObserver {
    fn driver(&self) -> Arc<Driver> {
        Arc::clone(self.part.driver())
    }

    /// Waits until what is read is conclusive.
    fn settle(&self) {
        let settled = self.part.settled();
        // A timer belongs to the runtime in which it is made.
        self.runtime.block_on(async { sleep_until(settled.monotonic.into()).await });
    }

    /// Whether the next edge has come, or nearly, before what is read now was over.
    fn is_behind(&self) -> bool {
        let edge = self.real_time.as_ref().and_then(|real_time| real_time.next_edge(self.now));
        edge.is_some_and(|edge| Timestamp::now().after(CLOCKS_APART).wall >= edge)
    }

    /// Whether all that is seen is held against the rules: reads cost no time, and the rules of grace and
    /// auto-away are the scenario's.
    fn looks_at_all(&self) -> bool {
        let polls_freely = self.driver().file().timing.poll_every_min.is_zero();
        let stands_still = matches!(self.clock, PlayClock::Manual);
        self.looks_around && stands_still && polls_freely && self.rehearsed.has_own_rules
    }

    /// A clock must not go on before the target has seen that a connection is lost, however busy the machine
    /// is: it is put to where it stands, behind what the target was to see.
    fn let_it_see_the_loss(&self) -> Result<(), RunError> {
        self.settle();
        let driver = self.driver();
        self.runtime.block_on(self.clock.put(&driver, driver.now()))
    }

    fn look_at_widget(&mut self, widget: WidgetId, facts: Facts<'_>) -> Result<(), RunError> {
        let visitor = Visitor::default();
        let testable = self.testable.widget(widget, &visitor, facts);
        let unknown = self.part.unknown_writes.of_widget(widget, facts.world);
        if !testable.tells_anything() || unknown.is_some() {
            return Ok(());
        }
        let Some((there, members)) = self.part.widget(widget, facts.world) else { return Ok(()) };
        let driver = self.driver();
        let read = self.runtime.block_on(driver.read_widget(&there, &members, &visitor))?;
        match read.what {
            Ok(seen) => {
                self.implicit_checks.widget(widget, &visitor, &testable.over(told(seen)), facts)
            }
            Err(fault) => self.implicit_checks.unreadable(widget, &fault.to_string(), facts),
        }
        Ok(())
    }

    /// What team-mates see of all who count in a property, by one read.
    fn look_at_team(&mut self, property: PropertyId, facts: Facts<'_>) -> Result<(), RunError> {
        let world = facts.world;
        let is_seen = |agent: &AgentId| {
            world.membership(*agent, property) == Some(Membership::Active)
                && self.testable.agent(*agent, facts).is_none()
                && self.part.unknown_writes.of_agent(*agent).is_none()
        };
        let agents: Vec<AgentId> =
            world.members(property).iter().copied().filter(is_seen).collect();
        let there = |agent: &AgentId| Some((*agent, self.part.member(property, *agent)?.clone()));
        let (agents, members): (Vec<AgentId>, Vec<Member>) =
            agents.iter().filter_map(there).unzip();
        let Some(first) = members.first() else { return Ok(()) };
        let driver = self.driver();
        let read = self.runtime.block_on(driver.read_team(&first.property, &members))?;
        for (place, agent) in agents.into_iter().enumerate() {
            let seen = match &read.what {
                Ok(all) => Ok(all[place].iter().collect()),
                Err(fault) => Err(fault.to_string()),
            };
            self.implicit_checks.agent(agent, seen, facts);
        }
        Ok(())
    }

    /// Why a lost connection may have ended by now though its grace still runs by the rules.
    fn too_late(&self, agents: &[AgentId], world: &World) -> Option<Untested> {
        let min = self.driver().file().timing.grace_min?;
        if !matches!(self.clock, PlayClock::Real) {
            return None;
        }
        let is_running =
            |device: &DeviceId| matches!(world.connection(*device), Connection::Lost { .. });
        let devices = agents.iter().flat_map(|agent| world.devices_of(*agent));
        let mut lost = devices.filter(is_running).filter_map(|device| self.part.lost(device));
        let is_late = lost.any(|lost| lost.monotonic.elapsed() >= min);
        is_late.then(|| untested("grace: the read came after `grace_min`"))
    }
}

impl Observer for TargetObserver {
    type Error = RunError;

    fn advance(&mut self, to: Instant) -> Result<(), RunError> {
        if to <= self.now {
            return Ok(());
        }
        let (driver, spans) = (self.driver(), &self.rehearsed.spans);
        let way = (self.now, to);
        let fires = spans.fires(self.now, to).next().is_some();
        let not_before = self.real_time.as_ref().and_then(|real_time| real_time.not_before(to));
        let going = self.clock.go_on(&driver, spans, way, self.part.settled(), not_before);
        self.runtime.block_on(going)?;
        let has_edge =
            self.real_time.as_ref().is_some_and(|real_time| real_time.has_edge(self.now, to));
        self.now = to;
        let timing = &driver.file().timing;
        // What the clock did shows as an edge does, or as who is gone.
        let within = match (fires, matches!(self.clock, PlayClock::Real)) {
            (true, _) => timing.logout_shows_within.max(timing.edge_shows_within),
            (false, false) => timing.edge_shows_within,
            // Who has another clock may be a second late.
            (false, true) if has_edge => timing.edge_shows_within + CLOCKS_APART,
            (false, true) => return Ok(()),
        };
        self.part.settles_in(within);
        Ok(())
    }

    fn before(&mut self, event: &Event, facts: Facts<'_>) -> Result<(), RunError> {
        if !self.testable.note(event, facts) {
            return Ok(());
        }
        let runtime = self.runtime.clone();
        runtime.block_on(self.part.play(event, facts))?;
        if matches!(event, Event::Disconnect(_)) && matches!(self.clock, PlayClock::Manual) {
            self.let_it_see_the_loss()?;
        }
        Ok(())
    }

    /// On a clock that is put by calls all that is seen is held against the rules, asked for or not.
    fn after(&mut self, facts: Facts<'_>) -> Result<(), RunError> {
        if !self.looks_at_all() {
            return Ok(());
        }
        self.settle();
        for property in (0..facts.roster.properties.len()).map(PropertyId::new) {
            for widget in facts.world.widgets_of(property).collect::<Vec<_>>() {
                self.look_at_widget(widget, facts)?;
            }
            self.look_at_team(property, facts)?;
        }
        Ok(())
    }

    fn agent(
        &mut self,
        agent: AgentId,
        expectation: &Expectation,
        facts: Facts<'_>,
    ) -> Result<ObserverAnswer<ObservedPart<Vec<AgentStatus>>>, RunError> {
        let world = facts.world;
        let known = (&self.rehearsed.other_rules, &self.testable);
        let unknown = || self.part.unknown_writes.of_agent(agent).cloned();
        if let Some(why) = agent_untold(known, agent, expectation, facts).or_else(unknown) {
            return Ok(ObserverAnswer::Answered(Err(why)));
        }
        self.settle();
        if let Some(why) = self.too_late(&[agent], world) {
            return Ok(ObserverAnswer::Answered(Err(why)));
        }
        // Where the agent counts, that is what others see.
        let active =
            |property: &PropertyId| world.membership(agent, *property) == Some(Membership::Active);
        let properties = world.properties_of(agent);
        let property = properties.iter().find(|p| active(p)).or(properties.first());
        let member = property.and_then(|property| self.part.member(*property, agent));
        let Some(member) = member.cloned() else {
            return Ok(ObserverAnswer::Answered(Err(untested(
                "the team: the agent is a member of nothing",
            ))));
        };
        let driver = self.driver();
        let read = self.runtime.block_on(driver.read_member(&member))?;
        Ok(match read.what {
            Ok(status) => ObserverAnswer::Answered(Ok(status.iter().collect())),
            Err(fault) => ObserverAnswer::Unreadable(fault.to_string()),
        })
    }

    fn widget(
        &mut self,
        widget: WidgetId,
        expectation: &Expectation,
        facts: Facts<'_>,
    ) -> Result<ObserverAnswer<SeenWidget>, RunError> {
        let world = facts.world;
        let unknown = || self.part.unknown_writes.of_widget(widget, world).cloned();
        if let Some(why) = self.rehearsed.other_rules.why(expectation).or_else(unknown) {
            return Ok(ObserverAnswer::Answered(nothing_told(&why)));
        }
        let testable = self.testable.widget(widget, &expectation.visitor, facts);
        let wanted: BTreeSet<_> = asked(expectation, false);
        if !testable.is_any(&wanted) {
            let nothing = nothing_told(&untested("nothing of it is told"));
            return Ok(ObserverAnswer::Answered(testable.over(nothing)));
        }
        self.settle();
        let members: Vec<AgentId> = world.members(world.property_of(widget)).to_vec();
        if let Some(why) = self.too_late(&members, world) {
            return Ok(ObserverAnswer::Answered(nothing_told(&why)));
        }
        let has_hours = world.settings(widget).scheduler.is_some();
        if let Some(why) = self.part.unmoved(widget).filter(|_| has_hours) {
            return Ok(ObserverAnswer::Answered(nothing_told(&Untested(format!("hours: {why}")))));
        }
        if has_hours && self.is_behind() {
            return Ok(ObserverAnswer::Answered(nothing_told(&untested(BEHIND))));
        }
        let Some((there, members)) = self.part.widget(widget, world) else {
            return Ok(ObserverAnswer::Answered(nothing_told(&untested(
                "the widget is not there",
            ))));
        };
        let driver = self.driver();
        let reading = driver.read_widget(&there, &members, &expectation.visitor);
        let read = self.runtime.block_on(reading)?;
        if has_hours && self.is_behind() {
            return Ok(ObserverAnswer::Answered(nothing_told(&untested(BEHIND))));
        }
        Ok(match read.what {
            Ok(seen) => {
                let seen = testable.over(told(seen));
                if self.looks_at_all() {
                    self.implicit_checks.widget(widget, &expectation.visitor, &seen, facts);
                }
                ObserverAnswer::Answered(seen)
            }
            Err(fault) => ObserverAnswer::Unreadable(fault.to_string()),
        })
    }

    /// The shortest time there is on this clock before the change: what changes early is found out.
    fn look_before(&self, change: Instant) -> Option<Instant> {
        match self.clock {
            PlayClock::Real => None,
            _ => Instant::from_millis(change.as_millis() - self.clock.tick_ms()),
        }
    }

    fn disagreements(&mut self) -> Vec<Disagreement> {
        let mut all = self.part.tell();
        all.append(&mut self.implicit_checks.tell());
        all
    }
}

/// What was read, each part of it that was told.
fn told(seen: SeenThere) -> SeenWidget {
    let none = |what: &str| Untested(format!("{what}: this row of `says` does not tell it"));
    let SeenThere { status, chat, form, greeting, shown, hidden_because } = seen;
    SeenWidget {
        statuses: status.map(|one| one.iter().collect()).ok_or_else(|| none("widget status")),
        chat: chat.map(|is| if is { Chat::Possible } else { Chat::No }).ok_or_else(|| none("chat")),
        form: form.ok_or_else(|| none("form")),
        greeting: greeting.ok_or_else(|| none("greeting")),
        shown: shown.ok_or_else(|| none("visibility")),
        hidden_because: hidden_because.ok_or_else(|| none("what hides it")),
    }
}
