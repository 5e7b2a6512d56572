//! Which names can be used where (rules T15 to T19, T21 of target files).

use std::collections::{BTreeMap, BTreeSet};

use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;

use crate::file::can::FOR;
use crate::file::hold::{Hold, ScriptLine};
use crate::file::section::{Caller, Repeat, Scope, Section};
use crate::file::step::Step;
use crate::file::target::TargetFile;
use crate::file::template::NameUse;

/// A name that is kept: by which step of which section, and where that stands.
#[derive(Clone, Copy, Debug)]
pub struct NameDefinition<'f> {
    /// The name under which the value is kept.
    pub name: &'f str,
    /// The section whose step keeps it, which decides who sees it (rule T16).
    pub section: Section,
    /// Its place among the section's steps.
    pub step: usize,
    /// Where the name stands, for a warning that nothing uses it.
    pub span: Span,
}

/// Everything in a file that gives names.
pub struct Scopes<'f> {
    /// The file whose names these are.
    pub file: &'f TargetFile,
    /// Every name that a step keeps, in the order of the file's sections.
    pub kept: Vec<NameDefinition<'f>>,
    /// Names of rows that are there beforehand.
    rows: BTreeMap<Scope, BTreeSet<&'f str>>,
    /// Counters by who calls.
    counters: BTreeSet<(Caller, &'f str)>,
}

/// Where a name is used.
#[derive(Clone, Debug)]
pub struct VisibleNames<'f> {
    /// The section, or that of whose caller this is.
    pub section: Section,
    /// Names that are kept or given here, or count up.
    pub known: BTreeSet<&'f str>,
}

