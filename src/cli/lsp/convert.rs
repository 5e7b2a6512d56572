//! Places, findings and files as the protocol has them.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    Location, NumberOrString, Position, Range, TextEdit, Uri, WorkspaceEdit,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::session::Session;
use crate::editor::edits::Edit;
use crate::editor::finding::{About, Finding, Related, Weight};
use crate::editor::text::{TextPosition, TextRange};
use lamplighter_scenario::language::code::Code;

/// What stands in a path of a URI as it is (RFC 3986): a colon does not, for editors write none.
const IN_PATHS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A file by its path.
pub fn uri(path: &Path) -> Option<Uri> {
    let path = path.to_str()?.replace(std::path::MAIN_SEPARATOR, "/");
    let slash = if path.starts_with('/') { "" } else { "/" };
    Uri::from_str(&format!("file://{slash}{}", utf8_percent_encode(&path, IN_PATHS))).ok()
}

/// The path of a file; of what is no file, such as a text that was never saved, a name that no file has.
pub fn path(uri: &Uri) -> PathBuf {
    let text = uri.as_str();
    let Some(behind) = text.strip_prefix("file://") else { return PathBuf::from(text) };
    // An authority other than this machine is not a file of it, and then nothing is found there.
    let path = &behind[behind.find('/').unwrap_or(0)..];
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    // `/c:/x` is `c:/x`.
    let is_drive = path.as_bytes().get(2) == Some(&b':') && std::path::MAIN_SEPARATOR == '\\';
    PathBuf::from(if is_drive { path[1..].to_owned() } else { path })
}

/// A place as the protocol has it.
pub fn position(place: TextPosition) -> Position {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: number(place.line), character: number(place.column) }
}

/// A place of the protocol.
pub fn place(position: Position) -> TextPosition {
    TextPosition { line: position.line as usize, column: position.character as usize }
}

/// A range of a text as the protocol has it.
pub fn range(text_range: &TextRange) -> Range {
    Range { start: position(text_range.start), end: position(text_range.end) }
}

/// A range of the protocol as one of a text.
pub fn text_range(range: Range) -> TextRange {
    place(range.start)..place(range.end)
}

/// An edit as the protocol has it.
pub fn text_edit(edit: &Edit) -> TextEdit {
    TextEdit { range: range(&edit.at), new_text: edit.text.clone() }
}

/// Edits of files as the protocol has them.
pub fn workspace_edit(files: impl IntoIterator<Item = (Uri, Vec<TextEdit>)>) -> WorkspaceEdit {
    WorkspaceEdit { changes: Some(files.into_iter().collect()), ..WorkspaceEdit::default() }
}

/// What was found, as the protocol has it.
pub fn diagnostic(found: &Finding, session: &Session) -> Diagnostic {
    let severity = match found.weight {
        Weight::Error => DiagnosticSeverity::ERROR,
        Weight::Warning => DiagnosticSeverity::WARNING,
        Weight::Note => DiagnosticSeverity::INFORMATION,
    };
    let is_unneeded = found.about == Some(About::Code(Code::UnusedAllow));
    let related: Vec<_> = found.related.iter().filter_map(related).collect();
    Diagnostic {
        range: range(&found.at),
        severity: Some(severity),
        code: found.about.map(|about| NumberOrString::String(about.name().to_owned())),
        code_description: found.about.and_then(|about| link(about, session)),
        source: Some("lamplighter".to_owned()),
        message: found.message.clone(),
        related_information: (session.shows_related() && !related.is_empty()).then_some(related),
        tags: is_unneeded.then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    }
}

fn related(related: &Related) -> Option<DiagnosticRelatedInformation> {
    let location = Location { uri: uri(&related.path)?, range: range(&related.at) };
    Some(DiagnosticRelatedInformation { location, message: related.why.clone() })
}

/// The page that says more, where the editor's settings say where pages are.
fn link(about: About, session: &Session) -> Option<CodeDescription> {
    let docs = session.docs.as_ref()?;
    let page = match about {
        About::Code(code) => format!("{docs}/diagnostics.md#{code}"),
        About::Rule(name) => format!("{docs}/rules.md#{}", name.to_lowercase()),
    };
    Some(CodeDescription { href: Uri::from_str(&page).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_becomes_a_uri_and_again_itself() {
        for (file, written) in [
            ("/a/b.scenario", "file:///a/b.scenario"),
            ("/a b/caf\u{e9}#?.scenario", "file:///a%20b/caf%C3%A9%23%3F.scenario"),
            ("/100%:a", "file:///100%25%3Aa"),
        ] {
            let uri = uri(Path::new(file)).expect("a URI");
            assert_eq!(uri.as_str(), written);
            assert_eq!(path(&uri), Path::new(file));
        }
        let uri = Uri::from_str("untitled:Untitled-1").expect("a URI");
        assert_eq!(path(&uri), Path::new("untitled:Untitled-1"));
        let uri = Uri::from_str("file://localhost/a").expect("a URI");
        assert_eq!(path(&uri), Path::new("/a"));
    }
}
