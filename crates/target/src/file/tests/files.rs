//! Whole files, for tests of what they say.

use crate::file::{Severity, TargetFile, check};

/// The least that a file has, but for its widget.
pub const BARE: &str = r#"
format = 1
[target]
name = "shop"
base = "http://127.0.0.1:8000"
[[agent.make]]
post = "/agents"
json = { name = "{{agent}}", pass = "{{password}}" }
[[property.make]]
post = "/sites"
json = { name = "{{property}}" }
[[device.login]]
post = "/login"
form = { user = "{{agent}}", pass = "{{password}}" }
[[device.status]]
post = "/status"
form = { to = "{{value}}" }
[[device.logout]]
post = "/logout"
"#;

/// A widget that tells its status alone.
pub const WIDGET: &str = r#"
[widget]
read = { get = "/widget/{{widget}}", keep.color = { json = "/color" } }
says = [{ when = { color = "green" }, status = "online" }, { status = "offline" }]
"#;

/// What is wrong with a file: its errors, or its warnings.
pub fn found(text: &str, severity: Severity) -> Vec<String> {
    let checked = check(text.as_bytes(), &|name| Err(format!("there is no {name}")));
    let of_kind = checked.findings.into_iter().filter(|found| found.severity == severity);
    of_kind
        .map(|found| format!("{}: {}", found.diagnostic.message, found.diagnostic.label))
        .collect()
}

/// A file without errors.
pub fn file(text: &str) -> TargetFile {
    let checked = check(text.as_bytes(), &|name| Err(format!("there is no {name}")));
    checked.file.unwrap_or_else(|| panic!("{text}\n{:#?}", checked.findings))
}

/// The bare file with more behind it.
pub fn bare_with(more: &str) -> TargetFile {
    file(&format!("{BARE}{more}"))
}
