//! Words as they must be written.

use lamplighter_core::model::is_name;

/// A word in quotes, with escapes.
pub fn quote_word(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A word as it must be written: in quotes only where it needs them.
pub fn write_word(text: &str) -> String {
    let needs_quotes = text.is_empty() || text.contains([' ', '\t', '#', ',', '"']);
    if needs_quotes { quote_word(text) } else { text.to_owned() }
}

/// The name of an agent or a device as it must be written: in quotes unless it is a plain one.
pub fn write_name(name: &str) -> String {
    if is_name(name) { name.to_owned() } else { quote_word(name) }
}
