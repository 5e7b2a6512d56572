//! Time zones by their names.

use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::diagnostic::Diagnostic;

use super::node::Node;

/// The name of a zone; one that nobody knows goes to the findings.
pub fn zone(node: Node<'_>) -> Option<String> {
    let text = node.text()?;
    let Err(unknown) = Zones::bundled().get(text.text) else { return Some(text.text.to_owned()) };
    let message = format!("there is no time zone `{}`", text.text);
    let diagnostic = Diagnostic::new(text.span, message, format!("not in {}", unknown.release));
    node.findings().error(match unknown.help() {
        None => diagnostic,
        Some(help) => diagnostic.help(help),
    });
    None
}
