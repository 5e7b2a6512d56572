//! What is forgotten: a day takes no more room than an hour, and no verdict hangs on it.

use super::*;
use crate::draw::Draw;
use crate::result::Judged;

/// A device as it truly is.
#[derive(Clone, Copy, Default)]
struct Device {
    /// Its status while it is logged in.
    status: Option<Chosen>,
    /// When its connection was lost.
    lost: Option<Micros>,
    /// The moment of a write that nobody answered, after which it has not logged in anew.
    in_doubt: Option<Micros>,
}

const DEVICES: [(AgentIndex, DeviceSlot); 3] = [LAPTOP, PHONE, DESK];
const GRACE: Micros = 10 * SECOND_US;

/// A service that does what the rules say, at once, and those who use it.
struct Service {
    draw: Draw,
    run: Run,
    now: Micros,
    devices: [Device; 3],
    /// How many reads in a hundred are answered with whatever comes to mind.
    wrong: u64,
    /// Of each widget what its stream was told last.
    told: [Option<ShownState>; 2],
    session: SessionId,
}

impl Service {
    fn new(seed: u64, wrong: u64) -> Self {
        let mut service = Self {
            draw: Draw(seed),
            run: Run::new(),
            now: SECOND_US,
            devices: [Device::default(); 3],
            wrong,
            told: [None; 2],
            session: 100,
        };
        service.open_streams();
        service
    }

    fn below(&mut self, end: u64) -> u64 {
        self.draw.next() % end
    }

