//! What a file says it can, against the steps and rules that it has (rules T34, T35, T39, T41 of target
//! files).

use lamplighter_core::model::knobs::EndMinute;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;

use super::scope::all_uses;
use crate::file::can::{AUTO_AWAY, Declared, FOR, GRACE, HoursCan};
use crate::file::finding::Findings;
use crate::file::section::{Repeat, Section};
use crate::file::step::Step;
use crate::file::target::TargetFile;
use crate::file::template::{Filter, NameUse};
use crate::file::widget::{WidgetColumn, WidgetSection};

/// Holds the sections `[can]` and `[rules]` against each other and against the steps.
pub fn check(file: &TargetFile, findings: &Findings) {
    let abilities = AbilitiesCheck { file, findings };
    abilities.without_steps();
    abilities.settings();
    abilities.hours();
    abilities.last_minute();
    abilities.folded();
    abilities.told();
}

struct AbilitiesCheck<'f> {
    file: &'f TargetFile,
    findings: &'f Findings,
}

impl<'f> AbilitiesCheck<'f> {
    fn error(&self, span: Span, message: impl Into<String>, label: &str) {
        self.findings.error(Diagnostic::new(span, message, label));
    }

    fn has(&self, section: Section) -> bool {
        self.file.steps(section).is_some()
    }

