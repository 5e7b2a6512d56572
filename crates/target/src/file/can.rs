//! What a product can do; what it cannot takes expectations away (rules T35, T41, T52, T55 of target
//! files).

use std::sync::LazyLock;

use lamplighter_core::model::{Chosen, Countries, Setting, SettingName};
use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use lamplighter_scenario::language::span::Span;
use toml::de::DeValue;

use super::device::chosen;
use super::node::{Node, Table};
use super::zone::zone as zone_of;

/// What widgets, devices and the service can be set to, by the names of `can.settings`: those of the
/// reference API with its types, what stands within them by itself, and three that are no setting of a
/// widget.
pub static SETTINGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut names: Vec<String> = Vec::new();
    // Hours are no setting here: they have steps of their own.
    for setting in SettingName::all().filter(|name| *name != SettingName::Scheduler) {
        if names.iter().all(|name| name != setting.key()) {
            names.push(setting.key().to_owned());
        }
        names.extend(part_names(&setting.taken_back()));
    }
    names.extend([GRACE, AUTO_AWAY, FOR].map(str::to_owned));
    names
});

/// The names by which a setting can be given besides that of the whole: that of the part that it is, or
/// those of all that it could be where it was taken back.
pub fn part_names(setting: &Setting) -> Vec<String> {
    let parts = match setting {
        Setting::Countries(None) => vec!["only", "except"],
        Setting::Countries(Some(Countries::Only(_))) => vec!["only"],
        Setting::Countries(Some(Countries::Except(_))) => vec!["except"],
        other => other.name().part().into_iter().collect(),
    };
    let stem = setting.name().keyword().replace('-', "_");
    parts.into_iter().map(|part| format!("{stem}_{part}")).collect()
}

/// Whether a setting as it stands is among those that are named, as a whole or as its part.
pub fn is_named(setting: &Setting, named: &[String]) -> bool {
    let parts = part_names(setting);
    named.iter().any(|name| name == setting.name().key() || parts.contains(name))
}

/// Rule P7: how long a lost connection keeps its status, in seconds.
pub const GRACE: &str = "grace";
/// Rule P8: after how many seconds an idle device goes away.
pub const AUTO_AWAY: &str = "auto_away";
/// Rule P9: for how many seconds a status is given.
pub const FOR: &str = "for";

/// The section `[can]` as it was written; what stands nowhere follows from the steps that there are.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CanSection {
    /// Statuses that agents can choose; `None` for all that there are steps for.
    pub statuses: Option<Vec<Chosen>>,
    /// Whether a device can log out (rule P3).
    pub logout: Option<Declared<bool>>,
    /// Whether members can be suspended (rule P6).
    pub suspend: Option<Declared<bool>>,
    /// Names of settings that the steps of properties and widgets are given (rule T21).
    pub settings: Vec<Declared<String>>,
    /// In which form hours can be set, or with `false` that none can; `None` where the file says
    /// nothing.
    pub hours: Option<Declared<Option<HoursCan>>>,
    /// Whether what visitors are not shown can be told (rules V1 to V4).
    pub visibility: Option<Declared<bool>>,
    /// Whether visitors can leave messages (rule C2).
    pub messages: Option<Declared<bool>>,
    /// Whether widgets tell of changes by themselves.
    pub push: Option<Declared<bool>>,
    /// The kept name in which answers have their version.
    pub versions: Option<Declared<Option<String>>>,
    /// Whether a lost connection can be taken up again without a login.
    pub reconnect: Option<Declared<bool>>,
    /// How many properties an agent can be a member of; `None` for any number (rule T52).
    pub memberships: Option<u64>,
    /// How many devices an agent can be on at once; `None` for any number (rule T55).
    pub devices: Option<u64>,
}

/// What the file says, with its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Declared<T> {
    /// The value as it was read.
    pub what: T,
    /// Where it stands in the file, for what is found wrong with it later.
    pub span: Span,
}

/// Hours that a product can be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoursCan {
    /// Whose clock the hours are read by: the scheduler's own, the server's or the visitor's.
    pub zone: ZoneCan,
    /// How many intervals a day may have.
    pub intervals_a_day: IntervalsADay,
    /// Whether an interval may run past midnight (rule S4).
    pub overnight: bool,
    /// Whether dates may have hours of their own (rule S5).
    pub dates: bool,
    /// Whether a calendar may stand among the dates.
    pub calendars: bool,
    /// Whether hours may take turns by weeks (rule S9).
    pub weeks: bool,
    /// Whether something may be cut out of some dates (rule S8).
    pub cuts: bool,
    /// Whether an interval may be a day long or longer (rule S4).
    pub spans: bool,
}

/// By whose clock hours are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ZoneCan {
    /// Each scheduler has a zone of its own.
    Own,
    /// All are in the server's.
    Server(String),
    /// Each visitor's own: never tested.
    Visitor,
}

/// How many intervals a day may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntervalsADay {
    /// As many as this.
    Most(u64),
    /// As many as one likes.
    Any,
}

