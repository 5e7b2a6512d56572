//! All that the page says: facts, charts, and the first wrong answers of each class.

use std::collections::BTreeMap;

use super::heading::RunState;
use super::templates::{CHART, VIOLATION};
use super::{charts, page, violation};
use crate::report::template::{PageError, Templates};
use lamplighter_load::result::{Class, LoadResult};

/// So many kinds of wrong answers are told on the page, of each class: it is to stay one that opens.
const TOLD_MAX_PER_CLASS: usize = 10;

/// All that the page says of a run that is so far.
pub fn told<'r>(
    templates: &Templates,
    result: &'r LoadResult,
    state: RunState,
) -> Result<page::LoadPage<'r>, PageError> {
    let mut page = page::tell(result, state);
    for chart in charts::main(result) {
        page.charts.push(templates.part(CHART, &chart)?);
    }
    for chart in charts::small(result) {
        page.small_charts.push(templates.part(CHART, &chart)?);
    }
    let mut told: BTreeMap<Class, usize> = BTreeMap::new();
    for (index, evidence) in result.judged.evidence.iter().enumerate() {
        let of_class = told.entry(evidence.class).or_default();
        *of_class += 1;
        if *of_class > TOLD_MAX_PER_CLASS {
            continue;
        }
        let violation = violation::tell(evidence, index + 1);
        page.violations.push(templates.part(VIOLATION, &violation)?);
    }
    page.told(page.violations.len() as u64);
    Ok(page)
}
