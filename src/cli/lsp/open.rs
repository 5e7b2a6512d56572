//! A file as it is open.

use std::path::PathBuf;
use std::sync::Arc;

use lsp_types::Uri;

use crate::editor::text::Text;

/// A file as it is open.
#[derive(Clone, Debug)]
pub struct Open {
    /// The file, as the editor names it.
    pub uri: Uri,
    /// The same as a path.
    pub path: PathBuf,
    /// The number that the editor gave this text.
    pub version: i32,
    /// The text of the file as the editor has it, saved or not.
    pub text: Arc<Text>,
}
