//! A scenario before it is played.

use std::path::Path;
use std::sync::Arc;

use super::record::Record;
use super::verdict::{ScenarioFile, Verdict};
use crate::language::diagnostic::Diagnostic;
use crate::language::parse;
use crate::language::plan::{Plan, plan};
use crate::language::rules::Beside;
use lamplighter_core::hours::Zones;

/// A scenario that was read and planned, before anything of it is played.
#[derive(Clone)]
pub struct Prepared {
    /// What it is called and what it says of itself.
    pub file: ScenarioFile,
    /// The world, the steps and the traces that will be played.
    pub plan: Plan,
    /// What is wrong with the file as far as can be seen without playing.
    pub diagnostics: Vec<Diagnostic>,
}

impl Prepared {
    /// Reads and plans; `path` names the scenario, and a file of rules lies relative to it.
    pub fn new(path: &Path, bytes: &[u8], zones: &Arc<Zones>) -> Self {
        let folder = path.parent().unwrap_or(Path::new(""));
        let beside = |name: &str| {
            let file = folder.join(name);
            std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
        };
        Self::reading(path, bytes, zones, &beside)
    }

    /// The same, where files that the scenario names are read by `beside`.
    pub fn reading(path: &Path, bytes: &[u8], zones: &Arc<Zones>, beside: Beside<'_>) -> Self {
        let parsed = parse(bytes);
        let mut diagnostics = parsed.diagnostics;
        let plan = plan(&parsed.document, zones, beside, &mut diagnostics);
        let header = parsed.document.header;
        let file = ScenarioFile {
            path: path.to_owned(),
            source: parsed.source,
            title: header.title.map(|title| title.node).unwrap_or_default(),
            sources: header.sources.into_iter().map(|source| source.node).collect(),
            tags: header.tags.into_iter().map(|tag| tag.node).collect(),
        };
        Self { file, plan, diagnostics }
    }

    /// The verdict of a scenario of which nothing is played.
    pub fn into_verdict(self) -> Verdict {
        Record::new(self.diagnostics).into_verdict(self.file, self.plan.roster, self.plan.zone)
    }
}
