//! What was tested on a service: a table by capability, and why the rest was not.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Paint;
use super::format::clean;
use lamplighter_scenario::play::{Capability, Verdict};

/// What all scenarios together tested.
#[derive(Default)]
pub struct TestedTotals {
    by_capability: BTreeMap<Capability, [usize; 3]>,
    reasons: BTreeMap<String, usize>,
}

impl TestedTotals {
    /// Adds a scenario's.
    pub fn add(&mut self, verdict: &Verdict) {
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

    /// The table; nothing where everything was played in process.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.by_capability.is_empty() {
            return Ok(());
        }
        writeln!(out, "{:<16}{:>8}{:>8}{:>12}", "clauses", "held", "false", "not tested")?;
        for (capability, [held, wrong, untested]) in &self.by_capability {
            let wrong = match wrong {
                0 => format!("{wrong:>8}"),
                wrong => Paint::Bad.on(format!("{wrong:>8}")).to_string(),
            };
            writeln!(out, "{:<16}{held:>8}{wrong}{untested:>12}", capability.word())?;
        }
        let mut reasons: Vec<(&String, &usize)> = self.reasons.iter().collect();
        reasons.sort_by_key(|(why, count)| (std::cmp::Reverse(**count), *why));
        for (why, count) in reasons {
            writeln!(out, "  {count:>6} not tested: {}", clean(why))?;
        }
        Ok(())
    }
}
