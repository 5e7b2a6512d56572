//! The words that statements begin with, by where they stand.

use super::words::is_days;
use lamplighter_core::model::SettingName;

/// The first words of lines of the header.
pub const HEADER: &[&str] =
    &["scenario", "source", "tags", "timezone", "rules", "grace", "auto-away"];
/// The first words of what stands between header and blocks.
pub const SHARED: &[&str] = &["examples", "include"];
/// The first words of blocks.
pub const BLOCKS: &[&str] = &["property", "widget"];
/// The first words of lines in blocks, besides days and settings.
pub const BLOCK_LINES: &[&str] = &["members", "suspended", "date", "dates"];
/// The first words of settings, which `set` takes too.
pub const SETTINGS: &[&str] = SettingName::KEYWORDS;

/// The words that no agent can be called, beside those that are days: what a line of an `at` block, or the
/// one behind it, can begin with.
const NO_AGENT: &[&str] =
    &["at", "until", "replay", "observed", "expect", "set", "date", "dates", "daily"];

/// Whether no agent can be called so, quoted or not.
pub fn begins_statement(word: &str) -> bool {
    NO_AGENT.contains(&word) || is_days(word)
}

/// Whether a word begins a line of hours, such as stands behind a `scheduler`.
pub fn begins_hours(word: &str) -> bool {
    matches!(word, "date" | "dates") || is_days(word)
}