impl<'f> Scopes<'f> {
    /// Everything in the file that gives names, and who counts.
    pub fn of(file: &'f TargetFile) -> Self {
        let mut kept = Vec::new();
        let mut counters = BTreeSet::new();
        for (section, steps) in file.sections() {
            for (index, step) in steps.iter().enumerate() {
                kept.extend(step.keep.iter().map(|keep| NameDefinition {
                    name: &keep.name,
                    section,
                    step: index,
                    span: keep.span,
                }));
                let owner = section.owner(step.caller);
                let counted = all_uses(file, step.uses()).into_iter().filter(|used| used.counts);
                counters.extend(counted.map(|used| (owner, used.name.as_str())));
            }
        }
        if let Some(Hold::Socket(socket)) = &file.device.hold {
            let lines = socket.script.iter().flat_map(ScriptLine::keeps);
            kept.extend(lines.map(|(name, span)| NameDefinition {
                name,
                section: Section::DeviceHold,
                step: 0,
                span,
            }));
            let uses = socket.path.uses().chain(socket.script.iter().flat_map(ScriptLine::uses));
            let counted = all_uses(file, uses.collect()).into_iter().filter(|used| used.counts);
            counters.extend(counted.map(|used| (Caller::Device, used.name.as_str())));
        }
        let names = |rows: &'f [crate::file::target_section::ExistingRow]| {
            rows.iter().flat_map(|row| row.names())
        };
        let rows = BTreeMap::from([
            (Scope::Agent, names(&file.about.accounts).collect()),
            (Scope::Property, names(&file.about.properties).collect()),
        ]);
        Self { file, kept, rows, counters }
    }

    /// What a step sees.
    pub fn of_step(&self, section: Section, index: usize, step: &'f Step) -> VisibleNames<'f> {
        let mut place = self.around(section, step.each);
        let of_list = self.kept.iter().filter(|kept| kept.section == section && kept.step <= index);
        place.known.extend(of_list.map(|kept| kept.name));
        let owner = section.owner(step.caller);
        place.known.extend(self.own_of_caller(section, owner, index));
        place.known.extend(self.counted_by(owner));
        place
    }

    /// What is known when all steps of a section are done: for tables that read what they kept.
    pub fn after(&self, section: Section, for_member: bool) -> VisibleNames<'f> {
        let mut place = self.around(section, None);
        if for_member {
            self.add_around(&mut place, section, None, true);
        }
        let of_list = self.kept.iter().filter(|kept| kept.section == section);
        place.known.extend(of_list.map(|kept| kept.name));
        place
    }

    /// What the headers of a caller see when a step of a section calls; `None` for `index` is once all
    /// that the caller ever keeps is there.
    pub fn of_caller(&self, caller: Caller, at: Option<(Section, usize)>) -> VisibleNames<'f> {
        let mut known = BTreeSet::from(["now"]);
        let (section, index) = at.unwrap_or((Section::ClockSet, 0));
        match caller {
            Caller::Visitor => {}
            Caller::Admin => known.extend(self.own_of_caller(section, caller, index)),
            Caller::Observer => {
                known.extend(["agent", "device", "password"]);
                known.extend(self.own_of_caller(section, caller, index));
            }
            Caller::Device => {
                known.extend(["agent", "device", "password", "value"]);
                for scope in [Scope::Device, Scope::Agent] {
                    known.extend(self.kept_with(scope, at.map(|_| section)));
                }
                let is_before =
                    |kept: &&NameDefinition<'_>| kept.section == section && kept.step < index;
                if at.is_some() {
                    known.extend(self.kept.iter().filter(is_before).map(|kept| kept.name));
                }
            }
        }
        known.extend(self.counted_by(caller));
        VisibleNames { section, known }
    }

    /// What is given to, and kept around, a section.
    fn around(&self, section: Section, each: Option<Repeat>) -> VisibleNames<'f> {
        let mut place = VisibleNames { section, known: BTreeSet::new() };
        let for_member = self.file.team.as_ref().is_some_and(|team| team.for_member);
        self.add_around(&mut place, section, each, for_member);
        place
    }

    fn add_around(
        &self,
        place: &mut VisibleNames<'f>,
        section: Section,
        each: Option<Repeat>,
        member: bool,
    ) {
        place.known.extend(section.given(each, member));
        place.known.extend(self.settings_of(section));
        for scope in section.sees(each, member) {
            place.known.extend(self.kept_with(*scope, Some(section)));
        }
    }

    /// Settings that are given to a section.
    pub fn settings_of(&self, section: Section) -> impl Iterator<Item = &'f str> {
        let settings = self.file.can.settings.iter().map(|said| said.what.as_str());
        settings.filter(move |name| match *name {
            FOR => section.is_status(),
            _ => section.is_given_settings(),
        })
    }

    /// What is kept with a scope by others than a section, before it.
    fn kept_with(&self, scope: Scope, section: Option<Section>) -> BTreeSet<&'f str> {
        let is_first = section.is_some_and(|s| s.is_first_of_scope() && s.keeps() == scope);
        let is_there = |kept: &&NameDefinition<'f>| {
            kept.section.keeps() == scope && !is_first && Some(kept.section) != section
        };
        let kept = self.kept.iter().filter(is_there).map(|kept| kept.name);
        kept.chain(self.rows.get(&scope).into_iter().flatten().copied()).collect()
    }

    /// What the admin and the observer have kept for themselves.
    fn own_of_caller(&self, section: Section, owner: Caller, index: usize) -> BTreeSet<&'f str> {
        let login = match owner {
            Caller::Admin => Section::AdminLogin,
            Caller::Observer if self.file.steps(Section::ObserverLogin).is_some() => {
                Section::ObserverLogin
            }
            Caller::Observer => Section::DeviceLogin,
            Caller::Device | Caller::Visitor => return BTreeSet::new(),
        };
        let is_there = |kept: &&NameDefinition<'_>| {
            kept.section == login && (section != login || kept.step < index)
        };
        let mut own: BTreeSet<&str> =
            self.kept.iter().filter(is_there).map(|kept| kept.name).collect();
        if owner == Caller::Observer {
            own.extend(self.kept_with(Scope::Agent, None));
        }
        own
    }

    fn counted_by(&self, owner: Caller) -> impl Iterator<Item = &'f str> {
        let of_owner = self.counters.iter().filter(move |(caller, _)| *caller == owner);
        of_owner.map(|(_, name)| *name)
    }

    /// Whether a counter has that name.
    pub fn is_counter(&self, name: &str) -> bool {
        self.counters.iter().any(|(_, counter)| *counter == name)
    }

    /// Why a name is not known at a place, for who used it there.
    pub fn unknown(&self, name: &str, used_at: Span, place: &VisibleNames<'f>) -> Diagnostic {
        if let Some(kept) = self.kept.iter().find(|kept| kept.name == name) {
            let message = format!("`{name}` is not known here");
            let by = kept.section.address();
            if kept.section == place.section {
                return Diagnostic::new(used_at, message, "a later step keeps it");
            }
            let diagnostic =
                Diagnostic::new(used_at, message, format!("kept by `{by}`{}", with(kept.section)));
            let is_of_property = matches!(kept.section.keeps(), Scope::Property | Scope::Member);
            return match (place.section.is_of_device() && is_of_property, kept.section.keeps()) {
                (true, _) => diagnostic.help(
                    "`for = \"property\"` calls the step once for each property of the agent, \
                     with its names",
                ),
                (_, Scope::Admin) => diagnostic.help("only calls `as = \"admin\"` see it"),
                _ => diagnostic,
            };
        }
        let giving = Section::ALL.into_iter().find(|section| {
            let eaches = [None, Some(Repeat::Weekday), Some(Repeat::Date)];
            eaches.iter().any(|each| section.given(*each, false).contains(&name))
        });
        if let Some(section) = giving {
            let message = format!("`{name}` is not known here");
            let label = format!("given in `{}`", section.address());
            let diagnostic = Diagnostic::new(used_at, message, label);
            return match place.section {
                of_device if of_device.is_of_device() => diagnostic.help(
                    "`for = \"property\"` calls the step once for each property of the agent, \
                     with its names",
                ),
                Section::HoursSet => diagnostic.help(
                    "steps with `for = \"weekday\"`, `\"interval\"` or `\"date\"` have the names of \
                     a day, those without have `{{hours}}`, `{{every}}`, `{{dates}}`, `{{entries}}` and \
                     `{{cuts}}`",
                ),
                _ => diagnostic,
            };
        }
        if crate::file::can::SETTINGS.iter().any(|setting| setting == name) {
            let message = format!("`{name}` is not known here");
            let label = "a setting that `can.settings` does not name, or that is not given here";
            return Diagnostic::new(used_at, message, label);
        }
        let vars = self.file.vars.names();
        let diagnostic =
            Diagnostic::new(used_at, format!("nothing gives `{name}`"), "unknown name");
        diagnostic.did_you_mean(name, vars.chain(place.known.iter().copied()))
    }
}

/// With what something stays that a section keeps.
fn with(section: Section) -> &'static str {
    match section.keeps() {
        Scope::List => ", for its own steps",
        Scope::Device => ", with the device",
        Scope::Member => ", with the member",
        Scope::Agent => ", with the agent",
        Scope::Widget => ", with the widget",
        Scope::Property => ", with the property",
        Scope::Admin => ", for the admin",
        Scope::Observer => ", for the observer",
    }
}

/// Uses, and those within the variables that they name.
pub fn all_uses<'f>(file: &'f TargetFile, uses: Vec<&'f NameUse>) -> Vec<&'f NameUse> {
    let mut all = uses;
    let mut seen = BTreeSet::new();
    let mut next = 0;
    while let Some(used) = all.get(next).copied() {
        next += 1;
        if let (true, Some(var)) = (seen.insert(used.name.as_str()), file.vars.text(&used.name)) {
            all.extend(var.uses());
        }
    }
    all
}
