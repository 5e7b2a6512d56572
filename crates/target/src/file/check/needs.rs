//! What a file must have: steps, places to begin from, paths that are some (rules T7, T24, T30, T36,
//! T40 of target files).

use lamplighter_core::model::Chosen;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;

use super::scope::all_uses;
use crate::file::address::Address;
use crate::file::can::FOR;
use crate::file::finding::Findings;
use crate::file::hold::Hold;
use crate::file::section::{Caller, Section};
use crate::file::target::TargetFile;
use crate::file::template::{Counters, Names, Template};
use crate::file::widget::WidgetSection;

/// Holds the file against what every target must have.
pub fn check(file: &TargetFile, findings: &Findings) {
    let needs = NeedsCheck { file, findings };
    needs.base();
    needs.paths();
    needs.device();
    needs.reading();
    needs.beginnings();
    needs.observer();
}

struct NeedsCheck<'f> {
    file: &'f TargetFile,
    findings: &'f Findings,
}

impl NeedsCheck<'_> {
    fn error(&self, span: Span, message: impl Into<String>, label: &str) {
        self.findings.error(Diagnostic::new(span, message, label));
    }

    /// Something is missing that these keys would give.
    fn missing(&self, keys: &[&str], span: Span, message: impl Into<String>, label: &str) {
        self.findings.missing(keys, Diagnostic::new(span, message, label));
    }

    fn has(&self, section: Section) -> bool {
        self.file.steps(section).is_some()
    }

    /// `base` is an address once variables are put in; with a secret in it nobody knows yet.
    fn base(&self) {
        let Some(base) = &self.file.about.base else { return };
        let uses = all_uses(self.file, base.uses().collect());
        if uses.iter().any(|used| self.file.vars.is_secret(&used.name)) {
            return;
        }
        let mut counters = Counters::default();
        let mut names = Names::new(Vec::new(), Vec::new(), &self.file.vars, &mut counters);
        // What has no value was named already.
        let Ok(text) = base.text(&mut names) else { return };
        match Address::parse(&text) {
            Ok(address) if address.has_user => {
                let diagnostic =
                    Diagnostic::new(base.span(), "a user stands in `base`", "reports show it");
                self.findings.warning(diagnostic.help(
                    "send it as a header: `headers = { Authorization = \"Basic {{login|b64}}\" }`",
                ));
            }
            Ok(_) => {}
            Err(why) => {
                self.error(base.span(), format!("`{text}` is not the address of a service"), why);
            }
        }
    }

    /// Paths begin with `/` once variables are put in (T7).
    fn paths(&self) {
        let steps = self.file.sections().flat_map(|(_, steps)| steps);
        let socket = match &self.file.device.hold {
            Some(Hold::Socket(socket)) => Some(&socket.path),
            _ => None,
        };
        for path in steps.map(|step| &step.path).chain(socket) {
            if self.begins_with_slash(path, 0) == Some(false) {
                let label = "it is joined to that of `base`";
                self.error(path.span(), "a path begins with `/`", label);
            }
        }
    }

    /// `None` where nobody can tell.
    fn begins_with_slash(&self, text: &Template, depth: usize) -> Option<bool> {
        // Circles are named elsewhere.
        const DEPTH_MAX: usize = 32;
        if !text.begins_with().is_empty() || text.as_plain().is_some() {
            return Some(text.begins_with().starts_with('/'));
        }
        let first = text.uses().next().filter(|_| depth < DEPTH_MAX)?;
        if self.file.vars.is_secret(&first.name) || !first.filters.is_empty() {
            return None;
        }
        match self.file.vars.text(&first.name) {
            Some(var) => self.begins_with_slash(var, depth + 1),
            None => Some(false),
        }
    }

    /// What a device does (T24).
    fn device(&self) {
        let at = self.file.place("device");
        if !self.has(Section::DeviceLogin) {
            self.missing(
                &["login", "device"],
                at,
                "`device.login` is missing",
                "how a device logs in (rule P1)",
            );
        }
        let statuses = &self.file.can.statuses;
        let wanted: Vec<Chosen> = match statuses {
            Some(statuses) => statuses.clone(),
            None => Chosen::WORDS.iter().map(|(_, chosen)| *chosen).collect(),
        };
        let lacking: Vec<&str> = wanted
            .into_iter()
            .filter(|chosen| self.file.status_steps(*chosen).is_none())
            .map(Chosen::word)
            .collect();
        let has_some = Chosen::WORDS.iter().any(|(_, c)| self.file.status_steps(*c).is_some());
        let is_said = statuses.is_some() || !has_some;
        if !lacking.is_empty() && is_said && statuses.as_ref().is_none_or(|all| !all.is_empty()) {
            let message = "`device.status` is missing";
            let label = match has_some {
                true => format!("nothing sets {}", lacking.join(" and ")),
                false => "how a status is set (rule P2)".to_owned(),
            };
            let diagnostic = Diagnostic::new(at, message, label);
            let keys = ["status", "status_online", "status_away", "status_invisible", "device"];
            self.findings.missing(&keys, diagnostic.help(
                "steps, or one list for each status, as `status_away`; `status = []` where the hold \
                 carries it",
            ));
        }
        if !self.has(Section::DeviceLogout) && self.file.can.logout.is_none() {
            let diagnostic = Diagnostic::new(
                at,
                "`device.logout` is missing",
                "how a device logs out (rule P3)",
            );
            self.findings.missing(
                &["logout", "device"],
                diagnostic.help("where no device can, `[can]` says `logout = false`"),
            );
        }
        self.carried_statuses(at);
    }

    /// A status that no step sends is carried by the hold.
    fn carried_statuses(&self, at: Span) {
        let is_carried = Section::ALL.into_iter().any(|section| {
            section.is_status() && self.file.steps(section).is_some_and(<[_]>::is_empty)
        });
        let held = self.file.steps(Section::DeviceHold).unwrap_or_default();
        let of_hold = held.iter().flat_map(|step| all_uses(self.file, step.uses()));
        if is_carried && !of_hold.into_iter().any(|used| used.name == "value") {
            let message = "nothing sends this status";
            let label = "no call of `device.hold` has `{{value}}` in it";
            self.error(at, message, label);
        }
        let status = Section::ALL.into_iter().filter(|section| section.is_status());
        let of_status = status.filter_map(|section| self.file.steps(section)).flatten();
        let mut uses = of_status.flat_map(|step| all_uses(self.file, step.uses()));
        let named = self.file.can.settings.iter().find(|said| said.what == FOR);
        if let (Some(said), false) = (named, uses.any(|used| used.name == FOR)) {
            let label = "no step of `device.status` sends `{{for}}`, in seconds (rule P9)";
            self.error(said.span, "statuses for a time cannot be set", label);
        }
    }

    /// What is read of teams and widgets (T24, T36, T40).
    fn reading(&self) {
        let file = self.file;
        match &file.widget {
            Some(WidgetSection::Folded) if file.team.is_none() && !self.has(Section::TeamRead) => {
                let label = "`from = \"team\"` folds it";
                self.missing(&["team"], file.place("widget"), "`[team]` is missing", label);
            }
            Some(WidgetSection::Says(_)) if !self.has(Section::WidgetRead) => {
                let label = "the steps that read what a visitor sees";
                let at = file.place("widget");
                self.missing(&["read"], at, "`widget.read` is missing", label);
            }
            Some(_) => {}
            None if file.place("widget") == file.about.span => {
                let diagnostic = Diagnostic::new(
                    file.about.span,
                    "`[widget]` is missing",
                    "what a visitor sees",
                );
                self.findings.missing(
                    &["widget"],
                    diagnostic.help(
                        "`read` and `says`; or `from = \"team\"`, where visitors see nothing else",
                    ),
                );
            }
            None => {}
        }
        if let Some(team) = &file.team {
            match file.steps(Section::TeamRead) {
                None | Some([]) => {
                    let label = "the steps that read what team-mates see";
                    self.missing(&["read"], team.span, "`team.read` is missing", label);
                }
                Some(_) if team.rows.is_none() => {
                    let message = "`team.read` keeps no `said`";
                    self.keeps(Section::TeamRead, "said", team.span, message);
                }
                Some(_) => {}
            }
        }
        if self.has(Section::MessageList) {
            let message = "`message.list` keeps no `said`";
            self.keeps(Section::MessageList, "said", file.place("message"), message);
        }
        if self.has(Section::ClockRead) {
            let message = "the steps of `clock` keep no `now`";
            self.keeps(Section::ClockRead, "now", file.place("timing"), message);
        }
        if let Some(steps) = file.steps(Section::MessageLeave) {
            let uses = steps.iter().flat_map(|step| all_uses(file, step.uses()));
            if !uses.into_iter().any(|used| used.name == "text") {
                let label = "no step of `message.leave` sends `{{text}}`";
                self.error(
                    file.place("message"),
                    "a message without its text is never found",
                    label,
                );
            }
        }
        self.pushed();
    }

    fn keeps(&self, section: Section, name: &str, span: Span, message: &str) {
        let steps = self.file.steps(section).unwrap_or_default();
        let is_kept = steps.iter().any(|step| step.keeps().any(|kept| kept == name));
        if !is_kept && !self.findings.is_unkept(name) {
            let label = "what is read out of the answer has this name";
            let diagnostic = Diagnostic::new(span, message, label);
            self.findings.error(diagnostic.help(format!("`keep.{name} = {{ json = \"/…\" }}`")));
        }
    }

    /// What is pushed is read by the same rows: it keeps what they ask for (T40).
    fn pushed(&self) {
        let Some([push]) = self.file.steps(Section::WidgetPush) else { return };
        let Some(widget @ WidgetSection::Says(_)) = &self.file.widget else {
            if matches!(self.file.widget, Some(WidgetSection::Folded)) {
                let label = "no row says what is pushed";
                self.error(
                    push.span,
                    "`widget.push` does not stand beside `from = \"team\"`",
                    label,
                );
            }
            return;
        };
        let read = self.file.steps(Section::WidgetRead).unwrap_or_default();
        let of_read = read.iter().flat_map(|step| step.keeps());
        let whens = widget.whens().flat_map(|when| when.names()).map(|(name, _)| name);
        let cells: Vec<&str> = widget.uses().into_iter().map(|used| used.name.as_str()).collect();
        let asked: Vec<&str> = whens.chain(cells).collect();
        let mut lacking: Vec<&str> = of_read
            .filter(|name| asked.contains(name) && !push.keeps().any(|kept| kept == *name))
            .collect();
        lacking.sort_unstable();
        lacking.dedup();
        if let Some(name) = lacking.first() {
            let message = format!("`widget.push` keeps no `{name}`");
            self.error(
                push.span,
                message,
                "`says` asks for it, of what is pushed as of what is read",
            );
        }
    }

    /// Accounts and properties are made, or are there beforehand (T24).
    fn beginnings(&self) {
        let (about, at) = (&self.file.about, self.file.about.span);
        if !self.has(Section::AgentMake) && about.accounts.is_empty() {
            let diagnostic =
                Diagnostic::new(at, "there are no accounts", "`agent.make` is missing");
            self.findings.missing(
                &["make", "agent", "accounts"],
                diagnostic.help(
                    "where none can be made: `accounts = [{ agent = \"…\", password = \"…\" }]`",
                ),
            );
        }
        let is_of_members = matches!(self.file.widget, Some(WidgetSection::Folded))
            && self.file.team.as_ref().is_some_and(|team| team.for_member);
        if !self.has(Section::PropertyMake) && about.properties.is_empty() && !is_of_members {
            let diagnostic =
                Diagnostic::new(at, "there are no properties", "`property.make` is missing");
            self.findings.missing(&["make", "property", "properties"], diagnostic.help(
                "where none can be made: `properties = [{ property = \"…\" }]`; a team that is read \
                 for each member, with `from = \"team\"`, needs none",
            ));
        }
    }

    /// Who calls as the observer needs one (T30).
    fn observer(&self) {
        if self.file.about.observer {
            return;
        }
        let steps = self.file.sections().flat_map(|(_, steps)| steps);
        if let Some(step) = steps.into_iter().find(|step| step.caller == Caller::Observer) {
            let diagnostic =
                Diagnostic::new(step.span, "there is no observer", "this step calls as one");
            self.findings.error(diagnostic.help("`[target]` says `observer = true`"));
        } else if self.has(Section::ObserverLogin) {
            let diagnostic = Diagnostic::new(
                self.file.place("observer"),
                "there is no observer",
                "it never logs in",
            );
            self.findings.error(diagnostic.help("`[target]` says `observer = true`"));
        }
    }
}
