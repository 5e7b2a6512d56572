//! What is wrong with a gate, where, and what may have been meant.

use thiserror::Error;

/// A text that is no gate.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{kind} (column {column}); {help}")]
pub struct GateError {
    /// The character at which it goes wrong, from 1 on.
    pub column: usize,
    /// What is wrong at that column.
    pub kind: GateErrorKind,
    /// What may have been meant, or what can stand there.
    pub help: String,
}

/// What is wrong with a gate.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum GateErrorKind {
    /// There is nothing in it.
    #[error("a gate is empty")]
    Empty,
    /// It begins with a word that names nothing.
    #[error("`{0}` is nothing that is measured")]
    Quantity(String),
    /// What stands in the parentheses is timed nowhere.
    #[error("nothing is timed by the name `{0}`")]
    Timed(String),
    /// What stands in the parentheses is no operation.
    #[error("there is no operation `{0}`")]
    Operation(String),
    /// What stands in the parentheses is no class of wrong answers.
    #[error("there is no class of wrong answers `{0}`")]
    Class(String),
    /// A percentile is not from 0 to 100.
    #[error("there is no percentile `{0}`")]
    Percentile(String),
    /// A statistic without what it is of.
    #[error("`{0}` is of something, which is missing")]
    Of(String),
    /// Parentheses behind a word that takes none.
    #[error("`{0}` takes no parentheses")]
    Parentheses(String),
    /// A parenthesis that does not close.
    #[error("the parenthesis is not closed")]
    Unclosed,
    /// No operator, or another one.
    #[error("expected an operator, found {0}")]
    Operator(String),
    /// No limit, or none that can be read.
    #[error("expected a limit, found {0}")]
    Limit(String),
    /// A limit of another kind than what is measured.
    #[error("`{0}` is no limit for {1}")]
    Unit(String, &'static str),
}

/// A line of a file that is no gate.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}:{}: {}; {}", line, error.column, error.kind, error.help)]
pub struct GateFileError {
    /// The line of the file, from 1 on.
    pub line: usize,
    /// What is wrong with the gate on that line.
    pub error: GateError,
}
