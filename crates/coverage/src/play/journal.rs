//! A world to which rows of a journal come one by one, from whoever keeps it, instead of a scenario.

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::{Event, Instant};
use lamplighter_core::world::{Timing, World};
use lamplighter_scenario::language::Roster;
use lamplighter_scenario::play::Happening;

use super::lane::Lane;
use crate::figures::{Coverage, VisitorsOutside};
use crate::fold::FoldOptions;

/// A world that a journal is played into, and what is folded from it.
pub struct JournalPlayer {
    lane: Lane,
    zone: Arc<Zone>,
    from: Instant,
}

impl JournalPlayer {
    /// A world in which nothing has happened yet. The report begins where `options` say, or where the
    /// world does if that is later.
    pub fn new(world: World, options: &FoldOptions<'_>) -> Self {
        Self {
            from: options.from.max(world.now()),
            zone: Arc::clone(options.zone),
            lane: Lane::new(world, options),
        }
    }

    /// A row says that something happened, no earlier than the one before it; one that could not
    /// happen is counted as an anomaly.
    pub fn happen(&mut self, at: Instant, event: Event) {
        self.lane.apply(&Happening { at, event: Some(event), is_row: true });
    }

    /// A row says that grace and auto-away were set (rules P7, P8).
    pub fn put_timing(&mut self, at: Instant, timing: Timing) {
        self.lane.put_timing(at, timing);
    }

    /// What it came to until an instant, that one excluded, under the names of a roster; `None` where
    /// the report would be of no time.
    pub fn finish(self, to: Instant, roster: Roster) -> Option<Coverage> {
        let Self { lane, zone, from } = self;
        if to <= from {
            return None;
        }
        let (events, anomalies) = (lane.events(), lane.anomalies());
        let (widgets, staffing) = lane.finish(to);
        Some(Coverage {
            roster,
            zone,
            from,
            to,
            events,
            anomalies,
            widgets,
            has_visitors: false,
            visitors_outside: VisitorsOutside::default(),
            staffing,
            alternatives: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Class;
    use crate::figures::{Cause, Doing};
    use crate::fold::Detail;
    use lamplighter_core::hours::Zones;
    use lamplighter_core::model::{Millis, Settings};
    use lamplighter_core::world::{Membership, WorldBuilder};

    /// A player with one agent, who is the member of one property with a widget that is always open.
    fn player(at: Instant, from: Instant) -> (JournalPlayer, Roster) {
        let timing = Timing { grace: Millis(120_000), auto_away: None };
        let zones = Arc::new(Zones::bundled());
        let mut world = WorldBuilder::new(timing).build(at, zones).expect("no zones");
        let mut roster = Roster::default();
        roster.agents.intern("ann");
        roster.properties.intern("acme");
        roster.widgets.intern("acme");
        let (ann, acme) = (world.add_agent(), world.add_property());
        world.add_widget(acme, Settings::default()).expect("no zones");
        world.put_members(acme, &[(ann, Membership::Active)], &mut |_| {});
        let zone = Arc::new(Zone::utc());
        let options = FoldOptions {
            detail: Detail::Whole,
            from,
            zone: &zone,
            ghost_after: Millis(3_600_000),
            agents: 1,
            properties: 1,
        };
        (JournalPlayer::new(world, &options), roster)
    }

    fn at(minute: i64) -> Instant {
        Instant::from_millis(1_773_000_000_000 + minute * 60_000).expect("an instant")
    }

    #[test]
    fn what_the_clock_does_after_a_setting_is_seen_at_its_instant() {
        let (mut player, mut roster) = player(at(0), at(0));
        let ann = roster.agents.get("ann").expect("interned");
        let laptop = roster.intern_device(ann, "laptop");
        let phone = roster.intern_device(ann, "phone");
        player.happen(at(0), Event::Login(laptop));
        player.happen(at(0), Event::Login(phone));
        player
            .put_timing(at(1), Timing { grace: Millis(120_000), auto_away: Some(Millis(600_000)) });
        player.happen(at(5), Event::Activity(laptop));
        // The phone goes away in minute 11, which nobody sees, and the laptop in minute 15.
        let coverage = player.finish(at(60), roster).expect("an hour");
        let widget = &coverage.widgets[0];
        assert_eq!(widget.totals.times.of(Class::Staffed), 15 * 60_000);
        assert_eq!(widget.totals.times.of(Class::AwayOnly), 45 * 60_000);
        let cause = widget.longest[1].kept[0].cause;
        let idle = Cause::Member { agent: ann, device: Some(laptop), doing: Doing::Idle };
        assert_eq!(cause, idle);
        assert_eq!((coverage.events, coverage.anomalies), (3, 0));
    }

    #[test]
    fn a_report_begins_no_earlier_than_the_world_and_is_of_some_time() {
        let (mut begun, mut roster) = player(at(10), at(0));
        let ann = roster.agents.get("ann").expect("interned");
        let laptop = roster.intern_device(ann, "laptop");
        begun.happen(at(10), Event::Login(laptop));
        begun.happen(at(12), Event::Reconnect(laptop));
        let coverage = begun.finish(at(20), roster).expect("ten minutes");
        assert_eq!((coverage.from, coverage.to), (at(10), at(20)));
        assert_eq!((coverage.events, coverage.anomalies), (1, 1), "it was not lost");
        let totals = &coverage.widgets[0].totals;
        assert_eq!(totals.times.of(Class::Staffed), 10 * 60_000);
        assert_eq!(totals.changes, 0, "what happens at the first instant comes before the report");
        let (none, roster) = player(at(10), at(0));
        assert!(none.finish(at(10), roster).is_none());
    }
}