    /// `true` without steps (T41).
    fn without_steps(&self) {
        let can = &self.file.can;
        type Needs<'s> = (&'static str, &'s Option<Declared<bool>>, &'static [Section]);
        let needs: [Needs<'_>; 4] = [
            ("logout", &can.logout, &[Section::DeviceLogout]),
            ("suspend", &can.suspend, &[Section::MemberSuspend, Section::MemberReinstate]),
            ("messages", &can.messages, &[Section::MessageLeave, Section::MessageList]),
            ("push", &can.push, &[Section::WidgetPush]),
        ];
        for (name, said, sections) in needs {
            let missing = sections.iter().find(|section| !self.has(**section));
            if let (Some(said @ Declared { what: true, .. }), Some(section)) = (said, missing) {
                let message = format!("`{name}` has no steps");
                let label = format!("`{}` is missing", section.address());
                let keys = [section.key()];
                self.findings.missing(&keys, Diagnostic::new(said.span, message, label));
            }
        }
    }

    /// Settings that no step uses: a warning, for what is said to be set is not.
    fn settings(&self) {
        let sections = self.file.sections().filter(|(section, _)| section.is_given_settings());
        let steps = sections.flat_map(|(_, steps)| steps);
        let uses: Vec<&NameUse> = steps.flat_map(|step| all_uses(self.file, step.uses())).collect();
        let is_folded = self.file.widget == Some(WidgetSection::Folded);
        for said in &self.file.can.settings {
            // Statuses for a time, and what a folded widget has not, are told elsewhere.
            let is_of_widget = ![GRACE, AUTO_AWAY].contains(&said.what.as_str());
            if said.what == FOR || is_folded && is_of_widget {
                continue;
            }
            if !uses.iter().any(|used| used.name == said.what) {
                let message = format!("nothing sets `{}`", said.what);
                let label = format!(
                    "no step of `property.make`, `property.set` or `widget.make` has `{{{{{}}}}}`",
                    said.what
                );
                self.findings.warning(Diagnostic::new(said.span, message, label));
            }
        }
    }

    /// Hours and what can be said of them (T35).
    fn hours(&self) {
        let set = self.file.steps(Section::HoursSet);
        match (&self.file.can.hours, set) {
            (None, Some(_)) => {
                let message = "`[can]` does not say which hours can be set";
                let diagnostic =
                    Diagnostic::new(self.file.place("hours"), message, "`can.hours` is missing");
                self.findings.missing(
                    &["hours", "can"],
                    diagnostic.help("`hours = { zone = \"own\" }` in `[can]`"),
                );
            }
            (Some(Declared { what: Some(can), span }), Some(steps)) => {
                self.hours_in_steps(can, steps, *span);
                self.hours_of_days(can, steps);
            }
            (Some(Declared { what: Some(_), span }), None) => {
                let message = "`hours` has no steps";
                let diagnostic = Diagnostic::new(*span, message, "`hours.set` is missing");
                self.findings.missing(&["set"], diagnostic);
            }
            _ => {}
        }
    }

    /// What is said to be set stands in some step (T35).
    fn hours_in_steps(&self, can: &HoursCan, steps: &[Step], span: Span) {
        let uses: Vec<&NameUse> =
            steps.iter().flat_map(|step| all_uses(self.file, step.uses())).collect();
        let has = |name: &str| uses.iter().any(|used| used.name == name);
        let is_dated = steps.iter().any(|step| step.each == Some(Repeat::Date));
        for (can, is_set, what, needs) in [
            (
                can.dates,
                is_dated || has("dates") || has("entries"),
                "sets the hours of dates",
                "is `for = \"date\"` or has `{{dates}}` or `{{entries}}`",
            ),
            (can.calendars, has("entries"), "sets calendars", "has `{{entries}}`"),
            (can.weeks, has("every"), "sets hours that take turns by weeks", "has `{{every}}`"),
            (can.cuts, has("cuts"), "cuts anything out of the hours", "has `{{cuts}}`"),
        ] {
            if can && !is_set {
                let label = format!("no step of `hours.set` {needs}");
                self.error(span, format!("nothing {what}"), &label);
            }
        }
    }

    /// Ends with days behind them are no times of day (T35).
    fn hours_of_days(&self, can: &HoursCan, steps: &[Step]) {
        let of_steps = steps.iter().flat_map(|step| step.uses()).chain(self.file.hours.uses());
        let is_time_of_day = |used: &&NameUse| {
            ["end", "last"].contains(&used.name.as_str()) && used.filters.contains(&Filter::Hhmm)
        };
        if !can.spans {
            return;
        }
        let uses = all_uses(self.file, of_steps.collect());
        if let Some(used) = uses.into_iter().find(is_time_of_day) {
            let label = "with `spans = true` it may be `18:00+2d`";
            let diagnostic = Diagnostic::new(used.span, "`hhmm` has no days", label);
            self.findings.error(diagnostic.help("`minutes` counts them on: 3960"));
        }
    }

    /// `{{last}}` makes up for a product that is open in its end minute: both count it twice (T34).
    fn last_minute(&self) {
        if self.file.rules.set.end_minute != EndMinute::Open {
            return;
        }
        let steps = [Section::HoursSet, Section::HoursOff].map(|section| self.file.steps(section));
        let of_steps = steps.into_iter().flatten().flatten().flat_map(|step| step.uses());
        let uses: Vec<&NameUse> = of_steps.chain(self.file.hours.uses()).collect();
        if let Some(used) = all_uses(self.file, uses).into_iter().find(|used| used.name == "last") {
            let label = "the rules have `end_minute = \"open\"`";
            let diagnostic =
                Diagnostic::new(used.span, "the end minute is made up for twice", label);
            self.findings.error(diagnostic.help(
                "`{{last}}` is for products that are open in their end minute: seen from outside \
                 they close as the rule book says, `end_minute = \"closed\"`",
            ));
        }
    }

    /// A folded widget has neither scheduler nor settings, and visitors who see nothing (T39).
    fn folded(&self) {
        if self.file.widget != Some(WidgetSection::Folded) {
            return;
        }
        let can = &self.file.can;
        let label = "with `from = \"team\"` a widget has no scheduler";
        if let Some(Declared { what: Some(_), span }) = &can.hours {
            self.error(*span, "hours cannot be told", label);
        }
        if let Some(Declared { what: true, span }) = &can.visibility {
            let label = "with `from = \"team\"` no visitor looks";
            self.error(*span, "visibility cannot be told", label);
        }
        if let Some(Declared { what: Some(_), span }) = &can.versions {
            let label = "with `from = \"team\"` many answers are one";
            self.error(*span, "versions cannot be told", label);
        }
        for said in &can.settings {
            if ![GRACE, AUTO_AWAY, FOR].contains(&said.what.as_str()) {
                let message = format!("`{}` cannot be told", said.what);
                self.error(said.span, message, "with `from = \"team\"` a widget has no settings");
            }
        }
        if let Some(step) = self.file.steps(Section::WidgetRead).and_then(<[_]>::first) {
            let message = "`widget.read` does not stand beside `from = \"team\"`";
            self.error(step.span, message, "the rules fold the team: no visitor looks");
        }
    }

    /// What is to be told stands in some row, or is kept.
    fn told(&self) {
        let can = &self.file.can;
        let widget = self.file.widget.as_ref().filter(|widget| **widget != WidgetSection::Folded);
        if let (Some(Declared { what: true, span }), Some(widget)) = (&can.visibility, widget)
            && !widget.tells(WidgetColumn::Visibility)
        {
            let label = "no row of `says` has `shown` or `hidden_because`";
            self.error(*span, "visibility cannot be told", label);
        }
        if let (Some(Declared { what: Some(name), span }), Some(_)) = (&can.versions, widget) {
            let read = self.file.steps(Section::WidgetRead).unwrap_or_default();
            if !read.iter().any(|step| step.keeps().any(|kept| kept == name)) {
                let message = format!("`widget.read` keeps no `{name}`");
                self.error(*span, message, "the kept name in which answers have their version");
            }
        }
    }
}
