//! What was tested on a service: a table by capability, and why the rest was not. Text, JSON, JUnit and
//! HTML tell of it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use super::Paint;
use super::format::clean;
use lamplighter_scenario::play::{Capability, Verdict};

/// A scenario that was not played, and why.
pub struct Skipped {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Why it was not played.
    pub why: String,
}

/// What was tested of a capability.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TestedRow {
    /// What was asked for.
    pub capability: &'static str,
    /// How many clauses held.
    pub held: usize,
    /// How many were false.
    #[serde(rename = "false")]
    pub wrong: usize,
    /// How many were not tested.
    pub not_tested: usize,
}

/// Why something was not tested.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reason {
    /// The reason in words.
    pub why: String,
    /// Of how many clauses.
    pub clauses: usize,
}

/// What all scenarios together tested.
#[derive(Default)]
pub struct TestedTotals {
    by_capability: BTreeMap<Capability, [usize; 3]>,
    reasons: BTreeMap<String, usize>,
}

impl TestedTotals {
    /// Adds a scenario's.
    fn add(&mut self, verdict: &Verdict) {
        let tested = &verdict.tested;
        for (column, counts) in [(0, &tested.held), (1, &tested.wrong)] {
            for (capability, count) in counts {
                self.by_capability.entry(*capability).or_default()[column] += count;
            }
        }
        for one in &tested.untested {
            self.by_capability.entry(one.capability).or_default()[2] += 1;
            *self.reasons.entry(one.why.0.clone()).or_default() += 1;
        }
    }

    /// What all of these tested.
    pub fn of(verdicts: &[Verdict]) -> Self {
        let mut totals = Self::default();
        verdicts.iter().for_each(|verdict| totals.add(verdict));
        totals
    }

    /// The rows of the table, in the order in which reports name capabilities; none where everything
    /// was played in process.
    pub fn rows(&self) -> Vec<TestedRow> {
        let row = |(capability, counts): (&Capability, &[usize; 3])| {
            let [held, wrong, not_tested] = *counts;
            TestedRow { capability: capability.word(), held, wrong, not_tested }
        };
        self.by_capability.iter().map(row).collect()
    }

    /// Why what was not tested was not, the most frequent first.
    pub fn reasons(&self) -> Vec<Reason> {
        let reason =
            |(why, clauses): (&String, &usize)| Reason { why: clean(why), clauses: *clauses };
        let mut reasons: Vec<Reason> = self.reasons.iter().map(reason).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.clauses));
        reasons
    }

    /// The table; nothing where everything was played in process.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let rows = self.rows();
        if rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "{:<16}{:>8}{:>8}{:>12}", "clauses", "held", "false", "not tested")?;
        for TestedRow { capability, held, wrong, not_tested } in rows {
            let wrong = match wrong {
                0 => format!("{wrong:>8}"),
                wrong => Paint::Bad.on(format!("{wrong:>8}")).to_string(),
            };
            writeln!(out, "{capability:<16}{held:>8}{wrong}{not_tested:>12}")?;
        }
        for Reason { why, clauses } in self.reasons() {
            writeln!(out, "  {clauses:>6} not tested: {why}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::time::Duration;

    use lamplighter_core::hours::Zones;
    use lamplighter_scenario::language::span::Span;
    use lamplighter_scenario::play::{
        CameTo, Capability, ClauseTested, MadeName, NotTested, Options, Untested, Verdict, run,
    };

    use super::{Skipped, TestedTotals};
    use crate::report::summary::Summary;
    use crate::report::{html, json, junit};

    const TEXT: &str = "\
scenario Ann is there
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on laptop
  expect acme online, form none
";

    /// As if it had been played on a target that tells the status, and no form.
    fn on_a_target() -> Verdict {
        let zones = Arc::new(Zones::bundled());
        let stop = std::sync::atomic::AtomicBool::new(false);
        let path = Path::new("day/ann.scenario");
        let mut verdict = run(path, TEXT.as_bytes(), &zones, Options::default(), &stop);
        let place = |words: &str| {
            let start = TEXT.find(words).expect("in the text");
            Span::new(start, start + words.len())
        };
        let why = Untested("form: no row of `says` tells it".to_owned());
        verdict.tested.held.insert(Capability::Status, 1);
        let not =
            NotTested { span: place("form none"), capability: Capability::Form, why: why.clone() };
        verdict.tested.untested.push(not);
        let mut clause = |words, capability, came_to| {
            verdict.tested.clauses.insert(place(words), ClauseTested { capability, came_to });
        };
        clause("online", Capability::Status, CameTo::Held);
        clause("form none", Capability::Form, CameTo::NotTested(why));
        let (name, made) = ("ann".to_owned(), "llabc1".to_owned());
        verdict.made.push(MadeName { kind: "agent", name, made });
        verdict
    }

    fn skipped() -> [Skipped; 1] {
        let (path, why) = (PathBuf::from("day/bob.scenario"), "it waits 700 s".to_owned());
        [Skipped { path, why }]
    }

    #[test]
    fn every_report_says_of_each_clause_whether_it_was_tested_and_of_files_whether_they_were_played()
     {
        let verdicts = [on_a_target()];
        let mut summary = Summary::default();
        summary.add(&verdicts[0]);
        let mut out = Vec::new();
        json::json(&mut out, &verdicts, &skipped(), &summary, "2026a").expect("written");
        let json: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        let row = |capability: &str, held, not_tested| {
            serde_json::json!({
                "capability": capability, "held": held, "false": 0, "not_tested": not_tested,
            })
        };
        let table = &json["tested"]["by_capability"];
        assert_eq!(*table, serde_json::json!([row("widget status", 1, 0), row("form", 0, 1)]));
        let clauses = &json["scenarios"][0]["clauses"];
        assert_eq!(
            (&clauses[0]["clause"], &clauses[0]["came_to"]),
            (&"online".into(), &"held".into())
        );
        assert_eq!(clauses[1]["came_to"], "not tested");
        assert_eq!(clauses[1]["why"], "form: no row of `says` tells it");
        assert_eq!((&clauses[1]["line"], &clauses[1]["column"]), (&6.into(), &23.into()));
        assert_eq!(json["scenarios"][0]["made"][0]["made"], "llabc1");
        assert_eq!(json["skipped"][0]["why"], "it waits 700 s");
        let mut out = Vec::new();
        junit::junit(&mut out, &verdicts, &skipped(), Duration::ZERO).expect("written");
        let junit = String::from_utf8(out).expect("text");
        assert!(junit.contains("<skipped message=\"it waits 700 s\"/>"), "{junit}");
        assert!(junit.contains("6:23: not tested: form none (form: no row"), "{junit}");
        let mut out = Vec::new();
        html::page(&mut out, &verdicts, &skipped(), &summary, Duration::ZERO).expect("written");
        let page = String::from_utf8(out).expect("text");
        for text in ["What was tested on the target", "Not played on the target", "1 not tested"] {
            assert!(page.contains(text), "{text}");
        }
    }

    #[test]
    fn a_run_in_process_says_nothing_of_targets() {
        let mut verdict = on_a_target();
        (verdict.tested, verdict.made) = (Default::default(), Vec::new());
        let verdicts = [verdict];
        assert!(TestedTotals::of(&verdicts).rows().is_empty());
        let mut out = Vec::new();
        json::json(&mut out, &verdicts, &[], &Summary::default(), "2026a").expect("written");
        let json = String::from_utf8(out).expect("text");
        for word in ["tested", "skipped", "made", "clauses"] {
            assert!(!json.contains(&format!("\"{word}\"")), "{json}");
        }
    }
}
