//! The parts of a file: its outline, what of it can be folded, and what can be done with it as a whole.

use lsp_types::{
    CodeLens, Command, DocumentSymbol, FoldingRange, FoldingRangeKind, Range, SymbolKind,
};
use serde_json::json;

use super::convert::range;
use super::open::Open;
use super::session::{BLESS, RUN};
use crate::editor::folding::{Fold, Outlined, Part, folds, outline};
use crate::editor::look::Kind;
use crate::editor::text::Units;

/// What can be folded.
pub fn foldings(open: &Open) -> Vec<FoldingRange> {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let fold = |Fold { lines, is_comment }: Fold| FoldingRange {
        start_line: number(lines.start),
        end_line: number(lines.end - 1),
        kind: Some(match is_comment {
            true => FoldingRangeKind::Comment,
            false => FoldingRangeKind::Region,
        }),
        ..FoldingRange::default()
    };
    folds(&open.text).into_iter().map(fold).collect()
}

/// The outline of a file.
pub fn symbols(open: &Open, units: Units) -> Vec<DocumentSymbol> {
    let symbol = |Outlined { part, name, lines }: Outlined| {
        let (first, last) = (open.text.line(lines.start), open.text.line(lines.end - 1));
        let whole = open.text.range(first.start..last.end, units);
        let line = open.text.range(first, units);
        #[expect(deprecated, reason = "the type has a field that is left empty for that reason")]
        DocumentSymbol {
            name,
            detail: None,
            kind: match part {
                Part::Block => SymbolKind::CLASS,
                Part::Table => SymbolKind::ARRAY,
                Part::At => SymbolKind::EVENT,
            },
            tags: None,
            deprecated: None,
            range: range(&whole),
            selection_range: range(&line),
            children: None,
        }
    };
    outline(&open.text).into_iter().map(symbol).collect()
}

/// What can be done with a scenario, above its title.
pub fn lenses(open: &Open) -> Vec<CodeLens> {
    if Kind::of(&open.path) == Kind::World {
        return Vec::new();
    }
    let lens = |(title, command): (&str, &str)| CodeLens {
        range: Range::default(),
        command: Some(Command {
            title: title.to_owned(),
            command: command.to_owned(),
            arguments: Some(vec![json!(open.uri)]),
        }),
        data: None,
    };
    [("run", RUN), ("bless", BLESS)].into_iter().map(lens).collect()
}
