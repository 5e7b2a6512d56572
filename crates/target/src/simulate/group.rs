//! What was found on a target, each kind of it once: what breaks the same rule in the same smallest form.

use std::fmt;

use lamplighter_scenario::simulate::{Question, Reply, Written};

use super::batch::FailingWorld;

/// Worlds in which the same is wrong.
#[derive(Clone, Debug)]
pub struct Group {
    /// The first seed whose world shows it.
    pub seed: u64,
    /// How many worlds show it.
    pub worlds: u64,
    /// What is wrong: whose answer, what the rules say and what the target does.
    pub kind: WrongKind,
    /// The smallest scenario that fails on the target; `None` where none did when it was played again.
    pub scenario: Option<Written>,
    /// How many lines that scenario has of what happens and must be true.
    pub lines: usize,
    /// How many smaller worlds were played.
    pub tries: usize,
}

/// What is wrong, without whom it is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WrongKind {
    /// What was looked at, e.g. `widget status`.
    pub what: String,
    /// The rule that decides by the rule book, where one does.
    pub rule: Option<String>,
    /// What the rules say, in words.
    pub expected: String,
    /// What the target says, in words.
    pub found: String,
}

impl fmt::Display for WrongKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, rule, expected, found } = self;
        write!(f, "{what}: by the rules {expected}")?;
        if let Some(rule) = rule {
            write!(f, " (rule {rule})")?;
        }
        write!(f, ", there {found}")
    }
}

impl WrongKind {
    /// The kind of something wrong.
    pub fn of(wrong: &FailingWorld) -> Self {
        let subject = match wrong.question {
            Question::Widget(_) | Question::Next(..) => "widget",
            Question::Agent(_) => "team",
            Question::Visitor(..) => "widget",
            Question::LastEvent => "what was done",
        };
        let aspects: Vec<&str> = wrong.aspects.iter().map(|aspect| aspect.word()).collect();
        let what = [subject, &aspects.join(", ")].join(" ");
        let (rule, expected) = match &wrong.expected {
            Reply::Widget(answer, form, greeting) => {
                let part = |aspect: &str| match aspect {
                    "chat" => answer.chat.to_string(),
                    "form" => format!("form {form}"),
                    "greeting" => format!("greeting {greeting:?}"),
                    _ => answer.status.to_string(),
                };
                let parts: Vec<String> = aspects.iter().map(|aspect| part(aspect)).collect();
                (Some(format!("W{}", answer.rule)), parts.join(", "))
            }
            Reply::Agent(status) => (Some("P4".to_owned()), status.to_string()),
            other => (None, other.to_string()),
        };
        Self { what: what.trim_end().to_owned(), rule, expected, found: wrong.found.clone() }
    }
}

/// A scenario without its title and its times: what makes it small, and alike to another.
pub fn form(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("scenario"));
    let lines = lines.map(|line| match line.trim_start().strip_prefix("at ") {
        Some(_) => "at",
        None => line.trim(),
    });
    lines.collect::<Vec<_>>().join("\n")
}
