//! The decision tables: what a widget shows (W1 to W6), to whom (V1 to V4) and with what (C1, C3),
//! by the rule book or by another product's rules. Nothing else decides anything.

use std::borrow::Cow;

use crate::model::knobs::{EndMinute, HoursAre, OpenAndNobody, Overnight};
use crate::model::text::Country;
use crate::model::{
    Answer, Chat, Countries, DAY_MINUTES, DayHours, DeviceKind, Each, Form, HiddenBecause,
    Interval, Knob, PageList, Presence, Reason, RuleSet, SchedulerState, Settings, Visibility,
    Visitor, WeekHours, WidgetStatus,
};
use crate::mutations::{Mutation, is_on};
use crate::pages::{PageUrl, Pattern};

/// The status of a widget (rules W1 to W6) by a product's rules, of which the knobs `hours` and
/// `open_and_nobody` decide. `offline_when_all_agents_offline` is the setting of that name.
pub const fn answer(
    rules: &RuleSet,
    scheduler: SchedulerState,
    presence: Presence,
    offline_when_all_agents_offline: bool,
) -> Answer {
    use {Chat as C, Presence as P, Reason as R, SchedulerState as S, WidgetStatus as W};
    use {HoursAre as H, OpenAndNobody as N};
    let scheduler = match rules.hours {
        H::None => S::Off,
        H::Gate | H::OrPresent | H::Replace => scheduler,
    };
    let setting = offline_when_all_agents_offline;
    let (rule, status, chat, reason) = match (scheduler, presence, rules.hours) {
        (S::Closed, _, H::Gate | H::Replace | H::None) | (S::Closed, P::Nobody, H::OrPresent) => {
            (1, W::Offline, C::No, R::SchedulerClosed)
        }
        (S::Open, _, H::Replace) => (6, W::Online, C::Possible, R::SchedulerOpen),
        (_, P::Online, _) => (2, W::Online, C::Possible, R::AgentOnline),
        (_, P::Away, _) => (3, W::Away, C::Possible, R::AgentAway),
        (S::Off, P::Nobody, _) => (4, W::Offline, C::No, R::NobodyPresent),
        (S::Open, P::Nobody, _) => match (setting, rules.open_and_nobody) {
            (true, _) => (5, W::Offline, C::No, R::NobodyPresent),
            (false, N::Online) => (6, W::Online, C::No, R::SchedulerOpen),
            (false, N::OnlineChat) => (6, W::Online, C::Possible, R::SchedulerOpen),
            (false, N::Offline) => (6, W::Offline, C::No, R::NobodyPresent),
        },
    };
    Answer { status, chat, reason, rule }
}

/// The knob that decided an [`answer`], if one did: without it, it would be another.
pub fn decided(
    rules: &RuleSet,
    scheduler: SchedulerState,
    presence: Presence,
    offline_when_all_agents_offline: bool,
) -> Option<Knob> {
    let setting = offline_when_all_agents_offline;
    let given = answer(rules, scheduler, presence, setting);
    [Knob::Hours, Knob::OpenAndNobody].into_iter().find(|knob| {
        let mut without = *rules;
        without.copy_from(*knob, &RuleSet::BOOK);
        answer(&without, scheduler, presence, setting) != given
    })
}

/// Hours as a product reads them (rules S3, S4), of which the knobs `end_minute` and `overnight`
/// decide: those that it never opens left out, those that end a minute later made longer.
pub fn hours<'h>(rules: &RuleSet, hours: &'h WeekHours) -> Cow<'h, WeekHours> {
    if (rules.end_minute, rules.overnight) == (EndMinute::Closed, Overnight::Wraps) {
        return Cow::Borrowed(hours);
    }
    let mut read = hours.clone();
    let every = read.every.iter_mut().map(|line| &mut line.hours);
    read.weekdays.iter_mut().chain(every).for_each(|day| read_day(rules, day));
    let mut rules_of_dates = *rules;
    if is_on(Mutation::OvernightStillWraps) {
        rules_of_dates.overnight = Overnight::Wraps;
    }
    if is_on(Mutation::DatedEndMinuteCloses) {
        rules_of_dates.end_minute = EndMinute::Closed;
    }
    for place in 0..read.dates.entries().len() {
        if let Some(day) = read.dates.hours_mut(place) {
            read_day(&rules_of_dates, day);
        }
    }
    Cow::Owned(read)
}

