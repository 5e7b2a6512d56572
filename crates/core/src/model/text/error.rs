//! Why a text is not the scalar that it was read as.

use thiserror::Error;

/// Why a text is not the scalar that it was read as, for whoever wrote it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{message}: {expected}{}", help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())]
pub struct TextError {
    /// What is wrong, which quotes the text.
    pub message: String,
    /// What was expected in its place, or the rule that it breaks.
    pub expected: &'static str,
    /// What to write instead, where that helps.
    pub help: Option<String>,
    /// The text that was meant, of which the help speaks, where one is known.
    pub meant: Option<String>,
}

impl TextError {
    pub(crate) fn new(message: String, expected: &'static str) -> Self {
        Self { message, expected, help: None, meant: None }
    }

    pub(super) fn meant(self, meant: impl Into<String>) -> Self {
        Self { meant: Some(meant.into()), ..self }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}
