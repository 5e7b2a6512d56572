//! The codes of messages: one for each kind of fault, and for each kind of slip that `check` warns of.
//!
//! `docs/diagnostics.md` says of each what it means and what to do, with the smallest scenario that has it.

use std::fmt;

use lamplighter_core::trace::Fault;

/// How much a message weighs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// It can be run and is probably not meant: `check` warns of it, unless `# allow CODE` stands above.
    Lint,
}

macro_rules! codes {
    ($($severity:ident { $($code:ident = $name:literal,)* })*) => {
        /// What a message is of. Its name is stable: people silence lints by it, and look it up.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $($(#[doc = concat!("`", $name, "`")] $code,)*)*
        }

        impl Code {
            /// All of them: errors first, from the letters of a file to its meaning.
            pub const ALL: &[Self] = &[$($(Self::$code,)*)*];

            /// The code as messages show it.
            pub fn name(self) -> &'static str {
                match self {
                    $($(Self::$code => $name,)*)*
                }
            }

            /// Whether it is of an error or of a lint.
            pub fn severity(self) -> Severity {
                match self {
                    $($(Self::$code)|* => Severity::$severity,)*
                }
            }
        }
    };
}

codes! {
    Error {
        NotUtf8 = "not-utf-8",
        CarriageReturn = "carriage-return",
        UnclosedQuote = "unclosed-quote",
        MisplacedQuote = "misplaced-quote",
        UnknownEscape = "unknown-escape",
        MisplacedComma = "misplaced-comma",
        UnquotedText = "unquoted-text",
        MissingTitle = "missing-title",
        UnknownStatement = "unknown-statement",
        IncompleteLine = "incomplete-line",
        LineTooLong = "line-too-long",
        MalformedStatement = "malformed-statement",
        MalformedValue = "malformed-value",
        MalformedDays = "malformed-days",
        MalformedHours = "malformed-hours",
        MalformedTime = "malformed-time",
        ZeroDuration = "zero-duration",
        UnknownWord = "unknown-word",
        OutOfPlace = "out-of-place",
        SaidTwice = "said-twice",
        SetTwice = "set-twice",
        MalformedName = "malformed-name",
        ReservedName = "reserved-name",
        DeclaredTwice = "declared-twice",
        NamedTwice = "named-twice",
        AgentAndProperty = "agent-and-property",
        UnknownName = "unknown-name",
        NotAMember = "not-a-member",
        UnknownZone = "unknown-zone",
        FaultyRules = "faulty-rules",
        UnreadableFile = "unreadable-file",
        IncludedTwice = "included-twice",
        MalformedTable = "malformed-table",
        UnknownColumn = "unknown-column",
        UnusedColumn = "unused-column",
        WhichRow = "which-row",
        FirstTimeWithoutDate = "first-time-without-date",
        SkippedTime = "skipped-time",
        DoubledTime = "doubled-time",
        BeyondAllTime = "beyond-all-time",
        TimeGoesBack = "time-goes-back",
        TimeHasCome = "time-has-come",
        RunBeyondUntil = "run-beyond-until",
        NobodyGoesOffline = "nobody-goes-offline",
        NotLoggedIn = "not-logged-in",
        ConnectionLost = "connection-lost",
        ConnectionNotLost = "connection-not-lost",
        AlreadySuspended = "already-suspended",
        NotSuspended = "not-suspended",
        ExpectsNoStatus = "expects-no-status",
        MisfitClause = "misfit-clause",
        ObservedOfNothing = "observed-of-nothing",
        TraceHeader = "trace-header",
        TraceRow = "trace-row",
        TraceStranger = "trace-stranger",
    }
    Lint {
        ExpectsNothing = "expects-nothing",
        ChangesNothing = "changes-nothing",
        NoMembers = "no-members",
        AllSuspended = "all-suspended",
        StarInASegment = "star-in-a-segment",
        BeyondThePath = "beyond-the-path",
        CommentInAPattern = "comment-in-a-pattern",
        UnknownCountry = "unknown-country",
        HiddenEverywhere = "hidden-everywhere",
        MisleadingZone = "misleading-zone",
        NeverOpen = "never-open",
        MeaninglessHours = "meaningless-hours",
        GapOfAMinute = "gap-of-a-minute",
        LongNight = "long-night",
        OverlappingHours = "overlapping-hours",
        EveningIntoClosedDate = "evening-into-closed-date",
        ClockChange = "clock-change",
        PastDate = "past-date",
        NobodyPresent = "nobody-present",
        UnknownAllow = "unknown-allow",
        UnusedAllow = "unused-allow",
    }
}

impl Code {
    /// The code of a name; `None` where there is no such code.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// All codes of lints.
    pub fn lints() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|code| code.severity() == Severity::Lint)
    }

    /// The code of what is wrong with a trace, or with what was observed.
    pub fn of_fault(fault: Fault) -> Self {
        match fault {
            Fault::Header => Self::TraceHeader,
            Fault::Stranger => Self::TraceStranger,
            Fault::Unreadable => Self::UnreadableFile,
            Fault::Encoding => Self::NotUtf8,
            Fault::Quote
            | Fault::Fields
            | Fault::Instant
            | Fault::Order
            | Fault::Agent
            | Fault::Device
            | Fault::Action
            | Fault::Word
            | Fault::BeforeRun => Self::TraceRow,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