fn read_day(rules: &RuleSet, day: &mut DayHours) {
    let wraps = |hours: &Interval| hours.days() == 0 && hours.runs_past_midnight();
    day.retain(|hours| !wraps(hours) || rules.overnight == Overnight::Wraps);
    if rules.end_minute == EndMinute::Open {
        day.iter_mut().for_each(|hours| *hours = a_minute_longer(*hours));
    }
}

/// No clock reads `24:00`, and so its minute is none that could be open (rule S3).
fn a_minute_longer(hours: Interval) -> Interval {
    let (start, end) = (hours.start_minute(), (hours.end_minute() + 1).min(DAY_MINUTES));
    let longer = match hours.days() {
        // What comes up to its start again is 24 hours.
        0 => Interval::new(start, end).or_else(|| Interval::over_days(start, end, 1)),
        days => Interval::over_days(start, end, days),
    };
    longer.unwrap_or(hours)
}

/// A bit for each of 128 widgets, in the words that a processor takes at once.
pub type Bits = [u64; 2];

/// What rules W1 to W6 need of 128 widgets: a cache line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(align(64))]
pub struct Facts128 {
    /// The scheduler is on, and closed (rule W1).
    pub closed: Bits,
    /// The presence is online (rule W2).
    pub online: Bits,
    /// The presence is away (rule W3).
    pub away: Bits,
    /// The scheduler is on, and *offline when all agents offline* is not (rule W6), or not
    /// [looked at](stays_up).
    pub stays_up: Bits,
}

/// The statuses of 128 widgets; where neither bit is set a widget is offline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Statuses128 {
    /// One bit a widget, set where it is online (rules W2, W6).
    pub online: Bits,
    /// One bit a widget, set where it is away (rule W3); never where it is online.
    pub away: Bits,
}

/// Whether a widget of such a scheduler is one that [stays up](Facts128::stays_up).
pub fn stays_up(rules: &RuleSet, scheduled: bool, offline_when_all_agents_offline: bool) -> bool {
    let nobody_asks = rules.hours == HoursAre::Replace && !is_on(Mutation::ReplacedHoursAsk);
    scheduled && (!offline_when_all_agents_offline || nobody_asks)
}

/// The table of [`answer`] for 128 widgets at once, as far as statuses go (rules W1 to W6).
#[inline]
pub fn statuses(facts: &Facts128) -> Statuses128 {
    let mut statuses = Statuses128::default();
    for word in 0..facts.closed.len() {
        let lit = !facts.closed[word];
        let (online, away) = (facts.online[word], facts.away[word]);
        let alone = if is_on(Mutation::SweepBothLit) { u64::MAX } else { !away };
        statuses.online[word] = lit & (online | alone & facts.stays_up[word]);
        statuses.away[word] = lit & away & !online;
    }
    statuses
}

/// In what the table of [`answer`] by a product's rules differs from the rule book's, for [`statuses_by`]: words
/// of all ones, or of none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusTable {
    /// Whoever is there counts even when closed.
    closed_counts: u64,
    /// What stays up is online while nobody is there.
    nobody_is_online: u64,
    /// What stays up is online whoever is there.
    anyone_is_online: u64,
}

impl StatusTable {
    /// The table of a product's rules.
    pub fn new(rules: &RuleSet) -> Self {
        let ones_if_online = |scheduler, presence| match answer(rules, scheduler, presence, false)
            .status
            == WidgetStatus::Online
        {
            true => u64::MAX,
            false => 0,
        };
        Self {
            closed_counts: ones_if_online(SchedulerState::Closed, Presence::Online),
            nobody_is_online: ones_if_online(SchedulerState::Open, Presence::Nobody),
            anyone_is_online: ones_if_online(SchedulerState::Open, Presence::Away),
        }
    }
}

/// The statuses of 128 widgets at once by whatever rules (W1 to W6).
#[inline]
pub fn statuses_by(table: &StatusTable, facts: &Facts128) -> Statuses128 {
    let StatusTable { closed_counts, nobody_is_online, anyone_is_online } = *table;
    let mut statuses = Statuses128::default();
    for word in 0..facts.closed.len() {
        let open = !facts.closed[word];
        let (online, away) = (facts.online[word], facts.away[word]);
        let counts = open | closed_counts;
        let stays_up = open & facts.stays_up[word];
        let alone = stays_up & !away & nobody_is_online;
        let anyone = stays_up & anyone_is_online;
        statuses.online[word] = counts & online | alone | anyone;
        statuses.away[word] = counts & away & !online & !anyone;
    }
    statuses
}

