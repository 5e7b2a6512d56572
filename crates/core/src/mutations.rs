//! Mistakes that a programmer might have made in the engine, built in on purpose, so that what holds
//! the engine against the oracle can prove that it would find each of them. They exist only under
//! `--cfg lamplighter_mutations`, which no build for users sets; without it every question after one is
//! answered `false` as the code is compiled, and nothing is left of it.

#[cfg(lamplighter_mutations)]
use std::cell::Cell;
#[cfg(lamplighter_mutations)]
use std::sync::OnceLock;

macro_rules! mutations {
    ($($mutation:ident $name:literal $text:literal;)*) => {
        /// One mistake, and what it gets wrong; each changes something that visitors, team-mates or
        /// whoever asks for the next change can see.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Mutation {
            $(#[doc = $text] $mutation,)*
        }

        #[cfg(lamplighter_mutations)]
        impl Mutation {
            /// Every mutation, in the order of the rule book.
            pub const ALL: &[Self] = &[$(Self::$mutation),*];

            /// A name for commands and reports, in kebab-case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$mutation => $name),* }
            }

            /// What goes wrong, and with which rule.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$mutation => $text),* }
            }
        }
    };
}

mutations! {
    // Presence.
    LoginKeepsStatus "login-keeps-status"
        "a login where the device is logged in already keeps its status (rule P1)";
    EverywhereReachesLoggedOut "everywhere-reaches-logged-out"
        "what is said without a device also reaches devices that are logged out (rules P2, P3)";
    LogoutEndsAll "logout-ends-all"
        "logging out of one device ends the agent's others, too (rule P3)";
    LastDeviceDecides "last-device-decides"
        "an agent's status is that of the last device that is logged in, not the highest (rule P4)";
    ThirdDeviceNotCounted "third-device-not-counted"
        "an agent's third device and those after it add nothing to the agent's status (rule P4)";
    InvisibleCounts "invisible-counts"
        "an invisible member counts as online (rule P5)";
    AwayBeatsOnline "away-beats-online"
        "one device away makes the property away, whoever is online (rule P5)";
    StandingNotCounted "standing-not-counted"
        "members who find no seat, or have none any more, count nowhere (rule P5)";
    StandingForgotten "standing-forgotten"
        "a seated member's change forgets the members who stand (rule P5)";
    SuspendedCounts "suspended-counts"
        "a member who is suspended while being there goes on counting (rule P6)";
    ReinstatementNotTold "reinstatement-not-told"
        "widgets hear of a reinstatement only when the presence next changes (rule P6)";
    SecondPropertyNotTold "second-property-not-told"
        "only the first property of an agent hears of the agent's changes (rule P6)";
    GraceEndsLate "grace-ends-late"
        "the grace ends a millisecond late (rule P7)";
    ZeroGraceNeverEnds "zero-grace-never-ends"
        "a grace of nothing is taken for a grace without end (rule P7)";
    CountdownSurvivesLogin "countdown-survives-login"
        "a new login within the grace does not end the countdown (rule P7)";
    CountdownSurvivesReconnect "countdown-survives-reconnect"
        "a countdown that was ended still logs the device out when it would have run out (rule P7)";
    StatusEndsCountdown "status-ends-countdown"
        "a status set within the grace ends the countdown (rule P7)";
    SecondLossRestartsCountdown "second-loss-restarts-countdown"
        "a connection that is lost already is lost again, and its grace begins anew (rule P7)";
    CountdownsOverwriteEachOther "countdowns-overwrite-each-other"
        "of several countdowns that run out at one instant only one counts (rules P7, P8)";
    ActivityNotCounted "activity-not-counted"
        "activity does not put off going away (rule P8)";
    InvisibleGoesAway "invisible-goes-away"
        "an invisible device goes away like an online one (rule P8)";
    ActivityLeavesAway "activity-leaves-away"
        "activity leaves a device away that went away by itself (rule P8)";
    ActivityUndoesAwayByHand "activity-undoes-away-by-hand"
        "activity makes a device online that was set to away by hand (rule P8)";
    MarkSurvivesStatus "mark-survives-status"
        "a status by hand on a device that went away by itself still counts as the rule's (rule P8)";
    AutoAwayTriesOnce "auto-away-tries-once"
        "a device that was active in the meantime is not looked at again when it is idle (rule P8)";
    GoesBackToOnline "goes-back-to-online"
        "a status for a time ends with online, whatever was before it (rule P9)";
    GoesBackToAutoAway "goes-back-to-auto-away"
        "an away by the clock counts as a status that was given, and is gone back to (rule P9)";
    TimeWithinATimeIsGoneBackTo "time-within-a-time-is-gone-back-to"
        "behind a status for a time comes the one whose place it took (rule P9)";
    TimeSurvivesLogin "time-survives-login"
        "a new login does not end the time of a status (rule P9)";
    TimeSurvivesStatus "time-survives-status"
        "another status does not end the time of the one before (rule P9)";
    TimeEndsLate "time-ends-late"
        "the time of a status is over a millisecond late (rule P9)";
    GoingBackIsNoActivity "going-back-is-no-activity"
        "going back does not count as activity (rules P8, P9)";
    NextForgetsTimes "next-forgets-times"
        "the next change by the clock is foretold without the times of statuses (rule P9)";

    // Presence by other rules.
    OneStatusNotShared "one-status-not-shared"
        "a status that is set on one device does not reach the others of an agent who has one for \
         all (rule P2, `devices`)";
    IdlenessOfEachDevice "idleness-of-each-device"
        "with one status for all devices, activity on one does not keep the others from going away \
         (rule P8, `devices`)";
    NewestAsHighest "newest-as-highest"
        "the highest status counts where the newest should (rule P4, `merge`)";
    NewestThoughLoggedOut "newest-though-logged-out"
        "a device that was logged out goes on being the newest (rule P4, `merge`)";
    StatusNotNewest "status-not-newest"
        "a status by hand does not make its device the newest (rule P4, `merge`)";
    ClockNotNewest "clock-not-newest"
        "going away by itself does not make a device the newest (rule P4, `merge`)";
    LoginForgets "login-forgets"
        "a login gives online where it should give back the last status (rule P1, `login`)";
    LogoutEndsAtOnce "logout-ends-at-once"
        "a logout that should only lose the connection ends the device (rule P3, `logout`)";
    AccountGoesOn "account-goes-on"
        "a logout that should end all devices ends one (rule P3, `logout`)";
    KeptByTheClock "kept-by-the-clock"
        "a login gives back an away that came by the clock (rule P1, `login`)";
    IdleGoesAway "idle-goes-away"
        "idleness that should log out makes away (rule P8, `idle`)";

    // Scheduler.
    SchedulerOffStaysClosed "scheduler-off-stays-closed"
        "a scheduler that is turned off leaves the widget as open or closed as it was (rule S1)";
    ClockChangeIgnored "clock-change-ignored"
        "hours go by the offset of when they were set, whatever the clock does (rule S2)";
    SkippedEdgesLost "skipped-edges-lost"
        "what opens or closes as the clock jumps forward never does (rule S2)";
    RepeatedHourOnce "repeated-hour-once"
        "hours in a repeated hour happen once (rule S2)";
    NextEdgeIgnoresClockChange "next-edge-ignores-clock-change"
        "the next edge ahead is looked for as if the clock were never changed (rule S2)";
    ClockChangeNoEdge "clock-change-no-edge"
        "a clock change that itself opens or closes is not taken for an edge (rule S2)";
    FirstWidgetOnly "first-widget-only"
        "of the widgets with the same hours only the first opens and closes (rule S2)";
    FirstScheduleOnly "first-schedule-only"
        "of the schedules of a zone with an edge at one instant only the first has it (rule S2)";
    ReplacedScheduleGoesOn "replaced-schedule-goes-on"
        "hours that were replaced or taken back go on opening and closing the widget (rule S2)";
    NewScheduleOpen "new-schedule-open"
        "hours that were just set count as open until their first edge (rule S2)";
    EndMinuteInclusive "end-minute-inclusive"
        "hours are still open at their end minute (rule S3)";
    StartMinuteExclusive "start-minute-exclusive"
        "hours are not open yet at their start minute (rule S3)";
    InnerIntervalCuts "inner-interval-cuts"
        "an interval that begins within another one ends it at its own end (rule S3)";
    OvernightCutAtMidnight "overnight-cut-at-midnight"
        "an interval past midnight ends at midnight (rule S4)";
    SundayEveningLost "sunday-evening-lost"
        "what runs past Sunday's midnight does not reach Monday (rule S4)";
    DateCutsEveningBefore "date-cuts-evening-before"
        "on a dated day the evening before is looked up on the day itself (rule S5)";
    DatedEveningLost "dated-evening-lost"
        "past midnight after a dated day the weekday's evening goes on, not the date's (rule S5)";
    SundayFirstBesideDates "sunday-first-beside-dates"
        "with dated entries in the hours, the weekdays begin on Sunday (rule S3)";
    DatedByUtc "dated-by-utc"
        "a dated entry is looked up by the date in UTC (rule S5)";
    WeekdayEdgesOnDates "weekday-edges-on-dates"
        "the weekday's hours open and close beside those of a dated entry (rule S5)";
    OneDayBackAlone "one-day-back-alone"
        "hours that run over several days end on the day after they begin (rule S4)";
    RangeIsItsFirstDate "range-is-its-first-date"
        "a range of dates names its first date alone (rule S7)";
    RangeEndExcluded "range-end-excluded"
        "a range of dates does not name its last date (rule S7)";
    YearlyRangeEndsWithTheYear "yearly-range-ends-with-the-year"
        "a range of every year that runs over the new year ends with the old one (rule S7)";
    LastWeekdayIsTheFourth "last-weekday-is-the-fourth"
        "the last weekday of a month is its fourth, though there is a fifth (rule S7)";
    EasterAWeekLate "easter-a-week-late"
        "Easter is a week late (rule S7)";
    ShiftOfDatesLost "shift-of-dates-lost"
        "days before or behind Easter and the weekdays of a month are not counted (rule S7)";
    EarlierEntryCounts "earlier-entry-counts"
        "of several entries that name a date the one written first counts (rule S7)";
    CutsReplaceEachOther "cuts-replace-each-other"
        "of several cuts of a date only one is made (rule S8)";
    CutEndsAtMidnight "cut-ends-at-midnight"
        "a cut past midnight ends at midnight (rule S8)";
    CutReplacesEntry "cut-replaces-entry"
        "on a date with a cut the weekday's hours apply, not those of its entry (rule S8)";
    WeeksFromSunday "weeks-from-sunday"
        "weeks that take turns begin on Sunday (rule S9)";
    TurnsBeginWithTheirDate "turns-begin-with-their-date"
        "hours of every n-th week do not apply before the date from which they are counted (rule S9)";

    // Status.
    OnlineBeatsClosed "online-beats-closed"
        "an agent who is online keeps a closed widget up (rule W1)";
    AwayAsNobody "away-as-nobody"
        "an agent who is away counts as nobody (rule W3)";
    SettingIgnored "setting-ignored"
        "the setting *offline when all agents offline* does nothing (rule W5)";
    ChatWithNobody "chat-with-nobody"
        "a chat can start where only the scheduler keeps the widget up (rule W6)";
    SweepBothLit "sweep-both-lit"
        "in the sweep a widget that stays up is online beside being away (rule W3)";

    // Status by other rules.
    ClosedWhoeverIsThere "closed-whoever-is-there"
        "closed hours do not let whoever is there count where they should (rule W1, `hours`)";
    ReplacedHoursAsk "replaced-hours-ask"
        "the setting *offline when all agents offline* counts where hours replace presence (rule W6, \
         `hours`)";
    DatedEndMinuteCloses "dated-end-minute-closes"
        "the end minute of a dated entry's hours is closed where it should be open (rule S3, \
         `end_minute`)";
    OvernightStillWraps "overnight-still-wraps"
        "dated intervals past midnight open where none should (rule S4, `overnight`)";

    // Visibility.
    ShowBeatsHide "show-beats-hide"
        "`pages hide` does nothing where there is a `pages show` (rule V1)";
    FinalStarMatchesNothing "final-star-matches-nothing"
        "a star as the last segment also stands for no segment (rule V1)";
    EveryPageNeedsSegment "every-page-needs-segment"
        "`/*` does not match the empty path (rule V1)";
    HostCaseCounts "host-case-counts"
        "hosts are compared with regard to case (rule V1)";
    QueryCounts "query-counts"
        "the query and the fragment count (rule V1)";
    EncodingCounts "encoding-counts"
        "percent-encoding is compared as it is written (rule V1)";
    OnlyShowsUnknown "only-shows-unknown"
        "`countries only` shows the widget where the country is unknown (rule V2)";
    ExceptHidesUnknown "except-hides-unknown"
        "`countries except` hides the widget where the country is unknown (rule V2)";
    HideOnEveryKind "hide-on-every-kind"
        "`hide-on` one kind of device hides the widget from both (rule V3)";
    AwayHiddenAsOffline "away-hidden-as-offline"
        "`hide-when-offline` also hides a widget that is away (rule V4)";

    // Content.
    AwayGreetedAsOnline "away-greeted-as-online"
        "the greeting of online is also that of away (rule C1)";
    FormFollowsChat "form-follows-chat"
        "where no chat can start, the offline form comes, whatever the status (rules C1, C2)";

    // Time.
    ClockAfterEvents "clock-after-events"
        "what the clock does at an instant comes after the events of that instant (rule T2)";
    EdgeBesideDeadlineUnreported "edge-beside-deadline-unreported"
        "an edge at the instant of a deadline changes the widget and is not reported (rule T3)";
    ReasonsNotListed "reasons-not-listed"
        "a timeline does not list an instant at which the reason alone is another (rule T3)";
    NextForgetsGrace "next-forgets-grace"
        "the next change by the clock is foretold without the grace (rule P7)";
    NextNamesReasons "next-names-reasons"
        "the next change by the clock may be one of the reason alone (rule T3)";
}

