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

/// A row of the table.
#[derive(Serialize)]
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
pub struct Reason {
    /// In words.
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