/// The form that a visitor gets (rules C2, C3), from the status alone.
pub const fn form(status: WidgetStatus, pre_chat_form: bool) -> Form {
    match (status, pre_chat_form) {
        (WidgetStatus::Offline, _) => Form::Offline,
        (WidgetStatus::Online | WidgetStatus::Away, true) => Form::PreChat,
        (WidgetStatus::Online | WidgetStatus::Away, false) => Form::None,
    }
}

/// The visibility settings of a widget, ready to be asked (rules V1 to V4).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisibilityRules {
    /// Lists, which few widgets have.
    lists: Option<Box<VisibilityLists>>,
    hide_on: EachKind,
    hide_when_offline: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct VisibilityLists {
    pages_show: Vec<Pattern>,
    pages_hide: Vec<Pattern>,
    countries: Option<Countries>,
}

type EachKind = Each<DeviceKind, bool, { DeviceKind::WORDS.len() }>;

impl VisibilityRules {
    /// Takes the visibility settings.
    pub fn new(settings: &Settings) -> Self {
        let Settings {
            hide_when_offline,
            hide_on,
            pages,
            countries,
            // What is no matter of visibility.
            scheduler: _,
            offline_when_all_agents_offline: _,
            greetings: _,
            pre_chat_form: _,
        } = settings;
        let compile = |list: PageList| pages[list].iter().map(Pattern::from).collect();
        let lists = VisibilityLists {
            pages_show: compile(PageList::Show),
            pages_hide: compile(PageList::Hide),
            countries: countries.clone(),
        };
        Self {
            lists: (lists != VisibilityLists::default()).then(|| Box::new(lists)),
            hide_on: hide_on.clone(),
            hide_when_offline: *hide_when_offline,
        }
    }

    /// Whether it matters who looks (rules V1 to V3): if not, every visitor sees the same.
    pub fn depend_on_visitor(&self) -> bool {
        let Self { lists, hide_on, hide_when_offline: _ } = self;
        lists.is_some() || hide_on.iter().any(|(_, hides)| *hides)
    }

    /// Whether a visitor sees a widget of this status: the first of V1 to V4 that hides it is the
    /// reason. What is unknown of the visitor satisfies no list.
    pub fn visibility(&self, visitor: &Visitor, status: WidgetStatus) -> Visibility {
        let hides = |because: &HiddenBecause| match because {
            HiddenBecause::Page => self.hides_page(visitor),
            HiddenBecause::Country => self.hides_country(visitor),
            HiddenBecause::Device => self.hides_device(visitor),
            HiddenBecause::Offline => {
                let dark = status == WidgetStatus::Offline
                    || is_on(Mutation::AwayHiddenAsOffline) && status == WidgetStatus::Away;
                self.hide_when_offline && dark
            }
        };
        let mut reasons = HiddenBecause::WORDS.iter().map(|(_, because)| *because);
        reasons.find(hides).map_or(Visibility::Shown, Visibility::Hidden)
    }

    /// Rule V1.
    fn hides_page(&self, visitor: &Visitor) -> bool {
        let Some(VisibilityLists { pages_show, pages_hide, .. }) = self.lists.as_deref() else {
            return false;
        };
        let page = visitor.page.as_deref().map(PageUrl::new);
        let on_any = |patterns: &[Pattern]| {
            page.as_ref().is_some_and(|page| patterns.iter().any(|p| p.matches(page)))
        };
        let hide_counts = pages_show.is_empty() || !is_on(Mutation::ShowBeatsHide);
        !pages_show.is_empty() && !on_any(pages_show) || hide_counts && on_any(pages_hide)
    }

    /// Rule V2.
    fn hides_country(&self, visitor: &Visitor) -> bool {
        let in_any = |countries: &[Country]| {
            visitor.country.is_some_and(|country| countries.contains(&country))
        };
        let unknown = visitor.country.is_none();
        match self.lists.as_ref().and_then(|lists| lists.countries.as_ref()) {
            None => false,
            Some(Countries::Only(_)) if is_on(Mutation::OnlyShowsUnknown) && unknown => false,
            Some(Countries::Except(_)) if is_on(Mutation::ExceptHidesUnknown) && unknown => true,
            Some(Countries::Only(countries)) => !in_any(countries),
            Some(Countries::Except(countries)) => in_any(countries),
        }
    }

