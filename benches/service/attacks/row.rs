//! A row of the table that is published: an attack, what came of it, and what may come of it.

/// One attack, and what came of it.
pub struct Row {
    /// What was tried.
    pub attack: &'static str,
    /// What came of it.
    pub measured: String,
    /// What may come of it at most.
    pub goal: String,
    /// Whether no more came of it.
    pub is_reached: bool,
}

impl Row {
    /// A row of the table that is published, in Markdown.
    pub fn line(&self) -> String {
        let Self { attack, measured, goal, is_reached } = self;
        let verdict = if *is_reached { "reached" } else { "MISSED" };
        format!("| {attack} | {measured} | {goal} | {verdict} |")
    }
}
