//! What a run must have met, or it has proved little: things that happen at one instant, and the
//! corners of calendars and rules.

macro_rules! coverage {
    ($($point:ident $name:literal $text:literal)*) => {
        /// Something that a run is to meet now and then.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum CoveragePoint {
            $(#[doc = $text] $point),*
        }

        impl CoveragePoint {
            /// Every coverage point once, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$point),*];

            /// The name of the point in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$point => $name),* }
            }

            /// What happens there, in a sentence.
            pub fn text(self) -> &'static str {
                match self { $(Self::$point => $text),* }
            }
        }

        const COUNT: usize = [$(CoveragePoint::$point),*].len();
    };
}

coverage! {
    EventAtAnEdge "event-at-an-edge" "something happens at the very instant of a scheduler edge"
    GraceEndsAtAnEdge "grace-ends-at-an-edge" "a grace runs out at the very instant of an edge"
    AwayAtAnEdge "away-at-an-edge" "a device goes away by itself at the very instant of an edge"
    GraceEndsAsOtherGoesAway "grace-ends-as-other-goes-away" "a grace runs out as a device goes away by itself"
    TwoGracesEnd "two-graces-end" "two graces run out at one instant"
    SeveralEdges "several-edges" "several widgets open or close at one instant"
    EventAsGraceEnds "event-as-grace-ends" "something happens as a grace runs out"
    EventAsOneGoesAway "event-as-one-goes-away" "something happens as a device goes away by itself"
    ReconnectAsGraceEnds "reconnect-as-grace-ends" "a device reconnects at the very instant at which its grace ran out"
    ReconnectInTime "reconnect-in-time" "a device reconnects within its last second"
    ReconnectTooLate "reconnect-too-late" "a device reconnects after its grace ran out"
    LoginAsGraceEnds "login-as-grace-ends" "a device logs in at the very instant at which its grace ran out"
    LoginWithinGrace "login-within-grace" "a login ends a countdown"
    LogoutWithinGrace "logout-within-grace" "a logout ends a countdown"
    StatusWithinGrace "status-within-grace" "a status is set while the connection is lost"
    AwayWithinGrace "away-within-grace" "a device goes away by itself while its connection is lost"
    LostTwice "lost-twice" "a connection is lost that is lost already"
    LostAgain "lost-again" "a connection is lost for the second time"
    LoginAfterGrace "login-after-grace" "a device logs in again whose grace ran out"
    NoGrace "no-grace" "a connection is lost where there is no grace"
    ActivityAsItGoesAway "activity-as-it-goes-away" "a device is active at the very instant at which it went away by itself"
    ActivityBringsBack "activity-brings-back" "activity ends an away that came by itself"
    ActivityKeepsAway "activity-keeps-away" "activity does not end an away that was chosen"
    EverywhereWithALost "everywhere-with-a-lost" "a status for all devices, one of which has lost its connection"
    EverywhereWithALoggedOut "everywhere-with-a-logged-out" "a status for all devices, one of which is logged out"
    SameDeviceTwice "same-device-twice" "two things happen to one device at one instant"
    SuspendedWhileOnline "suspended-while-online" "a member is suspended who is online"
    SuspendedWithinGrace "suspended-within-grace" "a member is suspended whose connection is lost"
    ReinstatedWhileOnline "reinstated-while-online" "a member is reinstated who is online"
    TwoProperties "two-properties" "one event changes widgets of two properties"
    EighthMember "eighth-member" "something is done by a member of a property with more than seven"
    ThirdDevice "third-device" "something is done on an agent's third device"
    InvisibleAlone "invisible-alone" "nobody is there but invisible members"
    ImpossibleEvent "impossible-event" "an event cannot happen"
    SchedulerSetAtItsEdge "scheduler-set-at-its-edge" "a scheduler is set at the very instant of its edge"
    HoursReplacedWhileOpen "hours-replaced-while-open" "other hours come while a widget is open"
    SchedulerOffWhileClosed "scheduler-off-while-closed" "a scheduler is turned off while it is closed"
    SettingDecides "setting-decides" "a visibility setting changes what is shown"
    RepeatedHour "repeated-hour" "an edge falls into an hour that comes twice"
    ClockChangeIsAnEdge "clock-change-is-an-edge" "a widget opens or closes because a clock is changed"
    ClockChangeWithinGrace "clock-change-within-grace" "a clock is changed while a grace runs"
    DaySkipped "day-skipped" "a calendar day is skipped, or comes twice"
    EveningIntoADatedDay "evening-into-a-dated-day" "an interval runs past midnight into a day with a dated entry"
    DatedEvening "dated-evening" "an interval of a dated entry runs past midnight"
    DatedClosed "dated-closed" "a dated entry closes a day"
    YearTurns "year-turns" "a year ends on a scheduler's clock"
    LeapDay "leap-day" "a 29th of February begins on a scheduler's clock"
    RuleW1 "rule-w1" "a widget is offline because its scheduler is closed"
    RuleW2 "rule-w2" "a widget is online because an agent is"
    RuleW3 "rule-w3" "a widget is away because agents are"
    RuleW4 "rule-w4" "a widget is offline without a scheduler"
    RuleW5 "rule-w5" "a widget is offline in its hours"
    RuleW6 "rule-w6" "a widget is online in its hours without anybody"
    HiddenByPage "hidden-by-page" "a visitor does not see a widget because of the page"
    HiddenByCountry "hidden-by-country" "a visitor does not see a widget because of the country"
    HiddenByDevice "hidden-by-device" "a visitor does not see a widget because of the device"
    HiddenByStatus "hidden-by-status" "a visitor does not see a widget because it is offline"
    UnknownPage "unknown-page" "a visitor on an unknown page meets a list of pages"
    UnknownCountry "unknown-country" "a visitor from an unknown country meets a list of countries"
    PreChatForm "pre-chat-form" "a form comes before the chat"
    RangeOfDates "range-of-dates" "a range of dates names a day"
    EveryYear "every-year" "a date or a range of every year names a day"
    WeekdayOfAMonth "weekday-of-a-month" "a weekday of a month names a day"
    EasterDay "easter-day" "a day is named by Easter"
    TwoEntriesOfADay "two-entries-of-a-day" "two entries name the same day"
    CutOfADay "cut-of-a-day" "something is cut out of the hours of a day"
    TwoCutsOfADay "two-cuts-of-a-day" "two cuts are made on the same day"
    CutPastMidnight "cut-past-midnight" "a cut runs past midnight"
    TurnOfAWeek "turn-of-a-week" "a weekday has the hours of a week that takes turns"
    OverDays "over-days" "an interval runs over a whole day"
    FixedOffset "fixed-offset" "a scheduler goes by a fixed offset"
    GoesBack "goes-back" "a device goes back from a status for a time"
    GoesBackAsGraceEnds "goes-back-as-grace-ends" "a time is over as a grace runs out"
    GoesBackAsOtherGoesAway "goes-back-as-other-goes-away" "a time is over as another device goes away by itself"
    GoesBackAtAnEdge "goes-back-at-an-edge" "a time is over at the very instant of a scheduler edge"
    GoesBackWithinGrace "goes-back-within-grace" "a device goes back while its connection is lost"
    EventAsATimeIsOver "event-as-a-time-is-over" "something happens to a device as it goes back"
    TimeWithinATime "time-within-a-time" "a status for a time takes the place of another"
    StatusWithinATime "status-within-a-time" "a status for good ends one for a time"
    LoginWithinATime "login-within-a-time" "a login ends a status for a time"
    TimeFromAutoAway "time-from-auto-away" "a device that went away by itself is given a status for a time"
}