    /// Rule V3.
    fn hides_device(&self, visitor: &Visitor) -> bool {
        visitor.device.is_some_and(|kind| {
            self.hide_on[kind]
                || is_on(Mutation::HideOnEveryKind) && self.hide_on.iter().any(|(_, hides)| *hides)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_statuses_holds_line_by_line() {
        use {Presence as P, SchedulerState as S};
        // Scheduler, presence, setting: rule, status, chat, reason; `None` for "any".
        type Line =
            (&'static [S], Option<P>, Option<bool>, u8, &'static str, &'static str, &'static str);
        let lines: [Line; 6] = [
            (&[S::Closed], None, None, 1, "offline", "no chat", "scheduler-closed"),
            (
                &[S::Off, S::Open],
                Some(P::Online),
                None,
                2,
                "online",
                "chat possible",
                "agent-online",
            ),
            (&[S::Off, S::Open], Some(P::Away), None, 3, "away", "chat possible", "agent-away"),
            (&[S::Off], Some(P::Nobody), None, 4, "offline", "no chat", "nobody-present"),
            (&[S::Open], Some(P::Nobody), Some(true), 5, "offline", "no chat", "nobody-present"),
            (&[S::Open], Some(P::Nobody), Some(false), 6, "online", "no chat", "scheduler-open"),
        ];
        let mut met = 0;
        for scheduler in [S::Off, S::Open, S::Closed] {
            for presence in [P::Online, P::Away, P::Nobody] {
                for setting in [false, true] {
                    let answer = answer(&RuleSet::BOOK, scheduler, presence, setting);
                    let found = (
                        answer.rule,
                        answer.status.word(),
                        answer.chat.word(),
                        answer.reason.word(),
                    );
                    let expected: Vec<_> = lines
                        .iter()
                        .filter(|line| {
                            line.0.contains(&scheduler)
                                && line.1.is_none_or(|p| p == presence)
                                && line.2.is_none_or(|s| s == setting)
                        })
                        .map(|line| (line.3, line.4, line.5, line.6))
                        .collect();
                    assert_eq!(vec![found], expected, "{scheduler:?} {presence:?} {setting}");
                    met += 1;
                }
            }
        }
        assert_eq!(met, 18);
    }

    /// A set of rules for every pair of positions of the two knobs that the table goes by.
    fn all_tables() -> Vec<RuleSet> {
        let mut all = Vec::new();
        for (_, hours) in HoursAre::WORDS {
            for (_, open_and_nobody) in OpenAndNobody::WORDS {
                let (hours, open_and_nobody) = (*hours, *open_and_nobody);
                all.push(RuleSet { hours, open_and_nobody, ..RuleSet::BOOK });
            }
        }
        all
    }

    #[test]
    fn many_widgets_at_once_are_as_one_by_one_by_whatever_rules() {
        use {Presence as P, SchedulerState as S};
        let mut inputs = Vec::new();
        for scheduler in [S::Off, S::Open, S::Closed] {
            for presence in [P::Online, P::Away, P::Nobody] {
                inputs.extend([false, true].map(|setting| (scheduler, presence, setting)));
            }
        }
        // Every input in every place of the word, beside all others.
        for (rules, turn) in all_tables().iter().flat_map(|rules| (0..128).map(move |t| (rules, t)))
        {
            let mut facts = Facts128::default();
            let of = |bit: usize| inputs[(bit + turn) % inputs.len()];
            for widget in 0..128 {
                let (scheduler, presence, setting) = of(widget);
                let put = |bits: &mut Bits, on| bits[widget / 64] |= u64::from(on) << (widget % 64);
                put(&mut facts.closed, scheduler == S::Closed);
                put(&mut facts.online, presence == P::Online);
                put(&mut facts.away, presence == P::Away);
                put(&mut facts.stays_up, stays_up(rules, scheduler != S::Off, setting));
            }
            let swept = statuses_by(&StatusTable::new(rules), &facts);
            if *rules == RuleSet::BOOK {
                assert_eq!(swept, statuses(&facts));
            }
            for widget in 0..128 {
                let (scheduler, presence, setting) = of(widget);
                let is = |bits: Bits| bits[widget / 64] >> (widget % 64) & 1 == 1;
                let found = match (is(swept.online), is(swept.away)) {
                    (true, false) => WidgetStatus::Online,
                    (false, true) => WidgetStatus::Away,
                    (false, false) => WidgetStatus::Offline,
                    (true, true) => panic!("{:?} is both", of(widget)),
                };
                let expected = answer(rules, scheduler, presence, setting).status;
                assert_eq!(found, expected, "{rules:?}: {:?}", of(widget));
            }
        }
    }

    /// The knobs `hours` and `open_and_nobody`, the scheduler, the presence, the setting; the answer, and
    /// the knob that decided.
    const OTHER_TABLES: &str = "\
        gate | online | open | nobody | off | W6 online, no chat, scheduler-open | -
        gate | online-chat | open | nobody | off | W6 online, chat possible, scheduler-open | open_and_nobody
        gate | online-chat | open | nobody | on | W5 offline, no chat, nobody-present | -
        gate | offline | open | nobody | off | W6 offline, no chat, nobody-present | open_and_nobody
        gate | offline | open | away | off | W3 away, chat possible, agent-away | -
        gate | offline | closed | online | off | W1 offline, no chat, scheduler-closed | -
        or-present | online | closed | online | on | W2 online, chat possible, agent-online | hours
        or-present | online | closed | away | off | W3 away, chat possible, agent-away | hours
        or-present | online | closed | nobody | off | W1 offline, no chat, scheduler-closed | -
        or-present | online | open | nobody | on | W5 offline, no chat, nobody-present | -
        or-present | online-chat | open | nobody | off | W6 online, chat possible, scheduler-open | open_and_nobody
        or-present | online | off | nobody | off | W4 offline, no chat, nobody-present | -
        replace | offline | open | nobody | on | W6 online, chat possible, scheduler-open | hours
        replace | online | open | away | off | W6 online, chat possible, scheduler-open | hours
        replace | online | closed | online | off | W1 offline, no chat, scheduler-closed | -
        replace | online | off | away | off | W3 away, chat possible, agent-away | -
        none | online | closed | online | off | W2 online, chat possible, agent-online | hours
        none | online-chat | open | nobody | off | W4 offline, no chat, nobody-present | hours
        none | online | closed | nobody | off | W4 offline, no chat, nobody-present | hours
        none | online | open | online | off | W2 online, chat possible, agent-online | -";

    #[test]
    fn other_tables_hold_line_by_line_and_name_the_knob_that_decided() {
        for line in OTHER_TABLES.lines() {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [hours, open_and_nobody, scheduler, presence, setting, expected, knob] = cells[..]
            else {
                panic!("seven cells: {line}")
            };
            let mut rules = RuleSet::BOOK;
            rules.put(Knob::Hours, hours).expect("a position");
            rules.put(Knob::OpenAndNobody, open_and_nobody).expect("a position");
            let scheduler = match scheduler {
                "off" => SchedulerState::Off,
                "open" => SchedulerState::Open,
                _ => SchedulerState::Closed,
            };
            let presence = Presence::from_word(presence).expect("a presence");
            let setting = setting == "on";
            let Answer { status, chat, reason, rule } =
                answer(&rules, scheduler, presence, setting);
            assert_eq!(format!("W{rule} {status}, {chat}, {reason}"), expected, "{line}");
            let decided = decided(&rules, scheduler, presence, setting);
            assert_eq!(decided.map_or("-", Knob::name), knob, "{line}");
        }
    }

    #[test]
    fn hours_are_left_out_and_made_longer_as_a_product_reads_them() {
        let week = |hours: &[&str]| {
            let mut week = WeekHours::default();
            week.weekdays[2] = hours.iter().map(|hours| hours.parse().expect("hours")).collect();
            week
        };
        let written = week(&[
            "09:00-12:00",
            "22:00-02:00",
            "18:00-24:00",
            "23:00-23:59",
            "09:00-08:59",
            "20:00-03:00+1d",
        ]);
        let by = |end_minute, overnight| {
            hours(&RuleSet { end_minute, overnight, ..RuleSet::BOOK }, &written).into_owned()
        };
        assert_eq!(by(EndMinute::Closed, Overnight::Wraps), written);
        assert_eq!(
            by(EndMinute::Open, Overnight::Wraps),
            week(&[
                "09:00-12:01",
                "22:00-02:01",
                "18:00-24:00",
                "23:00-24:00",
                "09:00-09:00+1d",
                "20:00-03:01+1d",
            ])
        );
        assert_eq!(
            by(EndMinute::Closed, Overnight::NeverOpens),
            week(&["09:00-12:00", "18:00-24:00", "23:00-23:59", "20:00-03:00+1d"])
        );
    }

    #[test]
    fn forms_follow_from_the_status_alone() {
        use WidgetStatus::{Away, Offline, Online};
        for (status, pre_chat_form, expected) in [
            (Offline, false, Form::Offline),
            (Offline, true, Form::Offline),
            (Away, false, Form::None),
            (Away, true, Form::PreChat),
            (Online, false, Form::None),
            (Online, true, Form::PreChat),
        ] {
            assert_eq!(form(status, pre_chat_form), expected);
        }
    }
}
