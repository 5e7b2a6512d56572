//! What `check` found as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), which code
//! hosts show beside the lines of a pull request.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::checked::{Finding, findings};
use super::code_book::explained;
use super::repository::Repository;
use lamplighter_scenario::language::code::Severity;
use lamplighter_scenario::play::Checked;

/// The schema that OASIS has published for this version.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    /// Columns count characters, as in all messages.
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

/// A code, as SARIF calls it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    help: Text,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    /// The place of the code among the rules.
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    /// The column behind the last one.
    end_column: usize,
    snippet: Text,
}

/// Writes all findings, with every code as a rule.
///
/// # Errors
/// When `out` does not take it.
pub fn sarif(
    out: &mut dyn Write,
    checked: &[Checked],
    repository: &Repository,
) -> serde_json::Result<()> {
    let codes = explained();
    let rule = |one: &super::code_book::Explained| Rule {
        id: one.code.name(),
        short_description: Text { text: one.meaning.to_owned() },
        help: Text { text: format!("{}\n\nFor example:\n\n{}", one.remedy, one.example.text) },
        default_configuration: Configuration { level: level(one.code.severity()) },
    };
    let rules: Vec<Rule> = codes.iter().map(rule).collect();
    let result = |finding: &Finding<'_>| SarifResult {
        rule_id: finding.code.name(),
        rule_index: codes
            .iter()
            .position(|one| one.code == finding.code)
            .expect("every code is explained, which a test holds"),
        level: level(finding.code.severity()),
        message: Text { text: message(finding) },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(finding.path, repository) },
                region: Region {
                    start_line: finding.line,
                    start_column: finding.column,
                    end_line: finding.line,
                    end_column: finding.end_column,
                    snippet: Text { text: finding.text.to_owned() },
                },
            },
        }],
    };
    let found = checked.iter().flat_map(findings);
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver { name: "lamplighter", version: env!("CARGO_PKG_VERSION"), rules },
            },
            column_kind: "unicodeCodePoints",
            results: found.map(|finding| result(&finding)).collect(),
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out).map_err(serde_json::Error::io)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Lint => "warning",
    }
}

fn message(finding: &Finding<'_>) -> String {
    let mut text = format!("{}: {}", finding.message, finding.label);
    for more in finding.help.iter().map(|help| (*help).to_owned()).chain(finding.more_rows()) {
        text.push_str(". ");
        text.push_str(&more);
    }
    text
}

/// A file as a URI: relative to the repository as it names it, or absolute, with what no URI can hold as
/// its bytes (RFC 3986).
fn uri(path: &Path, repository: &Repository) -> String {
    let path = repository.name(path);
    let named = path.display().to_string().replace(std::path::MAIN_SEPARATOR, "/");
    let mut uri = String::from(if path.is_absolute() { "file://" } else { "" });
    if path.is_absolute() && !named.starts_with('/') {
        uri.push('/');
    }
    for byte in named.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_as_the_repository_names_it() {
        let uri = |path: &Path| uri(path, &Repository::new(Path::new("/r/w"), None));
        assert_eq!(uri(Path::new("./chat/team.scenario")), "chat/team.scenario");
        assert_eq!(uri(Path::new("a b/café.scenario")), "a%20b/caf%C3%A9.scenario");
        assert_eq!(uri(Path::new("100%:a.scenario")), "100%25%3Aa.scenario");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_elsewhere_is_named_as_a_whole() {
        let repository = Repository::new(Path::new("/r"), None);
        assert_eq!(uri(Path::new("/t/team.scenario"), &repository), "file:///t/team.scenario");
    }
}
