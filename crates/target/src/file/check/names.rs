//! Names: that each is given where it is used, that none leads in a circle or hides another, and that
//! what is kept is used (rules T15 to T19, T21, T49 of target files).

use std::collections::BTreeSet;

use lamplighter_scenario::language::diagnostic::Diagnostic;

use super::scope::{Scopes, VisibleNames, all_uses};
use crate::file::finding::Findings;
use crate::file::hold::{Hold, ScriptLine};
use crate::file::says::RowCondition;
use crate::file::section::{Caller, Scope, Section};
use crate::file::step::Step;
use crate::file::target::TargetFile;
use crate::file::template::NameUse;

/// Names that Lamplighter gives: nothing that is kept may hide them.
const GIVEN: [&str; 8] =
    ["agent", "property", "widget", "device", "password", "value", "member", "now"];

/// Holds every use of a name against what is given in its place.
pub fn check(file: &TargetFile, findings: &Findings) {
    let names = NamesCheck { file, scopes: Scopes::of(file), findings };
    names.circles();
    names.about();
    names.headers();
    for (section, steps) in file.sections() {
        for (index, step) in steps.iter().enumerate() {
            names.step(section, index, step);
        }
    }
    names.hold();
    names.tables();
    names.hours();
    names.hidden();
    names.spare();
}

struct NamesCheck<'f> {
    file: &'f TargetFile,
    scopes: Scopes<'f>,
    findings: &'f Findings,
}

impl<'f> NamesCheck<'f> {
    /// Variables that lead back to themselves (T15).
    fn circles(&self) {
        for (name, text) in self.file.vars.texts() {
            let uses = all_uses(self.file, text.uses().collect());
            if let Some(back) = uses.iter().find(|used| used.name == name) {
                let own = text.uses().find(|used| used.name == name).unwrap_or(back);
                let is_own = text.uses().any(|used| used.name == name);
                let span = if is_own { own.span } else { text.span() };
                let message = format!("the variable `{name}` leads back to itself");
                let way: Vec<String> = self.circle(name).iter().map(|n| format!("`{n}`")).collect();
                self.findings.error(Diagnostic::new(span, message, way.join(" → ")));
            }
        }
    }

