//! Makes a case small that shows a difference: whatever can be left out or made plainer without
//! losing it, is. What remains is what matters.

use std::sync::Arc;

use super::case::{Case, Step, device_of_mut};
use super::play::{Difference, Kind, Played, noticed_by, play};
use super::question::{Asked, Finding, Question, ask, without_impossible};
use crate::hours::Zones;
use crate::model::{
    AgentId, Chosen, DeviceId, DeviceKind, Event, Instant, Interval, Millis, PropertyId, Scheduler,
    Setting, SettingName, Settings, WidgetId, WidgetStatus,
};
use crate::world::Membership;

/// A small case, and what it shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shrunken {
    /// The case.
    pub case: Case,
    /// What engine and rule book answer at its end; `None` where no scenario can ask for it.
    pub finding: Option<Finding>,
    /// How many smaller cases were tried.
    pub tries: usize,
}

/// Trying is over after so many cases.
const TRIES_MAX: usize = 20_000;
/// And after so many where each must be looked at minute by minute.
const HIDDEN_TRIES_MAX: usize = 400;

/// Shrinks a case that has a difference.
pub fn shrink(case: &Case, difference: &Difference, zones: &Arc<Zones>) -> Shrunken {
    let shown = case.until(difference.at, difference.after);
    if let Kind::Finding(finding) = &difference.kind {
        let possible = without_impossible(&shown, zones);
        for start in [possible, shown.clone()] {
            if let Asked::Differs(finding) = ask(&start, &finding.question, zones) {
                let mut shrinker = Shrinker {
                    zones,
                    case: start,
                    shows: Shows::Finding(finding),
                    tries: 0,
                    tries_max: TRIES_MAX,
                };
                shrinker.run();
                return shrinker.done();
            }
        }
    }
    let tries_max = HIDDEN_TRIES_MAX;
    let case = Case { end: case.end, ..shown };
    let shows = Shows::Hidden(noticed_by(&difference.kind).to_owned());
    let mut shrinker = Shrinker { zones, case, shows, tries: 0, tries_max };
    shrinker.run();
    shrinker.done()
}

/// What must not be lost.
enum Shows {
    Finding(Finding),
    /// A difference that is noticed in the same way.
    Hidden(String),
}

struct Shrinker<'a> {
    zones: &'a Arc<Zones>,
    case: Case,
    shows: Shows,
    tries: usize,
    tries_max: usize,
}

