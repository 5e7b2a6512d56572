//! The letter, rule by rule: each test is named after the rule of `targets.md` that it holds.

mod files;
mod outcomes;
mod promises;
mod reading;
mod requests;
mod robust;
mod weeks;

use serde_json::Value;
use toml::de::DeTable;

use super::answer::Answer;
use super::finding::{Findings, Severity};
use super::node::{ParseContext, Table};
use super::section::Section;
use super::step::Step;
use super::template::{Counters, KeptValues, Names, Template, Vars};

/// Reads a step as a section has it, and what is wrong with it.
fn read_step(text: &str, section: Section) -> (Option<Step>, Vec<String>) {
    let whole = format!("[step]\n{text}");
    let reading = ParseContext { text: &whole, findings: Findings::default() };
    let parsed = DeTable::parse(&whole).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut root = Table::root(parsed.get_ref(), &reading);
    let step = root.get("step").and_then(|node| Step::read(node, section));
    drop(root);
    drop(parsed);
    let found = reading.findings.into_sorted().into_iter();
    let errors = found.filter(|found| found.severity == Severity::Error);
    (
        step,
        errors
            .map(|found| format!("{}: {}", found.diagnostic.message, found.diagnostic.label))
            .collect(),
    )
}

/// A step without diagnostic.
fn step(text: &str) -> Step {
    match read_step(text, Section::AgentMake) {
        (Some(step), errors) if errors.is_empty() => step,
        (_, errors) => panic!("{text}: {errors:?}"),
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Answer::new(status, headers.collect(), body.as_bytes().to_vec(), 1 << 20).expect("whole")
}

fn kept(names: &[(&str, Value)]) -> KeptValues {
    let mut kept = KeptValues::new();
    for (name, value) in names {
        kept.put(*name, value.clone());
    }
    kept
}

fn vars(texts: &[(&str, &str)]) -> Vars {
    let findings = Findings::default();
    let mut vars = Vars::default();
    for (name, text) in texts {
        let text = super::node::SpannedText::at(text, Default::default());
        vars.put(*name, Template::read(text, &findings));
    }
    vars
}

/// Does something with names that a step, and its caller, see.
fn with_names<T>(
    of_step: &KeptValues,
    of_caller: &KeptValues,
    vars: &Vars,
    act: impl FnOnce(&mut Names<'_>) -> T,
) -> T {
    act(&mut Names::new(vec![of_step], vec![of_caller], vars, &mut Counters::default()))
}
