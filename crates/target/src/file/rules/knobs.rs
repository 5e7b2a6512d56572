//! Every knob with its positions, the rule book's first, and the sets that are built in.

use lamplighter_core::model::Millis;
use lamplighter_scenario::language::diagnostic::any_of;

/// One way in which products differ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Knob {
    /// Rules P2, P4: whether each device has a status, or the agent one.
    Devices,
    /// Rule P4: which device's status is the agent's.
    Merge,
    /// Rule P1: what a login gives.
    Login,
    /// Rule P3: what a logout ends.
    Logout,
    /// Rule P5: what an away member counts for.
    AwayIs,
    /// Rule P5: what an invisible member counts for.
    InvisibleIs,
    /// Rule P4: what team-mates see of an invisible agent.
    TeamSeesInvisible,
    /// Rule P8: what idleness does.
    Idle,
    /// Rule P7: how long a lost connection keeps its status.
    Grace,
    /// Rules W1 to W6: what hours do.
    Hours,
    /// Rule W6: what is shown within the hours while nobody is there.
    OpenAndNobody,
    /// Rule S3: whether the end minute is open.
    EndMinute,
    /// Rule S4: what an interval is whose end is before its start.
    Overnight,
}

impl Knob {
    /// Every knob, in the order of the rules.
    pub const ALL: [Self; 13] = [
        Self::Devices,
        Self::Merge,
        Self::Login,
        Self::Logout,
        Self::AwayIs,
        Self::InvisibleIs,
        Self::TeamSeesInvisible,
        Self::Idle,
        Self::Grace,
        Self::Hours,
        Self::OpenAndNobody,
        Self::EndMinute,
        Self::Overnight,
    ];

    fn row(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Devices => ("devices", &["each", "one-status"]),
            Self::Merge => ("merge", &["highest", "newest"]),
            Self::Login => ("login", &["online", "keeps", "away", "invisible"]),
            Self::Logout => ("logout", &["device", "account", "never"]),
            Self::AwayIs => ("away_is", &["away", "online", "offline"]),
            Self::InvisibleIs => ("invisible_is", &["offline", "away", "online"]),
            Self::TeamSeesInvisible => ("team_sees_invisible", &["invisible", "offline"]),
            Self::Idle => ("idle", &["away", "logged-out"]),
            Self::Grace => ("grace", &["never"]),
            Self::Hours => ("hours", &["gate", "or-present", "replace", "none"]),
            Self::OpenAndNobody => ("open_and_nobody", &["online", "online-chat", "offline"]),
            Self::EndMinute => ("end_minute", &["closed", "open"]),
            Self::Overnight => ("overnight", &["wraps", "never-opens"]),
        }
    }

    /// Its key in `[rules]`.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Its positions, the rule book's first; `grace` takes durations as well.
    pub fn positions(self) -> &'static [&'static str] {
        self.row().1
    }

    /// The knob of a key.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|knob| knob.name() == name)
    }

    /// Whether a position is one of this knob.
    ///
    /// # Errors
    /// What was expected.
    pub fn check(self, position: &str) -> Result<(), String> {
        let is_length = self == Self::Grace && position.parse::<Millis>().is_ok();
        if is_length || self.positions().contains(&position) {
            return Ok(());
        }
        Err(match self {
            Self::Grace => "a duration such as `2m`, or `never`".to_owned(),
            _ => any_of(self.positions().iter().copied()),
        })
    }
}

/// Positions that are not the rule book's, by the names of what is built in.
pub const SETS: [(&str, &[(Knob, &str)]); 10] = [
    ("tawk", &[]),
    (
        "synapse",
        &[(Knob::TeamSeesInvisible, "offline"), (Knob::Hours, "none"), (Knob::Grace, "36s")],
    ),
    ("ejabberd", &[(Knob::Hours, "none"), (Knob::Grace, "37s")]),
    ("prosody", &[(Knob::Hours, "none"), (Knob::Grace, "60s")]),
    (
        "livehelperchat",
        &[
            (Knob::Devices, "one-status"),
            (Knob::Login, "keeps"),
            (Knob::AwayIs, "offline"),
            (Knob::InvisibleIs, "online"),
            (Knob::TeamSeesInvisible, "offline"),
            (Knob::Hours, "or-present"),
            (Knob::OpenAndNobody, "online-chat"),
            (Knob::EndMinute, "open"),
            (Knob::Overnight, "never-opens"),
            (Knob::Grace, "300s"),
        ],
    ),
    (
        "mibew",
        &[
            (Knob::Devices, "one-status"),
            (Knob::AwayIs, "offline"),
            (Knob::Logout, "never"),
            (Knob::Hours, "none"),
            (Knob::Grace, "30s"),
        ],
    ),
    (
        "tiledesk",
        &[
            (Knob::Devices, "one-status"),
            (Knob::Login, "keeps"),
            (Knob::AwayIs, "offline"),
            (Knob::Logout, "never"),
            (Knob::Grace, "never"),
            (Knob::OpenAndNobody, "offline"),
            (Knob::Overnight, "never-opens"),
        ],
    ),
    ("chatwoot", CHATWOOT),
    ("chatwoot-server", CHATWOOT_SERVER),
    (
        "zendesk",
        &[
            (Knob::Devices, "one-status"),
            (Knob::Login, "keeps"),
            (Knob::AwayIs, "offline"),
            (Knob::Idle, "logged-out"),
        ],
    ),
];

const CHATWOOT: &[(Knob, &str)] = &[
    (Knob::Devices, "one-status"),
    (Knob::Login, "keeps"),
    (Knob::AwayIs, "offline"),
    (Knob::Grace, "20s"),
    (Knob::Overnight, "never-opens"),
];

/// Its page closes at the end minute, its server a minute later.
const CHATWOOT_SERVER: &[(Knob, &str)] = &[
    (Knob::Devices, "one-status"),
    (Knob::Login, "keeps"),
    (Knob::AwayIs, "offline"),
    (Knob::Grace, "20s"),
    (Knob::Overnight, "never-opens"),
    (Knob::EndMinute, "open"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_has_positions_that_its_knobs_have() {
        for (set, positions) in SETS {
            for (knob, position) in positions {
                assert_eq!(knob.check(position), Ok(()), "{set}: {}", knob.name());
                let is_the_books = knob != &Knob::Grace && knob.positions()[0] == *position;
                assert!(!is_the_books, "{set}: {}", knob.name());
            }
        }
        assert!(Knob::ALL.iter().all(|knob| Knob::of(knob.name()) == Some(*knob)));
    }
}