/// How often each was met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage([u64; COUNT]);

impl Default for Coverage {
    fn default() -> Self {
        Self([0; COUNT])
    }
}

impl Coverage {
    /// Each with how often it was met.
    pub fn iter(&self) -> impl Iterator<Item = (CoveragePoint, u64)> {
        CoveragePoint::ALL.iter().copied().zip(self.0)
    }

    /// Put together out of how often each was met; `None` where that of one is not known.
    pub fn of(count: impl Fn(CoveragePoint) -> Option<u64>) -> Option<Self> {
        let mut coverage = Self::default();
        for (place, point) in coverage.0.iter_mut().zip(CoveragePoint::ALL) {
            *place = count(*point)?;
        }
        Some(coverage)
    }

    /// Adds what was met elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(all, more)| *all += more);
    }

    /// A point was met.
    pub(super) fn meet(&mut self, point: CoveragePoint) {
        self.0[point as usize] += 1;
    }

    /// A point was met, if it was.
    pub(super) fn meet_if(&mut self, is_met: bool, point: CoveragePoint) {
        if is_met {
            self.meet(point);
        }
    }

    /// A point was met so many times.
    pub(super) fn met(&mut self, point: CoveragePoint, count: usize) {
        self.0[point as usize] += count as u64;
    }
}
