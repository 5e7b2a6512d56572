//! The names that templates may use, and what they stand for at a call (rules T15, T16, T19 of target
//! files).

use std::collections::BTreeMap;

use serde_json::Value;

use super::parts::Template;

/// What was kept, or is given, in one place: with a device, an agent, a property, or one list of steps.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KeptValues {
    values: BTreeMap<String, NameValue>,
}

/// A value behind a name.
#[derive(Clone, PartialEq, Debug)]
pub enum NameValue {
    /// A value, which filters go over.
    Value(Value),
    /// A value that stands as it is, whatever the filter: what a closed day has for its times (T32).
    AsWritten(Value),
}

impl KeptValues {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a value; a later one replaces an earlier one.
    pub fn put(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.values.insert(name.into(), NameValue::Value(value.into()));
    }

    /// Keeps a value that no filter changes.
    pub fn put_as_written(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.values.insert(name.into(), NameValue::AsWritten(value.into()));
    }

    /// Keeps all that another place has kept.
    pub fn take(&mut self, other: Self) {
        self.values.extend(other.values);
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.known(name).map(|known| match known {
            NameValue::Value(value) | NameValue::AsWritten(value) => value,
        })
    }

    /// Every name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, known)| match known {
            NameValue::Value(value) | NameValue::AsWritten(value) => (name.as_str(), value),
        })
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn known(&self, name: &str) -> Option<&NameValue> {
        self.values.get(name)
    }
}

/// Numbers that count up, of one caller: a device, the admin, the observer, one read of a visitor.
/// They begin at 1, anew with each login (rule T19).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    last: BTreeMap<String, u64>,
}

impl Counters {
    /// The next number.
    pub fn take(&mut self, name: &str) -> u64 {
        if let Some(last) = self.last.get_mut(name) {
            *last += 1;
            return *last;
        }
        self.last.insert(name.to_owned(), 1);
        1
    }

    /// The number taken last.
    pub fn last(&self, name: &str) -> Option<u64> {
        self.last.get(name).copied()
    }
}

/// The variables of a file: texts that are expanded where they are used (rule T15), and secrets, which
/// only the command line, the environment or a file beside it give (rule T25).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Vars {
    texts: BTreeMap<String, Template>,
    secrets: BTreeMap<String, Option<String>>,
}

/// There is no such variable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoSuchVar;

impl Vars {
    /// A variable as the file has it.
    pub fn put(&mut self, name: impl Into<String>, text: Template) {
        self.texts.insert(name.into(), text);
    }

    /// A secret whose text is still to come.
    pub fn declare_secret(&mut self, name: impl Into<String>) {
        self.secrets.insert(name.into(), None);
    }

    /// Gives a secret its text, or a variable another one: what the command line says wins. It is taken
    /// as it is; braces in it mean themselves.
    ///
    /// # Errors
    /// When the file has no variable of that name.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), NoSuchVar> {
        if let Some(secret) = self.secrets.get_mut(name) {
            *secret = Some(text.to_owned());
        } else if let Some(var) = self.texts.get_mut(name) {
            *var = Template::plain(text, var.span());
        } else {
            return Err(NoSuchVar);
        }
        Ok(())
    }

    /// Every name, for "did you mean".
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().chain(self.secrets.keys()).map(String::as_str)
    }

    /// Every variable that the file gives a text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &Template)> {
        self.texts.iter().map(|(name, text)| (name.as_str(), text))
    }

    /// The text of a variable, unexpanded.
    pub fn text(&self, name: &str) -> Option<&Template> {
        self.texts.get(name)
    }

    /// Every secret, with its text where it has one by now.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.secrets.iter().map(|(name, text)| (name.as_str(), text.as_deref()))
    }

    /// Whether a name is a secret's.
    pub fn is_secret(&self, name: &str) -> bool {
        self.secrets.contains_key(name)
    }

    /// Secrets that nobody has given: a run cannot begin without them (exit 2).
    pub fn missing_secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets().filter(|(_, text)| text.is_none()).map(|(name, _)| name)
    }
}

/// What a name stands for.
pub(super) enum Meaning<'a> {
    /// A value that was kept or is given; filters go over it.
    Value(&'a Value),
    /// A value that stands as it is, whatever the filter (rule T32).
    AsWritten(&'a Value),
    /// A variable, which is expanded with the names of the step that uses it (rule T15).
    Var(&'a Template),
    /// The text of a secret, which is never expanded.
    Secret(&'a str),
    /// The number that the counter gave last (rule T19).
    Count(u64),
    /// The step that asks keeps it, and has not yet.
    Empty,
}

/// All names of one call, the nearest places first.
#[derive(Debug)]
pub struct Names<'a> {
    of_step: Vec<&'a KeptValues>,
    of_caller: Vec<&'a KeptValues>,
    vars: &'a Vars,
    counters: &'a mut Counters,
    /// What the step itself keeps: empty before (rule T16).
    own: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// The names that a step sees, those that the headers of its caller see, the file's variables, and
    /// the caller's counters. Of several places that have a name the first one counts.
    pub fn new(
        of_step: Vec<&'a KeptValues>,
        of_caller: Vec<&'a KeptValues>,
        vars: &'a Vars,
        counters: &'a mut Counters,
    ) -> Self {
        Self { of_step, of_caller, vars, counters, own: Vec::new() }
    }

    /// The same for the headers of the caller.
    pub fn of_caller(&mut self) -> Names<'_> {
        let of_caller = self.of_caller.clone();
        Names {
            of_step: of_caller.clone(),
            of_caller,
            vars: self.vars,
            counters: self.counters,
            own: Vec::new(),
        }
    }

    /// The same with a place that is nearer than all others.
    pub fn with<'b>(&'b mut self, nearest: &'b KeptValues) -> Names<'b> {
        let of_step = std::iter::once(nearest).chain(self.of_step.iter().copied()).collect();
        Names {
            of_step,
            of_caller: self.of_caller.clone(),
            vars: self.vars,
            counters: self.counters,
            own: self.own.clone(),
        }
    }

    /// The same for a step that keeps these names: they are empty until it has.
    pub fn of_step_that_keeps<'b>(
        &'b mut self,
        own: impl IntoIterator<Item = &'b str>,
    ) -> Names<'b> {
        Names {
            of_step: self.of_step.clone(),
            of_caller: self.of_caller.clone(),
            vars: self.vars,
            counters: self.counters,
            own: own.into_iter().collect(),
        }
    }

    /// The value of a name that was kept or is given; nothing for variables.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.of_step.iter().find_map(|kept| kept.get(name))
    }

    /// Counts up for the caller, and gives the number.
    pub(super) fn count(&mut self, name: &str) -> u64 {
        self.counters.take(name)
    }

    /// What a name stands for, the nearest place first; `None` where nothing gives it.
    pub(super) fn look_up(&self, name: &str) -> Option<Meaning<'a>> {
        let kept = self.of_step.iter().find_map(|kept| kept.known(name));
        if let Some(known) = kept {
            return Some(match known {
                NameValue::Value(value) => Meaning::Value(value),
                NameValue::AsWritten(value) => Meaning::AsWritten(value),
            });
        }
        if let Some(text) = self.vars.texts.get(name) {
            return Some(Meaning::Var(text));
        }
        if let Some(Some(text)) = self.vars.secrets.get(name) {
            return Some(Meaning::Secret(text));
        }
        if let Some(count) = self.counters.last(name) {
            return Some(Meaning::Count(count));
        }
        self.own.contains(&name).then_some(Meaning::Empty)
    }
}