/// Whether a mutation is switched on: never.
#[cfg(not(lamplighter_mutations))]
#[inline(always)]
pub const fn is_on(_: Mutation) -> bool {
    false
}

#[cfg(lamplighter_mutations)]
thread_local! {
    /// The one that is switched on.
    static ON: Cell<Option<Mutation>> = const { Cell::new(None) };
}

/// The one that is switched on for good, on every thread.
#[cfg(lamplighter_mutations)]
static FOR_GOOD: OnceLock<Mutation> = OnceLock::new();

/// Whether a mutation is switched on, on this thread or for good.
#[cfg(lamplighter_mutations)]
#[inline]
pub fn is_on(mutation: Mutation) -> bool {
    ON.get() == Some(mutation) || FOR_GOOD.get() == Some(&mutation)
}

/// Switches a mutation on, on every thread and for good; the first one stays.
#[cfg(lamplighter_mutations)]
pub fn for_good(mutation: Mutation) {
    FOR_GOOD.get_or_init(|| mutation);
}

/// Switches a mutation on, on this thread and while `f` runs, in place of any other.
#[cfg(lamplighter_mutations)]
pub fn with<T>(mutation: Mutation, f: impl FnOnce() -> T) -> T {
    /// Puts back what was on before, also when `f` panics.
    struct Restore(Option<Mutation>);

    impl Drop for Restore {
        fn drop(&mut self) {
            ON.set(self.0);
        }
    }

    let _restore = Restore(ON.replace(Some(mutation)));
    f()
}