impl Shrinker<'_> {
    fn done(self) -> Shrunken {
        let finding = match self.shows {
            Shows::Finding(finding) => Some(finding),
            Shows::Hidden(_) => None,
        };
        Shrunken { case: self.case, finding, tries: self.tries }
    }

    /// Everything in turn, until nothing helps any more.
    fn run(&mut self) {
        loop {
            let before = (self.case.clone(), self.question());
            self.leave_out_steps();
            self.leave_out_properties();
            self.leave_out_widgets();
            self.leave_out_agents();
            self.leave_out_members();
            self.one_device_less();
            self.plainer_timing();
            self.plainer_settings();
            self.plainer_steps();
            self.plainer_visitor();
            self.plainer_times();
            if (self.case.clone(), self.question()) == before || self.tries >= self.tries_max {
                return;
            }
        }
    }

    fn question(&self) -> Option<Question> {
        match &self.shows {
            Shows::Finding(finding) => Some(finding.question.clone()),
            Shows::Hidden(_) => None,
        }
    }

    /// Takes a case instead if it still shows a difference.
    fn take(&mut self, case: Case) -> bool {
        let question = self.question();
        self.take_with(case, question)
    }

    fn take_with(&mut self, mut case: Case, question: Option<Question>) -> bool {
        case.number_devices();
        case.visits.retain(|visit| (case.start..=case.end).contains(&visit.at));
        if (&case == &self.case && question == self.question()) || self.tries >= self.tries_max {
            return false;
        }
        if !case.is_in_order() || !case.everybody_is_a_member(question.as_ref()) {
            return false;
        }
        self.tries += 1;
        let shows = match question {
            Some(question) => match ask(&case, &question, self.zones) {
                Asked::Differs(finding) => Shows::Finding(finding),
                Asked::Same | Asked::NoScenario => return false,
            },
            None => {
                let Ok(Played { difference: Some(other), .. }) = play(&case, self.zones) else {
                    return false;
                };
                let noticed_by = noticed_by(&other.kind);
                match &self.shows {
                    Shows::Hidden(before) if before == noticed_by => {}
                    _ => return false,
                }
                Shows::Hidden(noticed_by.to_owned())
            }
        };
        self.case = case;
        self.shows = shows;
        true
    }

    /// Half of the steps, then a quarter, down to each one.
    fn leave_out_steps(&mut self) {
        let mut length = self.case.steps.len();
        while length > 0 {
            let mut at = 0;
            while at < self.case.steps.len() {
                let mut case = self.case.clone();
                let end = case.steps.len().min(at + length);
                case.steps.drain(at..end);
                if !self.take(case) {
                    at += length;
                }
            }
            length /= 2;
        }
    }

    fn leave_out_properties(&mut self) {
        for index in (0..self.case.properties.len()).rev() {
            let gone = PropertyId::new(index);
            let first = self.case.properties[..index].iter().map(|p| p.widgets.len()).sum();
            let count = self.case.properties[index].widgets.len();
            let mut case = self.case.clone();
            case.properties.remove(index);
            keep_steps(&mut case.steps, |event| match event {
                Event::Suspend(_, property) | Event::Reinstate(_, property) => {
                    *property = match *property {
                        same if same == gone => return false,
                        other if other > gone => PropertyId::new(other.index() - 1),
                        other => other,
                    };
                    true
                }
                Event::Configure(widget, _) => renumber_widget(widget, first, count),
                _ => true,
            });
            let Some(question) = self.without_widgets(first, count) else { continue };
            self.take_with(case, question);
        }
    }

    fn leave_out_widgets(&mut self) {
        let mut first = self.case.widget_count();
        for property in (0..self.case.properties.len()).rev() {
            for index in (0..self.case.properties[property].widgets.len()).rev() {
                first -= 1;
                if self.case.properties[property].widgets.len() == 1 {
                    continue;
                }
                let mut case = self.case.clone();
                case.properties[property].widgets.remove(index);
                keep_steps(&mut case.steps, |event| match event {
                    Event::Configure(widget, _) => renumber_widget(widget, first, 1),
                    _ => true,
                });
                let Some(question) = self.without_widgets(first, 1) else { continue };
                self.take_with(case, question);
            }
        }
    }

    /// The question when some widgets are gone; `None` where it is about one of them.
    fn without_widgets(&self, first: usize, count: usize) -> Option<Option<Question>> {
        let mut question = self.question();
        if let Some(
            Question::Widget(widget) | Question::Visitor(widget, _) | Question::Next(widget, _),
        ) = &mut question
            && !renumber_widget(widget, first, count)
        {
            return None;
        }
        Some(question)
    }

    fn leave_out_agents(&mut self) {
        for index in (0..self.case.agent_count).rev() {
            let gone = AgentId::new(index);
            let renumbered = |agent: AgentId| match agent {
                same if same == gone => None,
                other if other > gone => Some(AgentId::new(other.index() - 1)),
                other => Some(other),
            };
            let mut case = self.case.clone();
            case.agent_count -= 1;
            for property in &mut case.properties {
                let members = std::mem::take(&mut property.members).into_iter();
                let kept = members.filter_map(|(agent, how)| Some((renumbered(agent)?, how)));
                property.members = kept.collect();
            }
            keep_steps(&mut case.steps, |event| renumber_agents(event, &renumbered));
            let mut question = self.question();
            if let Some(Question::Agent(agent)) = &mut question {
                let Some(other) = renumbered(*agent) else { continue };
                *agent = other;
            }
            self.take_with(case, question);
        }
    }

    fn leave_out_members(&mut self) {
        for property in 0..self.case.properties.len() {
            for index in (0..self.case.properties[property].members.len()).rev() {
                let (agent, how) = self.case.properties[property].members[index];
                // Whoever acts must be a member somewhere.
                let others = self.case.properties.iter().enumerate();
                let elsewhere = others
                    .filter(|(other, _)| *other != property)
                    .any(|(_, other)| other.members.iter().any(|(member, _)| *member == agent));
                if elsewhere {
                    let mut case = self.case.clone();
                    case.properties[property].members.remove(index);
                    if self.take(case) {
                        continue;
                    }
                }
                if how == Membership::Suspended {
                    let mut case = self.case.clone();
                    case.properties[property].members[index].1 = Membership::Active;
                    self.take(case);
                }
            }
        }
    }

    /// Lets one device do what another does, too.
    fn one_device_less(&mut self) {
        for agent in self.case.agents() {
            for slot in (1..self.case.device_count(agent)).rev() {
                let mut case = self.case.clone();
                for step in &mut case.steps {
                    if let Some(device) = device_of_mut(&mut step.event)
                        && *device == DeviceId::new(agent, slot)
                    {
                        *device = DeviceId::new(agent, slot - 1);
                    }
                }
                self.take(case);
            }
        }
    }

    fn plainer_timing(&mut self) {
        self.take(Case { auto_away: None, ..self.case.clone() });
        for grace in [Millis::DEFAULT_GRACE, Millis(60_000)] {
            self.take(Case { grace, ..self.case.clone() });
        }
        self.take(Case { visits: Vec::new(), ..self.case.clone() });
    }

    fn plainer_settings(&mut self) {
        for property in 0..self.case.properties.len() {
            for widget in 0..self.case.properties[property].widgets.len() {
                for name in names() {
                    let mut case = self.case.clone();
                    case.properties[property].widgets[widget].set(name.taken_back());
                    self.take(case);
                }
                let settings = |case: &Case| case.properties[property].widgets[widget].clone();
                let put = |case: &mut Case, settings: Settings| {
                    case.properties[property].widgets[widget] = settings;
                };
                self.plainer_scheduler(
                    |case| settings(case).scheduler.as_deref().cloned(),
                    |case, scheduler| {
                        let mut settings = settings(case);
                        settings.set(Setting::Scheduler(Some(scheduler)));
                        put(case, settings);
                    },
                );
                self.plainer_lists(&settings, &put);
            }
        }
        for index in 0..self.case.steps.len() {
            self.plainer_scheduler(
                |case| match &case.steps.get(index)?.event {
                    Event::Configure(_, setting) => match &**setting {
                        Setting::Scheduler(scheduler) => scheduler.clone(),
                        _ => None,
                    },
                    _ => None,
                },
                |case, scheduler| {
                    if let Event::Configure(_, setting) = &mut case.steps[index].event {
                        **setting = Setting::Scheduler(Some(scheduler));
                    }
                },
            );
        }
    }

    /// Fewer patterns and countries.
    fn plainer_lists(
        &mut self,
        settings: &impl Fn(&Case) -> Settings,
        put: &impl Fn(&mut Case, Settings),
    ) {
        for part in 0..2 {
            let mut index = 0;
            loop {
                let mut plainer = settings(&self.case);
                let pages =
                    if part == 0 { &mut plainer.pages_show } else { &mut plainer.pages_hide };
                if index >= pages.len() {
                    break;
                }
                pages.remove(index);
                let mut case = self.case.clone();
                put(&mut case, plainer);
                if !self.take(case) {
                    index += 1;
                }
            }
        }
    }

    /// Plainer hours of one scheduler: none on a date or a day, one interval less, UTC, the whole day.
    fn plainer_scheduler(
        &mut self,
        get: impl Fn(&Case) -> Option<Scheduler>,
        put: impl Fn(&mut Case, Scheduler),
    ) {
        let Some(scheduler) = get(&self.case) else { return };
        let try_with = |shrinker: &mut Self, change: &dyn Fn(&mut Scheduler)| {
            if let Some(mut scheduler) = get(&shrinker.case) {
                change(&mut scheduler);
                let mut case = shrinker.case.clone();
                put(&mut case, scheduler);
                shrinker.take(case);
            }
        };
        try_with(self, &|scheduler| scheduler.zone = "UTC".to_owned());
        for date in scheduler.hours.dates.keys() {
            try_with(self, &|scheduler| drop(scheduler.hours.dates.remove(date)));
        }
        try_with(self, &|scheduler| scheduler.hours.weekdays.fill(Vec::new()));
        let whole_day: Vec<Interval> = Interval::new(0, 24 * 60).into_iter().collect();
        try_with(self, &|scheduler| scheduler.hours.weekdays.fill(whole_day.clone()));
        for day in 0..7 {
            try_with(self, &|scheduler| {
                let same = scheduler.hours.weekdays[day].clone();
                scheduler.hours.weekdays.fill(same);
            });
            try_with(self, &|scheduler| scheduler.hours.weekdays[day].clear());
            for index in (0..scheduler.hours.weekdays[day].len()).rev() {
                try_with(self, &|scheduler| remove(&mut scheduler.hours.weekdays[day], index));
            }
        }
        for date in scheduler.hours.dates.keys() {
            for index in (0..scheduler.hours.dates[date].len()).rev() {
                try_with(self, &|scheduler| {
                    if let Some(entry) = scheduler.hours.dates.get_mut(date) {
                        remove(entry, index);
                    }
                });
            }
            try_with(self, &|scheduler| {
                if let Some(entry) = scheduler.hours.dates.get_mut(date) {
                    entry.clear();
                }
            });
        }
    }

    fn plainer_steps(&mut self) {
        for index in 0..self.case.steps.len() {
            let plainer = match self.case.steps[index].event.clone() {
                Event::SetStatusEverywhere(agent, chosen) => (0..self.case.device_count(agent))
                    .map(|slot| Event::SetStatus(DeviceId::new(agent, slot), chosen))
                    .collect(),
                Event::LogoutEverywhere(agent) => (0..self.case.device_count(agent))
                    .map(|slot| Event::Logout(DeviceId::new(agent, slot)))
                    .collect(),
                Event::SetStatus(device, Chosen::Invisible) => {
                    vec![Event::SetStatus(device, Chosen::Away)]
                }
                _ => Vec::new(),
            };
            for event in plainer {
                let mut case = self.case.clone();
                case.steps[index].event = event;
                if self.take(case) {
                    break;
                }
            }
        }
    }

    fn plainer_visitor(&mut self) {
        for part in 0..3 {
            let Some(Question::Visitor(widget, mut visitor)) = self.question() else { return };
            match part {
                0 => visitor.page = None,
                1 => visitor.country = None,
                _ => visitor.device = None,
            }
            self.take_with(self.case.clone(), Some(Question::Visitor(widget, visitor)));
        }
    }

    /// What happens comes as late as it can, one right after the other, at plain times.
    fn plainer_times(&mut self) {
        self.take(Case { start: self.case.end, ..self.case.clone() });
        if let Some(first) = self.case.steps.first() {
            self.take(Case { start: first.at, ..self.case.clone() });
        }
        for index in (0..self.case.steps.len()).rev() {
            let next = self.case.steps.get(index + 1).map_or(self.case.end, |next| next.at);
            let previous = match index.checked_sub(1) {
                Some(before) => self.case.steps[before].at,
                None => self.case.start,
            };
            let own = self.case.steps[index].at;
            let candidates = [Some(next), Some(previous)]
                .into_iter()
                .chain([3_600_000, 60_000, 1_000].map(|unit| rounded(own, unit)))
                .flatten();
            for at in candidates {
                let at = at.clamp(previous, next);
                if at != own && (at == next || at == previous || is_plainer(at, own)) {
                    let mut case = self.case.clone();
                    case.steps[index].at = at;
                    if self.take(case) {
                        break;
                    }
                }
            }
        }
        self.plainer_end();
        if let Some(first) = self.case.steps.first() {
            self.take(Case { start: first.at, ..self.case.clone() });
        }
    }

    fn plainer_end(&mut self) {
        let last = self.case.steps.last().map_or(self.case.start, |last| last.at);
        let end = self.case.end;
        let rounded = [3_600_000, 60_000, 1_000].map(|unit| rounded(end, unit));
        for end in std::iter::once(last).chain(rounded.into_iter().flatten()) {
            if end >= last && (end == last || is_plainer(end, self.case.end)) {
                let case = Case { end, ..self.case.clone() };
                if self.take(case) {
                    return;
                }
            }
        }
    }
}