impl CanSection {
    /// Reads the table.
    pub fn read(mut table: Table<'_>) -> Self {
        let flag = |table: &mut Table<'_>, key| {
            let node = table.get(key)?;
            Some(Declared { what: node.flag()?, span: node.span() })
        };
        let statuses = table.get("statuses").map(|node| node.texts("a list of statuses"));
        let findings = table.findings();
        let can = Self {
            statuses: statuses.map(|statuses| {
                statuses.into_iter().filter_map(|text| chosen(text, findings)).collect()
            }),
            logout: flag(&mut table, "logout"),
            suspend: flag(&mut table, "suspend"),
            settings: table.get("settings").map(read_settings).unwrap_or_default(),
            hours: table.get("hours").and_then(HoursCan::read),
            visibility: flag(&mut table, "visibility"),
            messages: flag(&mut table, "messages"),
            push: flag(&mut table, "push"),
            versions: table.get("versions").and_then(read_versions),
            reconnect: flag(&mut table, "reconnect"),
            memberships: table.get("memberships").and_then(|node| node.whole(1..=u64::MAX)),
            devices: table.get("devices").and_then(|node| node.whole(1..=u64::MAX)),
        };
        table.finish();
        can
    }

    /// Whether a setting is among those that steps are given.
    pub fn sets(&self, setting: &str) -> bool {
        self.settings.iter().any(|said| said.what == setting)
    }
}

fn read_settings(node: Node<'_>) -> Vec<Declared<String>> {
    let known = || SETTINGS.iter().map(String::as_str);
    let mut settings = Vec::new();
    for text in node.texts("a list of settings") {
        if known().any(|name| name == text.text) {
            settings.push(Declared { what: text.text.to_owned(), span: text.span });
            continue;
        }
        let message = format!("there is no setting `{}`", text.text);
        let diagnostic = Diagnostic::new(text.span, message, "unknown");
        let diagnostic = diagnostic.help(format!("settings are {}", any_of(known())));
        node.findings().error(diagnostic.did_you_mean(text.text, known()));
    }
    settings
}

fn read_versions(node: Node<'_>) -> Option<Declared<Option<String>>> {
    let what = match node.value() {
        DeValue::Boolean(false) => None,
        DeValue::String(_) => Some(node.text()?.text.to_owned()),
        _ => return node.expected("the kept name in which answers have their version, or `false`"),
    };
    Some(Declared { what, span: node.span() })
}

impl HoursCan {
    /// Whether it can be told all that a calendar brings to hours (rules S4 to S9), but for a calendar itself.
    pub fn says_calendars(&self) -> bool {
        self.intervals_a_day == IntervalsADay::Any
            && [self.overnight, self.dates, self.weeks, self.cuts, self.spans] == [true; 5]
    }

    fn read(node: Node<'_>) -> Option<Declared<Option<Self>>> {
        let what = match node.value() {
            DeValue::Boolean(false) => None,
            DeValue::Table(_) => node.table().and_then(Self::read_table),
            _ => node.expected("`false`, or a table with `zone`"),
        };
        Some(Declared { what, span: node.span() })
    }

    fn read_table(mut table: Table<'_>) -> Option<Self> {
        let server_zone = table.get("server_zone");
        let zone =
            table.require("zone", "by whose clock the hours are: `own`, `server` or `visitor`");
        let zone = zone.and_then(|node| {
            let words = [
                ("own", ZoneWord::Own),
                ("server", ZoneWord::Server),
                ("visitor", ZoneWord::Visitor),
            ];
            node.word(&words)
        });
        if let (Some(ZoneWord::Own | ZoneWord::Visitor), Some(node)) = (zone, server_zone) {
            node.error("`server_zone` belongs to `zone = \"server\"`", "not asked for");
        }
        let named = server_zone.and_then(zone_of);
        let zone = zone.map(|word| match word {
            ZoneWord::Own => ZoneCan::Own,
            ZoneWord::Visitor => ZoneCan::Visitor,
            ZoneWord::Server => ZoneCan::Server(named.clone().unwrap_or_else(|| "UTC".to_owned())),
        });
        let intervals_a_day = table.get("intervals_a_day").and_then(|node| match node.value() {
            DeValue::String(_) => node.word(&[("any", IntervalsADay::Any)]),
            _ => node.whole(1..=u64::MAX).map(IntervalsADay::Most),
        });
        let [overnight, dates, calendars, weeks, cuts, spans] =
            ["overnight", "dates", "calendars", "weeks", "cuts", "spans"]
                .map(|key| table.get(key).and_then(|node| node.flag()).unwrap_or(false));
        table.finish();
        Some(Self {
            zone: zone?,
            intervals_a_day: intervals_a_day.unwrap_or(IntervalsADay::Most(1)),
            overnight,
            dates,
            calendars,
            weeks,
            cuts,
            spans,
        })
    }
}

#[derive(Clone, Copy)]
enum ZoneWord {
    Own,
    Server,
    Visitor,
}