#[cfg(all(test, lamplighter_mutations))]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_those_of_the_faults_in_kebab_case() {
        let names: BTreeSet<&str> = Mutation::ALL.iter().map(|mutation| mutation.name()).collect();
        assert_eq!(names.len(), Mutation::ALL.len());
        for mutation in Mutation::ALL {
            let mut kebab = String::new();
            for letter in format!("{mutation:?}").chars() {
                if letter.is_uppercase() && !kebab.is_empty() {
                    kebab.push('-');
                }
                kebab.extend(letter.to_lowercase());
            }
            assert_eq!(mutation.name(), kebab);
        }
    }

    #[test]
    fn every_text_names_a_rule_and_is_said_once() {
        let texts: BTreeSet<&str> = Mutation::ALL.iter().map(|mutation| mutation.text()).collect();
        assert_eq!(texts.len(), Mutation::ALL.len());
        for text in texts {
            let rule = text.rsplit_once(" (rule").map(|(_, rule)| rule);
            assert!(rule.is_some_and(|rule| rule.ends_with(')')), "{text}");
        }
    }

    #[test]
    fn a_fault_is_on_while_asked_for_and_on_this_thread_alone() {
        let (outer, inner) = (Mutation::LoginKeepsStatus, Mutation::QueryCounts);
        with(outer, || {
            assert!(is_on(outer) && !is_on(inner));
            with(inner, || assert!(is_on(inner) && !is_on(outer)));
            assert!(is_on(outer) && !is_on(inner));
            std::thread::scope(|scope| scope.spawn(|| assert!(!is_on(outer))).join())
                .expect("a mutation is on in another thread");
            let unwound = std::panic::catch_unwind(|| with(inner, || panic!("as asked for")));
            assert!(unwound.is_err() && is_on(outer));
        });
        assert!(!is_on(outer));
    }
}