    /// The shortest way from a variable back to itself.
    fn circle(&self, name: &'f str) -> Vec<&'f str> {
        let mut ways = std::collections::VecDeque::from([vec![name]]);
        while let Some(way) = ways.pop_front() {
            let last = way.last().and_then(|name| self.file.vars.text(name));
            for used in last.into_iter().flat_map(|text| text.uses()) {
                let on = || way.iter().copied().chain([used.name.as_str()]).collect();
                if used.name == name {
                    return on();
                }
                if self.file.vars.text(&used.name).is_some() && !way.contains(&used.name.as_str()) {
                    ways.push_back(on());
                }
            }
        }
        vec![name]
    }

    /// `base` and rows that are there beforehand: only variables are known.
    fn about(&self) {
        let place = VisibleNames { section: Section::ClockSet, known: BTreeSet::new() };
        let about = &self.file.about;
        let rows = about.accounts.iter().chain(&about.properties);
        let uses =
            about.base.iter().flat_map(|base| base.uses()).chain(rows.flat_map(|r| r.uses()));
        for used in uses {
            self.used(used, &place);
        }
    }

    /// Headers of callers and of every call.
    fn headers(&self) {
        let nobody = VisibleNames { section: Section::ClockSet, known: BTreeSet::from(["now"]) };
        for header in self.file.http.headers.iter() {
            header.value.uses().for_each(|used| self.used(used, &nobody));
        }
        for (_, caller) in Caller::WORDS {
            let place = self.scopes.of_caller(caller, None);
            for header in self.file.headers(caller).iter() {
                header.value.uses().for_each(|used| self.used(used, &place));
            }
        }
    }

    fn step(&self, section: Section, index: usize, step: &'f Step) {
        let place = self.scopes.of_step(section, index, step);
        step.uses().into_iter().for_each(|used| self.used(used, &place));
        // The headers of who calls may need what is not there yet.
        let now = self.scopes.of_caller(step.caller, Some((section, index)));
        let once = self.scopes.of_caller(step.caller, None);
        for header in self.file.headers(step.caller).iter() {
            if step.headers.has(&header.name) {
                continue;
            }
            for used in all_uses(self.file, header.value.uses().collect()) {
                let name = used.name.as_str();
                if once.known.contains(name) && !now.known.contains(name) {
                    let caller = step.caller.word();
                    let message = format!(
                        "the headers of `[{caller}]` need `{name}`, which nobody has kept yet"
                    );
                    let diagnostic =
                        Diagnostic::new(step.span, message, "this step would call with them");
                    self.findings.error(diagnostic.help(
                        "`as = \"visitor\"` calls without them; a header of the step itself comes \
                         before them",
                    ));
                }
            }
        }
    }

    /// The socket of a hold.
    fn hold(&self) {
        let Some(Hold::Socket(socket)) = &self.file.device.hold else { return };
        let place = self.scopes.after(Section::DeviceHold, false);
        let mut known = self.scopes.of_caller(Caller::Device, None).known;
        known.extend(place.known);
        let place = VisibleNames { section: Section::DeviceHold, known };
        let uses = socket.path.uses().chain(socket.script.iter().flat_map(ScriptLine::uses));
        uses.for_each(|used| self.used(used, &place));
    }

    /// Tables that read what was kept.
    fn tables(&self) {
        if let Some(team) = &self.file.team {
            let mut place = self.scopes.after(Section::TeamRead, true);
            place.known.insert("said");
            team.uses().into_iter().for_each(|used| self.used(used, &place));
            team.whens().for_each(|when| self.when(when, &place));
        }
        if let Some(widget) = &self.file.widget {
            let place = self.scopes.after(Section::WidgetRead, false);
            widget.uses().into_iter().for_each(|used| self.used(used, &place));
            widget.whens().for_each(|when| self.when(when, &place));
        }
    }

    fn when(&self, when: &RowCondition, place: &VisibleNames<'f>) {
        for (name, span) in when.names() {
            if !place.known.contains(name) && !self.findings.is_unkept(name) {
                self.findings.error(self.scopes.unknown(name, span, place));
            }
        }
    }

    /// The shape of `{{hours}}`.
    fn hours(&self) {
        let mut place = self.scopes.after(Section::HoursSet, false);
        let of_days = ["weekday", "date", "open", "start", "end", "last", "intervals"];
        place.known.extend(of_days);
        self.file.hours.uses().into_iter().for_each(|used| self.used(used, &place));
    }

    /// A name at its place, and those within the variable that it names.
    fn used(&self, used: &'f NameUse, place: &VisibleNames<'f>) {
        let is_known = |used: &NameUse| {
            let name = used.name.as_str();
            used.counts
                || place.known.contains(name)
                || self.file.vars.text(name).is_some()
                || self.file.vars.is_secret(name)
        };
        if self.findings.is_unkept(&used.name) {
            return;
        }
        if used.counts {
            self.counts(used);
        }
        if !is_known(used) {
            self.findings.error(self.scopes.unknown(&used.name, used.span, place));
            return;
        }
        if place.known.contains(used.name.as_str()) {
            return;
        }
        for within in all_uses(self.file, vec![used]) {
            if !is_known(within) && !self.findings.is_unkept(&within.name) {
                let mut diagnostic = self.scopes.unknown(&within.name, used.span, place);
                diagnostic.message =
                    format!("`{}` needs `{}`: {}", used.name, within.name, diagnostic.message);
                self.findings.error(diagnostic);
            }
        }
    }

    /// A counter hides nothing that Lamplighter or a variable gives (T16, T19).
    fn counts(&self, used: &NameUse) {
        let name = used.name.as_str();
        let because = if GIVEN.contains(&name) {
            "Lamplighter gives it"
        } else if self.file.vars.names().any(|var| var == name) {
            "a variable has this name"
        } else {
            return;
        };
        let message = format!("`{name}` cannot count");
        let diagnostic = Diagnostic::new(used.span, message, because);
        self.findings.error(diagnostic.help("count under another name: `{{+n}}`"));
    }

    /// What is kept hides nothing that Lamplighter, a variable or a counter gives (T16).
    fn hidden(&self) {
        for kept in &self.scopes.kept {
            let name = kept.name;
            let is_clock = kept.section == Section::ClockRead && name == "now";
            let because = if self.file.vars.names().any(|var| var == name) {
                "a variable has this name"
            } else if self.scopes.is_counter(name) {
                "a counter has this name"
            } else if !is_clock && (GIVEN.contains(&name) || self.is_given_near(kept.section, name))
            {
                "Lamplighter gives it"
            } else {
                continue;
            };
            let message = format!("`{name}` cannot be kept");
            let diagnostic = Diagnostic::new(kept.span, message, because);
            self.findings.error(diagnostic.help("keep it under another name"));
        }
    }

    /// Whether a name is given somewhere that sees what a section keeps.
    fn is_given_near(&self, section: Section, name: &str) -> bool {
        let sees = |other: Section| match section.keeps() {
            Scope::List => other == section,
            scope => other == section || other.sees(None, false).contains(&scope),
        };
        let steps = self.file.sections().filter(|(other, _)| sees(*other));
        steps.flat_map(|(other, steps)| steps.iter().map(move |step| (other, step.each))).any(
            |(other, each)| {
                let for_member = self.file.team.as_ref().is_some_and(|team| team.for_member);
                other.given(each, for_member).contains(&name)
                    || self.scopes.settings_of(other).any(|setting| setting == name)
            },
        )
    }

    /// What is kept and never used: a warning.
    fn spare(&self) {
        let used = self.all_used();
        for kept in &self.scopes.kept {
            if !used.contains(kept.name) {
                let message = format!("`{}` is kept and never used", kept.name);
                self.findings.warning(Diagnostic::new(kept.span, message, "nothing asks for it"));
            }
        }
    }

    fn all_used(&self) -> BTreeSet<&str> {
        let file = self.file;
        let mut uses: Vec<&NameUse> = Vec::new();
        for (_, steps) in file.sections() {
            uses.extend(steps.iter().flat_map(Step::uses));
        }
        for (_, caller) in Caller::WORDS {
            uses.extend(file.headers(caller).iter().flat_map(|header| header.value.uses()));
        }
        uses.extend(file.team.iter().flat_map(|team| team.uses()));
        uses.extend(file.widget.iter().flat_map(|widget| widget.uses()));
        uses.extend(file.hours.uses());
        uses.extend(file.vars.texts().flat_map(|(_, text)| text.uses()));
        if let Some(Hold::Socket(socket)) = &file.device.hold {
            uses.extend(socket.path.uses().chain(socket.script.iter().flat_map(ScriptLine::uses)));
        }
        let mut used: BTreeSet<&str> = uses.into_iter().map(|used| used.name.as_str()).collect();
        let of_teams = file.team.iter().flat_map(|team| team.whens());
        let of_widgets = file.widget.iter().flat_map(|widget| widget.whens());
        used.extend(of_teams.chain(of_widgets).flat_map(RowCondition::names).map(|(name, _)| name));
        // What the letter asks for by name.
        used.extend(["said", "now"]);
        used.extend(file.can.versions.iter().filter_map(|said| said.what.as_deref()));
        used
    }
}