    fn within(&mut self, length: Micros) -> Micros {
        self.below(length as u64) as Micros
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// What a widget shows now; the further one is open from 12:01 to 12:03.
    fn shown(&self, widget: WidgetIndex) -> ShownState {
        let is_open = (MINUTE..3 * MINUTE).contains(&self.now.rem_euclid(24 * 60 * MINUTE));
        let has = |chosen| self.devices.iter().any(|device| device.status == Some(chosen));
        match (widget == SALES, is_open) {
            (true, false) => OFFLINE,
            _ if has(Chosen::Online) => ONLINE,
            _ if has(Chosen::Away) => AWAY,
            (true, true) => ALONE,
            (false, _) => OFFLINE,
        }
    }

    fn open_streams(&mut self) {
        for widget in [ACME, SALES] {
            self.run.opens(widget, self.session + u64::from(widget), self.now);
        }
        self.told = [None; 2];
        self.tell();
    }

    /// Every stream is told what has changed.
    fn tell(&mut self) {
        for widget in [ACME, SALES] {
            let shown = self.shown(widget);
            if self.told[widget as usize] != Some(shown) {
                self.told[widget as usize] = Some(shown);
                let version = self.run.version;
                self.run.push(self.session + u64::from(widget), self.now + MS, shown, version);
            }
        }
    }

    /// The clock goes on; graces run out, and edges pass, at their instants.
    fn go_on(&mut self, until: Micros) {
        let day = self.now - self.now.rem_euclid(24 * 60 * MINUTE);
        let ends = self.devices.iter().filter_map(|device| Some(device.lost? + GRACE));
        let edges = [1, 3].map(|minute| day + minute * MINUTE);
        let mut instants: Vec<Micros> = ends.chain(edges).collect();
        instants.retain(|at| (self.now + 1..=until).contains(at));
        instants.sort_unstable();
        for at in instants {
            self.now = at;
            for device in &mut self.devices {
                if device.lost.is_some_and(|lost| lost + GRACE <= at) {
                    *device = Device { in_doubt: device.in_doubt, ..Device::default() };
                }
            }
            self.tell();
        }
        self.now = until;
    }

    /// Something happens, some seconds after what happened last.
    fn go_about(&mut self) {
        let until = self.now + 100 * MS + self.within(3 * SECOND_US);
        self.go_on(until);
        match self.below(100) {
            0..70 => self.read(),
            70..72 => {
                for widget in [ACME, SALES] {
                    let session = self.session + u64::from(widget);
                    self.run.records.push(Record::StreamClosed { session, at: self.now });
                }
                self.session += 2;
                self.go_on(self.now + 5 * MS);
                self.open_streams();
            }
            _ => self.write(),
        }
    }

    fn read(&mut self) {
        let widget = self.below(2) as WidgetIndex;
        let shown = match self.chance(self.wrong) {
            true => [OFFLINE, AWAY, ONLINE][self.below(3) as usize],
            false => self.shown(widget),
        };
        let version = self.chance(60).then_some(self.run.version);
        let (before, after) = (self.within(20 * MS), self.within(20 * MS));
        let seen = widget_seen(widget, Delivery::Polled, shown);
        self.run.observe(1, (self.now - before, self.now + after), version, seen);
    }

    fn write(&mut self) {
        let which = self.below(3) as usize;
        let (device, key) = (self.devices[which], DEVICES[which]);
        let waited = device.in_doubt.is_none_or(|since| self.now - since < 10 * MINUTE);
        let statuses = [Chosen::Online, Chosen::Away, Chosen::Invisible];
        let chosen = statuses[self.below(3) as usize];
        if device.lost.is_some() {
            let comes_back = self.chance(60);
            return self.end(which, if comes_back { Effect::Connect } else { Effect::Login });
        }
        let effect = match (device.status, self.below(100)) {
            (None, _) => Effect::Login,
            (Some(_), 0..60) => Effect::Status(chosen),
            (Some(_), 60..68) => Effect::Logout,
            // For ten minutes nobody knows what became of a write.
            (Some(_), 68..85) if !waited || device.in_doubt.is_none() => Effect::Login,
            (Some(_), 68..85) => Effect::Status(chosen),
            (Some(_), _) => {
                self.run.lose(key, self.now);
                self.devices[which].lost = Some(self.now);
                return;
            }
        };
        self.end(which, effect);
    }

    /// A write is made, and ends in some way.
    fn end(&mut self, which: usize, effect: Effect) {
        let key = DEVICES[which];
        let sent = self.now;
        let is_unanswered = !matches!(effect, Effect::Connect | Effect::Login) && self.chance(4);
        let happens = !is_unanswered || self.chance(50);
        let takes_effect = self.now + 1 + self.within(20 * MS);
        self.go_on(takes_effect);
        let is_too_late = effect == Effect::Connect && self.devices[which].lost.is_none();
        if happens && !is_too_late {
            self.apply(which, effect);
            self.run.version += 1;
        }
        let version = self.run.version;
        self.tell();
        let returns = self.now + 2 * MS + self.within(20 * MS);
        self.go_on(returns);
        let completion = match (is_unanswered, effect) {
            (true, _) => {
                self.devices[which].in_doubt.get_or_insert(sent);
                Completion::Indeterminate
            }
            (false, Effect::Connect) if is_too_late => Completion::LoggedOut,
            (false, Effect::Connect) => Completion::Done(Vec::new()),
            (false, _) => Completion::Done(vec![(0, version)]),
        };
        self.run.ends(key, effect, sent, self.now, completion);
    }

    fn apply(&mut self, which: usize, effect: Effect) {
        let device = &mut self.devices[which];
        match effect {
            Effect::Login => *device = Device { status: Some(Chosen::Online), ..Device::default() },
            Effect::Connect => device.lost = None,
            Effect::Status(chosen) => device.status = device.status.map(|_| chosen),
            Effect::Logout => *device = Device { in_doubt: device.in_doubt, ..Device::default() },
        }
    }
}

/// A judge of a run that lasts a day.
fn judge_of_a_day() -> Judge {
    let plan = Arc::new(RunPlan { duration: Millis(86_400_000), ..(*plan()).clone() });
    let bounds = StalenessBounds::exact(plan.grace);
    let bound = StalenessBound { within: 250 * MS, bounds, clock_ahead: 0, clock_uncertain: 0 };
    let judge = Judge::new(plan, bound, &Zones::bundled(), Arc::new(Tally::new(60_000)));
    judge.expect("zones that there are")
}

/// Plays so long, and tells the judge every second; `looks` hears how much it keeps each time.
fn played(
    mut judge: Judge,
    mut service: Service,
    length: Micros,
    mut looks: impl FnMut(Micros, usize),
) -> JudgeReport {
    let mut later: Vec<Record> = Vec::new();
    while service.now < length {
        let told = service.now;
        while service.now < told + SECOND_US {
            service.go_about();
        }
        // Nothing that is still to come is of a moment before this one.
        let until = service.now - SECOND_US;
        later.append(&mut service.run.records);
        let (ready, rest) = later.drain(..).partition(|record| record.at() < until);
        later = rest;
        judge.take(ready, until);
        looks(service.now, judge.kept());
    }
    let end = service.now + 100 * MS;
    judge.take(later, end);
    judge.finish(end + SECOND_US)
}

#[test]
fn a_judge_that_forgets_says_the_same_as_one_that_never_does() {
    let mut classes: BTreeMap<Class, u64> = BTreeMap::new();
    for seed in 1..=12 {
        let said = |judge: Judge| {
            let report = played(judge, Service::new(seed, 8), 12 * MINUTE, |_, _| ());
            let JudgeReport { judged, propagation, edges, wrong, met } = report;
            let evidence: Vec<_> = judged
                .evidence
                .iter()
                .map(|found| (found.at.clone(), found.why.clone(), found.admissible.clone()))
                .collect();
            (Judged { evidence: Vec::new(), ..judged }, evidence, propagation, edges, wrong, met)
        };
        let forgets = said(judge_of_a_day());
        let never = said(judge_of_a_day().that_never_forgets());
        assert_eq!(forgets, never, "seed {seed}");
        for (class, count) in never.0.wrong {
            *classes.entry(class).or_default() += count;
        }
    }
    for class in [Class::Stale, Class::Phantom, Class::EdgeLate] {
        assert!(classes.get(&class).is_some_and(|count| *count > 3), "{classes:?}");
    }
}

#[test]
fn a_day_takes_no_more_room_than_an_hour() {
    let (mut hour, mut day) = (0, 0);
    let report = played(judge_of_a_day(), Service::new(7, 0), 24 * 60 * MINUTE, |at, kept| {
        let most = if at < 60 * MINUTE { &mut hour } else { &mut day };
        *most = kept.max(*most);
    });
    let judged = report.judged;
    assert_eq!(judged.wrong_count(), 0, "{:?}", judged.wrong);
    assert!(judged.reads > 30_000 && judged.races["write-unanswered"] > 100, "{judged:?}");
    assert!(day * 2 <= hour * 3 && day < 400, "{hour} in the first hour, {day} later");
    // It is the forgetting that does it.
    let mut never = 0;
    let judge = judge_of_a_day().that_never_forgets();
    played(judge, Service::new(7, 0), 20 * MINUTE, |_, kept| never = kept.max(never));
    assert!(never > 2 * day, "{never} without it, {day} with it");
}
