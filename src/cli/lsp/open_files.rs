//! The files as they are open at a moment, for whoever answers what is asked then.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use lsp_server::ErrorCode;
use lsp_types::Uri;

use super::convert::path;
use super::open::Open;
use super::session::Session;
use crate::editor::buffers::{Buffers, plain};
use lamplighter_core::hours::Zones;

/// Why a request is not served.
pub struct Refused {
    /// What kind of reason it is, by the protocol.
    pub code: ErrorCode,
    /// The reason in words.
    pub why: String,
}

impl Refused {
    /// That a request cannot be done, and why.
    pub fn because(why: impl Into<String>) -> Self {
        Self { code: ErrorCode::RequestFailed, why: why.into() }
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self { code: ErrorCode::InvalidParams, why: error.to_string() }
    }
}

/// The files as they are open at a moment.
#[derive(Clone, Copy)]
pub struct OpenFiles<'a> {
    /// Those that are open.
    pub open: &'a BTreeMap<PathBuf, Open>,
    /// Their texts, for those that name them.
    pub buffers: &'a Buffers,
    /// Grows with every change of any text.
    pub number: u64,
    /// What was agreed on with the editor.
    pub session: &'a Session,
    /// The time zones that there are.
    pub zones: &'a Arc<Zones>,
}

impl OpenFiles<'_> {
    /// A file that is open.
    ///
    /// # Errors
    /// When it is not.
    pub fn file(&self, uri: &Uri) -> Result<&Open, Refused> {
        let open = self.open.get(&plain(&path(uri)));
        open.ok_or_else(|| Refused::because(format!("{} is not open", uri.as_str())))
    }
}
