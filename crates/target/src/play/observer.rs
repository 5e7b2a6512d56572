//! A target beside the engine: everything that happens is done there, too, and what it shows is read
//! where something is expected.

use std::collections::BTreeSet;
use std::sync::Arc;

use lamplighter_core::model::{
    AgentId, AgentStatus, Chat, DeviceId, Event, Instant, PropertyId, WidgetId,
};
use lamplighter_core::world::{Connection, Membership, World};
use lamplighter_scenario::language::plan::Expectation;
use lamplighter_scenario::play::{Disagreement, Facts, Observer, Seen, SeenWidget, Told, Untested};
use tokio::runtime::Handle;
use tokio::time::sleep_until;

use super::clock::PlayClock;
use super::part::Part;
use super::reach::Reach;
use super::rehearsal::{Rehearsed, asked, by_other_timing, nothing_told};
use crate::driver::{Driver, RunError};
use crate::file::widget::Seen as SeenThere;

/// Looks at a scenario's part of a target while the engine plays the scenario.
pub struct Live {
    /// The scenario there.
    pub part: Part,
    /// What the target can be asked by now.
    pub reach: Reach,
    /// What was found out before.
    pub rehearsed: Rehearsed,
    /// How time goes on there.
    pub clock: PlayClock,
    /// The instant that has been reached.
    pub now: Instant,
    /// Where calls are made.
    pub runtime: Handle,
}

fn untested(why: &str) -> Untested {
    Untested(why.to_owned())
}

impl Live {
    fn driver(&self) -> Arc<Driver> {
        Arc::clone(self.part.driver())
    }

    /// Waits until what is read is conclusive.
    fn settle(&self) {
        let settled = self.part.settled();
        // A timer belongs to the runtime in which it is made.
        self.runtime.block_on(async { sleep_until(settled.monotonic.into()).await });
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

impl Observer for Live {
    type Error = RunError;

    fn advance(&mut self, to: Instant) -> Result<(), RunError> {
        if to <= self.now {
            return Ok(());
        }
        let (driver, spans) = (self.driver(), &self.rehearsed.spans);
        let way = (self.now, to);
        let fires = spans.fires(self.now, to).next().is_some();
        let going = self.clock.go_on(&driver, spans, way, self.part.settled());
        self.runtime.block_on(going)?;
        self.now = to;
        let timing = &driver.file().timing;
        // What the clock did shows as an edge does, or as who is gone.
        let within = match (fires, matches!(self.clock, PlayClock::Real)) {
            (true, _) => timing.logout_shows_within.max(timing.edge_shows_within),
            (false, false) => timing.edge_shows_within,
            (false, true) => return Ok(()),
        };
        self.part.settles_in(within);
        Ok(())
    }

    fn before(&mut self, event: &Event, facts: Facts<'_>) -> Result<(), RunError> {
        if !self.reach.note(event, facts) {
            return Ok(());
        }
        let runtime = self.runtime.clone();
        runtime.block_on(self.part.play(event, facts))
    }

    fn after(&mut self, _: Facts<'_>) -> Result<(), RunError> {
        Ok(())
    }

    fn agent(
        &mut self,
        agent: AgentId,
        expectation: &Expectation,
        facts: Facts<'_>,
    ) -> Result<Seen<Told<Vec<AgentStatus>>>, RunError> {
        let world = facts.world;
        let other = by_other_timing(&self.rehearsed.other_timing, expectation);
        if let Some(why) = other.or_else(|| self.reach.agent(agent, facts)) {
            return Ok(Seen::Told(Err(why)));
        }
        self.settle();
        if let Some(why) = self.too_late(&[agent], world) {
            return Ok(Seen::Told(Err(why)));
        }
        // Where the agent counts, that is what others see.
        let active =
            |property: &PropertyId| world.membership(agent, *property) == Some(Membership::Active);
        let properties = world.properties_of(agent);
        let property = properties.iter().find(|p| active(p)).or(properties.first());
        let member = property.and_then(|property| self.part.member(*property, agent));
        let Some(member) = member.cloned() else {
            return Ok(Seen::Told(Err(untested("the team: the agent is a member of nothing"))));
        };
        let driver = self.driver();
        let read = self.runtime.block_on(driver.read_member(&member))?;
        Ok(match read.what {
            Ok(status) => Seen::Told(Ok(status.iter().collect())),
            Err(fault) => Seen::Unreadable(fault.to_string()),
        })
    }

    fn widget(
        &mut self,
        widget: WidgetId,
        expectation: &Expectation,
        facts: Facts<'_>,
    ) -> Result<Seen<SeenWidget>, RunError> {
        let world = facts.world;
        if let Some(why) = by_other_timing(&self.rehearsed.other_timing, expectation) {
            return Ok(Seen::Told(nothing_told(&why)));
        }
        let reach = self.reach.widget(widget, &expectation.visitor, facts);
        let wanted: BTreeSet<_> = asked(expectation, false);
        if !reach.is_any(&wanted) {
            let nothing = nothing_told(&untested("nothing of it is told"));
            return Ok(Seen::Told(reach.over(nothing)));
        }
        self.settle();
        let members: Vec<AgentId> = world.members(world.property_of(widget)).to_vec();
        if let Some(why) = self.too_late(&members, world) {
            return Ok(Seen::Told(nothing_told(&why)));
        }
        let Some((there, members)) = self.part.widget(widget, world) else {
            return Ok(Seen::Told(nothing_told(&untested("the widget is not there"))));
        };
        let driver = self.driver();
        let reading = driver.read_widget(&there, &members, &expectation.visitor);
        let read = self.runtime.block_on(reading)?;
        Ok(match read.what {
            Ok(seen) => Seen::Told(reach.over(told(seen))),
            Err(fault) => Seen::Unreadable(fault.to_string()),
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
        self.part.tell()
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
