//! What every file was said to have, and by which others: a world that several scenarios include has what is
//! found in it by any of them, once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lsp_types::notification::PublishDiagnostics;
use lsp_types::{Diagnostic, PublishDiagnosticsParams};

use super::client::Client;
use super::convert::{diagnostic, uri};
use super::open::Open;
use super::session::Session;
use crate::editor::finding::Finding;

/// What was found, by who was looked at and then by the file that has it.
#[derive(Default)]
pub struct Published {
    by_file: BTreeMap<PathBuf, BTreeMap<PathBuf, Vec<Diagnostic>>>,
}

impl Published {
    /// Takes what was found by looking at a file, in the place of what was found before, and tells the editor
    /// of every file that this concerns.
    pub fn put(&mut self, open: &Open, found: &[Finding], session: &Session, client: &Client) {
        let mut files: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
        for one in found {
            files.entry(one.path.clone()).or_default().push(diagnostic(one, session));
        }
        // That nothing is wrong is news, too.
        files.entry(open.path.clone()).or_default();
        let mut concerned: BTreeSet<PathBuf> = files.keys().cloned().collect();
        let before = self.by_file.insert(open.path.clone(), files).unwrap_or_default();
        concerned.extend(before.into_keys());
        // The file itself comes last: once it is told of, all is told.
        concerned.remove(&open.path);
        for path in concerned.iter().chain([&open.path]) {
            self.tell(path, Some(open), client);
        }
    }

    /// Forgets what was found by looking at a file that is closed.
    pub fn forget(&mut self, path: &Path, client: &Client) {
        for concerned in self.by_file.remove(path).unwrap_or_default().into_keys() {
            self.tell(&concerned, None, client);
        }
    }

    fn tell(&self, path: &Path, open: Option<&Open>, client: &Client) {
        let own = open.filter(|open| open.path == path);
        let Some(uri) = own.map(|open| open.uri.clone()).or_else(|| uri(path)) else { return };
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        for one in self.by_file.values().filter_map(|files| files.get(path)).flatten() {
            if !diagnostics.contains(one) {
                diagnostics.push(one.clone());
            }
        }
        let version = own.map(|open| open.version);
        client.notify::<PublishDiagnostics>(&PublishDiagnosticsParams {
            uri,
            diagnostics,
            version,
        });
    }
}