fn remove(intervals: &mut Vec<Interval>, index: usize) {
    if index < intervals.len() {
        intervals.remove(index);
    }
}

/// Keeps the steps that remain, and changes their ids.
fn keep_steps(steps: &mut Vec<Step>, keep: impl Fn(&mut Event) -> bool) {
    steps.retain_mut(|step| keep(&mut step.event));
}

/// The id of a widget when some others are gone; false where it is one of them.
fn renumber_widget(widget: &mut WidgetId, first: usize, count: usize) -> bool {
    match widget.index() {
        before if before < first => true,
        behind if behind >= first + count => {
            *widget = WidgetId::new(behind - count);
            true
        }
        _ => false,
    }
}

fn renumber_agents(event: &mut Event, renumbered: &impl Fn(AgentId) -> Option<AgentId>) -> bool {
    if let Some(device) = device_of_mut(event) {
        let Some(agent) = renumbered(device.agent()) else { return false };
        *device = DeviceId::new(agent, device.slot());
        return true;
    }
    match event {
        Event::SetStatusEverywhere(agent, _)
        | Event::LogoutEverywhere(agent)
        | Event::Suspend(agent, _)
        | Event::Reinstate(agent, _) => match renumbered(*agent) {
            Some(other) => {
                *agent = other;
                true
            }
            None => false,
        },
        _ => true,
    }
}

/// An instant without what is finer than a unit.
fn rounded(at: Instant, unit_ms: i64) -> Option<Instant> {
    Instant::from_millis(at.as_millis() - at.as_millis().rem_euclid(unit_ms))
}

/// Whether a time has fewer digits that matter.
fn is_plainer(at: Instant, other: Instant) -> bool {
    let digits = |at: Instant| {
        let ms = at.as_millis();
        [3_600_000, 60_000, 1_000].iter().filter(|unit| ms.rem_euclid(**unit) != 0).count()
    };
    digits(at) < digits(other)
}

/// All that can be taken back.
fn names() -> Vec<SettingName> {
    let statuses = [WidgetStatus::Online, WidgetStatus::Away, WidgetStatus::Offline];
    let mut names = vec![
        SettingName::Scheduler,
        SettingName::OfflineWhenAllAgentsOffline,
        SettingName::HideWhenOffline,
        SettingName::HideOn(DeviceKind::Desktop),
        SettingName::HideOn(DeviceKind::Mobile),
        SettingName::PagesShow,
        SettingName::PagesHide,
        SettingName::Countries,
        SettingName::PreChatForm,
    ];
    names.extend(statuses.map(SettingName::Greeting));
    names
}
