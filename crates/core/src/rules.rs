//! The decision tables of the rule book: what a widget shows (W1 to W6), to whom (V1 to V4) and
//! with what (C1, C3). Nothing else decides anything.

use crate::model::text::Country;
use crate::model::{
    Answer, Chat, Countries, DeviceKind, Each, Form, HiddenBecause, PageList, Presence, Reason,
    SchedulerState, Settings, Visibility, Visitor, WidgetStatus,
};
use crate::mutations::{Mutation, is_on};
use crate::pages::{PageUrl, Pattern};

/// The status of a widget (rules W1 to W6). `offline_when_all_agents_offline` is the setting of
/// that name.
pub const fn answer(
    scheduler: SchedulerState,
    presence: Presence,
    offline_when_all_agents_offline: bool,
) -> Answer {
    use {Chat as C, Presence as P, Reason as R, SchedulerState as S, WidgetStatus as W};
    let (rule, status, chat, reason) = match (scheduler, presence, offline_when_all_agents_offline)
    {
        (S::Closed, _, _) => (1, W::Offline, C::No, R::SchedulerClosed),
        (S::Off | S::Open, P::Online, _) => (2, W::Online, C::Possible, R::AgentOnline),
        (S::Off | S::Open, P::Away, _) => (3, W::Away, C::Possible, R::AgentAway),
        (S::Off, P::Nobody, _) => (4, W::Offline, C::No, R::NobodyPresent),
        (S::Open, P::Nobody, true) => (5, W::Offline, C::No, R::NobodyPresent),
        (S::Open, P::Nobody, false) => (6, W::Online, C::No, R::SchedulerOpen),
    };
    Answer { status, chat, reason, rule }
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
    /// The scheduler is on, and *offline when all agents offline* is not (rule W6).
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
    pages_show: Vec<Pattern>,
    pages_hide: Vec<Pattern>,
    countries: Option<Countries>,
    hide_on: EachKind,
    hide_when_offline: bool,
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
        Self {
            pages_show: compile(PageList::Show),
            pages_hide: compile(PageList::Hide),
            countries: countries.clone(),
            hide_on: hide_on.clone(),
            hide_when_offline: *hide_when_offline,
        }
    }

    /// Whether it matters who looks (rules V1 to V3): if not, every visitor sees the same.
    pub fn depend_on_visitor(&self) -> bool {
        let Self { pages_show, pages_hide, countries, hide_on, hide_when_offline: _ } = self;
        !pages_show.is_empty()
            || !pages_hide.is_empty()
            || countries.is_some()
            || hide_on.iter().any(|(_, hides)| *hides)
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
        let page = visitor.page.as_deref().map(PageUrl::new);
        let on_any = |patterns: &[Pattern]| {
            page.as_ref().is_some_and(|page| patterns.iter().any(|p| p.matches(page)))
        };
        let hide_counts = self.pages_show.is_empty() || !is_on(Mutation::ShowBeatsHide);
        !self.pages_show.is_empty() && !on_any(&self.pages_show)
            || hide_counts && on_any(&self.pages_hide)
    }

    /// Rule V2.
    fn hides_country(&self, visitor: &Visitor) -> bool {
        let in_any = |countries: &[Country]| {
            visitor.country.is_some_and(|country| countries.contains(&country))
        };
        let unknown = visitor.country.is_none();
        match &self.countries {
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
                    let answer = answer(scheduler, presence, setting);
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

    #[test]
    fn many_widgets_at_once_are_as_one_by_one() {
        use {Presence as P, SchedulerState as S};
        let mut inputs = Vec::new();
        for scheduler in [S::Off, S::Open, S::Closed] {
            for presence in [P::Online, P::Away, P::Nobody] {
                inputs.extend([false, true].map(|setting| (scheduler, presence, setting)));
            }
        }
        // Every input in every place of the word, beside all others.
        for turn in 0..128 {
            let mut facts = Facts128::default();
            let of = |bit: usize| inputs[(bit + turn) % inputs.len()];
            for widget in 0..128 {
                let (scheduler, presence, setting) = of(widget);
                let scheduled = scheduler != S::Off;
                let put = |bits: &mut Bits, on| bits[widget / 64] |= u64::from(on) << (widget % 64);
                put(&mut facts.closed, scheduler == S::Closed);
                put(&mut facts.online, presence == P::Online);
                put(&mut facts.away, presence == P::Away);
                put(&mut facts.stays_up, scheduled && !setting);
            }
            let statuses = statuses(&facts);
            for widget in 0..128 {
                let (scheduler, presence, setting) = of(widget);
                let is = |bits: Bits| bits[widget / 64] >> (widget % 64) & 1 == 1;
                let found = match (is(statuses.online), is(statuses.away)) {
                    (true, false) => WidgetStatus::Online,
                    (false, true) => WidgetStatus::Away,
                    (false, false) => WidgetStatus::Offline,
                    (true, true) => panic!("{:?} is both", of(widget)),
                };
                assert_eq!(found, answer(scheduler, presence, setting).status, "{:?}", of(widget));
            }
        }
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
