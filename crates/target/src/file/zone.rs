//! Time zones by their names.

use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::zones::unknown_zone;

use super::node::Node;

/// The name of a zone; one that nobody knows goes to the findings.
pub fn zone(node: Node<'_>) -> Option<String> {
    let text = node.text()?;
    let Err(unknown) = Zones::bundled().get(text.text) else { return Some(text.text.to_owned()) };
    let label = format!("not in {}", unknown.release);
    node.findings().error(Diagnostic { label, ..unknown_zone(text.span, &unknown) });
    None
}
