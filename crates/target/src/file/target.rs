//! A whole target file: how to speak to a service, what it can do, how soon it shows what.

use std::collections::BTreeMap;

use lamplighter_core::model::Chosen;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;
use toml::de::DeValue;

use super::can::CanSection;
use super::clock::Clock;
use super::device::DeviceSection;
use super::header::Headers;
use super::hold::Hold;
use super::hours::HoursSection;
use super::http::HttpSection;
use super::node::{Node, Table};
use super::rules::{ReadFile, Rules};
use super::section::{Caller, Section};
use super::step::Step;
use super::target_section::TargetSection;
use super::team::TeamSection;
use super::template::{Template, Vars, is_name};
use super::timing::Timing;
use super::widget::WidgetSection;

/// A target file as it was read.
#[derive(Clone, Debug)]
pub struct TargetFile {
    /// The section `[target]`: name, address, and what is there beforehand.
    pub about: TargetSection,
    /// The section `[http]`: headers, conditions and bounds of every call.
    pub http: HttpSection,
    /// The section `[vars]`, and the names of secrets, which the caller gives.
    pub vars: Vars,
    headers: BTreeMap<Caller, Headers>,
    steps: BTreeMap<Section, Vec<Step>>,
    /// Where each table of the file stands.
    places: BTreeMap<String, Span>,
    /// The section `[device]`, all but its steps and headers.
    pub device: DeviceSection,
    /// The section `[hours]`, all but its steps.
    pub hours: HoursSection,
    /// The section `[team]`, all but its steps; `None` where the file has none.
    pub team: Option<TeamSection>,
    /// The section `[widget]`, all but its steps; `None` for an adapter, which reads by itself.
    pub widget: Option<WidgetSection>,
    /// The section `[can]` as it was written; [`TargetFile::abilities`] adds what follows.
    pub can: CanSection,
    /// The section `[rules]`: where the product's rules are not those of the rule book.
    pub rules: Rules,
    /// The section `[timing]`: how soon it shows what, and how fast it may be called.
    pub timing: Timing,
    /// The section `[clock]`: whose time it is, and how it is put.
    pub clock: Clock,
}

impl TargetFile {
    /// The steps of a section; nothing where the file does not have it. An empty list is there, and does
    /// nothing.
    pub fn steps(&self, section: Section) -> Option<&[Step]> {
        self.steps.get(&section).map(Vec::as_slice)
    }

    /// Whether something is done that a section stands for: by its steps, or by an adapter.
    pub fn does(&self, section: Section) -> bool {
        self.steps(section).is_some() || self.about.adapter.is_some() && section.is_of_adapters()
    }

    /// Whether something holds a device, by calls, by a socket or by an adapter: then it can lose that
    /// (rule P7).
    pub fn holds_devices(&self) -> bool {
        self.device.hold.is_some() || self.about.adapter.is_some()
    }

    /// Whether what team-mates see can be read.
    pub fn has_team(&self) -> bool {
        self.team.is_some() || self.about.adapter.is_some()
    }

    /// Whether accounts are there beforehand, rather than made (T24).
    pub fn lends_accounts(&self) -> bool {
        self.steps(Section::AgentMake).is_none() && !self.about.accounts.is_empty()
    }

    /// Whether somebody who only looks is made beforehand, and is a member of each property (T30).
    pub fn asks_for_observer(&self) -> bool {
        self.about.observer || self.steps(Section::ObserverLogin).is_some()
    }

    /// Whether properties are there beforehand, rather than made (T24).
    pub fn lends_properties(&self) -> bool {
        self.steps(Section::PropertyMake).is_none() && !self.about.properties.is_empty()
    }

    /// The steps that set a status: those of its own before those for all.
    pub fn status_steps(&self, chosen: Chosen) -> Option<(Section, &[Step])> {
        let sections = [Section::DeviceStatusOf(chosen), Section::DeviceStatus];
        sections.into_iter().find_map(|section| Some((section, self.steps(section)?)))
    }

    /// Every section that there is, with its steps.
    pub fn sections(&self) -> impl Iterator<Item = (Section, &[Step])> {
        self.steps.iter().map(|(section, steps)| (*section, steps.as_slice()))
    }

    /// The headers of a caller.
    pub fn headers(&self, caller: Caller) -> &Headers {
        static NONE: Headers = Headers::NONE;
        self.headers.get(&caller).unwrap_or(&NONE)
    }

    /// Where a table stands; where there is none, `[target]`.
    pub fn place(&self, table: &str) -> Span {
        self.places.get(table).copied().unwrap_or(self.about.span)
    }

    /// Reads the whole table; what is wrong with it goes to the findings.
    pub(super) fn of_table(mut root: Table<'_>, beside: ReadFile<'_>) -> Self {
        read_format(&mut root);
        let about = read_about(&mut root);
        let mut vars = read_vars(&mut root);
        for (secret, span) in &about.secrets {
            if vars.text(secret).is_some() {
                let message = format!("the secret `{secret}` stands in `[vars]`");
                let diagnostic = Diagnostic::new(*span, message, "secrets stand in no file");
                root.findings().error(diagnostic.help(format!(
                    "give it by `--var {secret}=…`, `LAMPLIGHTER_VAR_{secret}` or `--var-file`"
                )));
            }
            vars.declare_secret(secret);
        }
        let http = root.get("http").and_then(|node| node.table()).map(HttpSection::read);
        let rules = root.get("rules").map(|node| Rules::read(node, beside)).unwrap_or_default();
        let mut sections = Sections::default();
        let mut file = Self {
            about,
            http: http.unwrap_or_default(),
            vars,
            headers: BTreeMap::new(),
            steps: BTreeMap::new(),
            places: root.entries().map(|(key, node)| (key.text.to_owned(), node.span())).collect(),
            device: DeviceSection::default(),
            hours: HoursSection::default(),
            team: None,
            widget: None,
            can: CanSection::default(),
            timing: Timing::of_rules(&rules),
            rules,
            clock: Clock::default(),
        };
        file.read_making(&mut root, &mut sections);
        file.read_callers(&mut root, &mut sections);
        file.read_reading(&mut root, &mut sections);
        file.read_promises(&mut root, &mut sections);
        root.finish();
        file.headers = sections.headers;
        file.steps = sections.steps;
        file
    }

    /// What is made before anybody logs in.
    fn read_making(&mut self, root: &mut Table<'_>, sections: &mut Sections) {
        let plain: [(&str, &[(&str, Section)]); 3] = [
            ("agent", &[("make", Section::AgentMake), ("delete", Section::AgentDelete)]),
            (
                "property",
                &[
                    ("make", Section::PropertyMake),
                    ("set", Section::PropertySet),
                    ("delete", Section::PropertyDelete),
                ],
            ),
            (
                "member",
                &[
                    ("add", Section::MemberAdd),
                    ("remove", Section::MemberRemove),
                    ("suspend", Section::MemberSuspend),
                    ("reinstate", Section::MemberReinstate),
                ],
            ),
        ];
        for (key, lists) in plain {
            let Some(mut table) = root.get(key).and_then(|node| node.table()) else { continue };
            for (key, section) in lists {
                sections.read(&mut table, key, *section);
            }
            table.finish();
        }
        if let Some(mut table) = root.get("hours").and_then(|node| node.table()) {
            sections.read(&mut table, "set", Section::HoursSet);
            sections.read(&mut table, "off", Section::HoursOff);
            self.hours = HoursSection::read(&mut table);
            table.finish();
        }
    }

    /// Who calls: their headers and logins, and all that a device does.
    fn read_callers(&mut self, root: &mut Table<'_>, sections: &mut Sections) {
        for (key, login, caller) in [
            ("admin", Some(Section::AdminLogin), Caller::Admin),
            ("observer", Some(Section::ObserverLogin), Caller::Observer),
            ("visitor", None, Caller::Visitor),
        ] {
            let Some(mut table) = root.get(key).and_then(|node| node.table()) else { continue };
            sections.read_headers(&mut table, caller);
            if let Some(section) = login {
                sections.read(&mut table, "login", section);
            }
            table.finish();
        }
        let Some(mut table) = root.get("device").and_then(|node| node.table()) else { return };
        sections.read_headers(&mut table, Caller::Device);
        self.device.read_values(&mut table);
        for (key, section) in [
            ("login", Section::DeviceLogin),
            ("status", Section::DeviceStatus),
            ("status_online", Section::DeviceStatusOf(Chosen::Online)),
            ("status_away", Section::DeviceStatusOf(Chosen::Away)),
            ("status_invisible", Section::DeviceStatusOf(Chosen::Invisible)),
            ("activity", Section::DeviceActivity),
            ("logout", Section::DeviceLogout),
        ] {
            sections.read(&mut table, key, section);
        }
        if let Some(mut hold) = table.get("hold").and_then(|node| node.table()) {
            sections.read(&mut hold, "call", Section::DeviceHold);
            let has_calls = sections.steps.contains_key(&Section::DeviceHold);
            self.device.hold = Hold::read(&mut hold, has_calls);
            hold.finish();
        }
        table.finish();
    }

    /// What is read: teams, widgets, messages.
    fn read_reading(&mut self, root: &mut Table<'_>, sections: &mut Sections) {
        if let Some(mut table) = root.get("team").and_then(|node| node.table()) {
            sections.read(&mut table, "read", Section::TeamRead);
            self.team = TeamSection::read(&mut table);
            table.finish();
        }
        if let Some(mut table) = root.get("widget").and_then(|node| node.table()) {
            sections.read(&mut table, "make", Section::WidgetMake);
            sections.read(&mut table, "read", Section::WidgetRead);
            sections.read(&mut table, "push", Section::WidgetPush);
            self.widget = WidgetSection::read(&mut table);
            table.finish();
        }
        if let Some(mut table) = root.get("message").and_then(|node| node.table()) {
            sections.read(&mut table, "leave", Section::MessageLeave);
            sections.read(&mut table, "list", Section::MessageList);
            table.finish();
        }
    }

    /// What it can and promises, and by which clock.
    fn read_promises(&mut self, root: &mut Table<'_>, sections: &mut Sections) {
        if let Some(table) = root.get("can").and_then(|node| node.table()) {
            self.can = CanSection::read(table);
        }
        if let Some(mut table) = root.get("timing").and_then(|node| node.table()) {
            self.timing = Timing::read(&mut table, &self.rules);
            let clock = table.get("clock");
            if let Some(node) = clock.filter(|node| !matches!(node.value(), DeValue::String(_))) {
                sections.steps.insert(Section::ClockRead, Step::read_all(node, Section::ClockRead));
            }
            table.finish();
        }
        if let Some(mut table) = root.get("clock").and_then(|node| node.table()) {
            sections.read(&mut table, "set", Section::ClockSet);
            let has_steps = sections.steps.contains_key(&Section::ClockSet);
            self.clock = Clock::read(&mut table, has_steps);
            table.finish();
        }
    }
}

/// Steps and headers, as far as they are read.
#[derive(Default)]
struct Sections {
    headers: BTreeMap<Caller, Headers>,
    steps: BTreeMap<Section, Vec<Step>>,
}

impl Sections {
    fn read(&mut self, table: &mut Table<'_>, key: &'static str, section: Section) {
        if let Some(node) = table.get(key) {
            let steps = Step::read_all(node, section);
            if let (Section::WidgetPush, Some(second)) = (section, steps.get(1)) {
                let message = "a widget is pushed by one stream";
                table.findings().error(Diagnostic::new(second.span, message, "this is another"));
            }
            self.steps.insert(section, steps);
        }
    }

    fn read_headers(&mut self, table: &mut Table<'_>, caller: Caller) {
        if let Some(node) = table.get("headers") {
            self.headers.insert(caller, Headers::read(node));
        }
    }
}

fn read_format(root: &mut Table<'_>) {
    let Some(node) = root.require("format", "the first line of a target file is `format = 1`")
    else {
        return;
    };
    if node.whole(0..=u64::MAX).is_some_and(|format| format != 1) {
        node.error("this format of target files is not known", "`1` is the only one");
    }
}

fn read_about(root: &mut Table<'_>) -> TargetSection {
    let node = root.require("target", "`name` and `base` stand in `[target]`");
    let about = node.and_then(|node| node.table()).map(TargetSection::read).unwrap_or_default();
    if about.adapter.is_some() {
        let beside = ["format", "target", "vars", "can", "rules", "timing", "clock"];
        for (key, _) in root.entries().filter(|(key, _)| !beside.contains(&key.text)) {
            let message = format!("`[{}]` does not stand beside an adapter", key.text);
            let label = "the adapter does this";
            root.findings().error(Diagnostic::new(key.span, message, label));
        }
    }
    about
}

fn read_vars(root: &mut Table<'_>) -> Vars {
    let mut vars = Vars::default();
    let table = root.get("vars").and_then(|node: Node<'_>| node.table());
    for (name, value) in table.iter().flat_map(Table::entries) {
        if !is_name(name.text) {
            let message = format!("`{}` is no name", name.text);
            let label = "a letter, then letters, digits, `_` and `-`";
            value.findings().error(Diagnostic::new(name.span, message, label));
            continue;
        }
        if let DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) = value.value() {
            let diagnostic = Diagnostic::new(value.span(), "variables are text", "this is none");
            value
                .findings()
                .error(diagnostic.help("put it into quotes; `{{name|num}}` is a number"));
            continue;
        }
        if let Some(text) = value.text() {
            vars.put(name.text, Template::read(text, value.findings()));
        }
    }
    vars
}
