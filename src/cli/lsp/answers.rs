//! Answers that need no playing: by the text as it is, read once for each of its versions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use lsp_server::Request;
use lsp_types::request::{
    CodeLensRequest, Completion, DocumentHighlightRequest, DocumentSymbolRequest,
    FoldingRangeRequest, Formatting, GotoDefinition, HoverRequest, PrepareRenameRequest,
    References, Rename, Request as _,
};
use lsp_types::{
    CodeLensParams, CompletionItem, CompletionItemKind, CompletionParams, CompletionTextEdit,
    DocumentFormattingParams, DocumentSymbolParams, FoldingRangeParams, Hover, HoverContents,
    HoverParams, MarkupContent, MarkupKind, ReferenceParams, RenameParams,
    TextDocumentPositionParams, TextEdit,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::convert::{place, range, text_edit};
use super::open::Open;
use super::open_files::{OpenFiles, Refused};
use super::outline;
use super::places;
use crate::cli::check::today;
use crate::editor::complete::{Candidate, Completion as Words, Of, completion};
use crate::editor::cursor::CursorRequest;
use crate::editor::edits::formatting;
use crate::editor::hover::hover;
use crate::editor::look::{Kind, Read, read};
use crate::editor::text::Units;
use lamplighter_scenario::language::format::FormatError;

/// What a request is answered.
pub type Answer = Result<Value, Refused>;

/// Answers, and what they need not find out anew.
#[derive(Default)]
pub struct Answers {
    /// What was read of files, each with the number of the moment at which it was.
    read: RefCell<HashMap<PathBuf, (u64, Arc<Read>)>>,
}

impl Answers {
    /// Answers a request; `None` where it is not for this.
    pub fn answer(&self, moment: OpenFiles<'_>, request: &Request) -> Option<Answer> {
        let params = request.params.clone();
        Some(match request.method.as_str() {
            HoverRequest::METHOD => with(params, |params: HoverParams| {
                let at = params.text_document_position_params;
                self.at(moment, &at, |asked| Ok(hovered(asked, moment)))
            }),
            Completion::METHOD => with(params, |params: CompletionParams| {
                self.at(moment, &params.text_document_position, |asked| {
                    Ok(complete(asked, moment.session.units))
                })
            }),
            GotoDefinition::METHOD => with(params, |at: TextDocumentPositionParams| {
                self.at(moment, &at, |asked| Ok(places::definition(asked, moment)))
            }),
            References::METHOD => with(params, |params: ReferenceParams| {
                self.at(moment, &params.text_document_position, |asked| {
                    Ok(places::references(asked, moment))
                })
            }),
            DocumentHighlightRequest::METHOD => with(params, |at: TextDocumentPositionParams| {
                self.at(moment, &at, |asked| Ok(places::highlights(asked, moment)))
            }),
            PrepareRenameRequest::METHOD => with(params, |at: TextDocumentPositionParams| {
                self.at(moment, &at, |asked| Ok(places::can_rename(asked, moment)))
            }),
            Rename::METHOD => with(params, |params: RenameParams| {
                let RenameParams { text_document_position, new_name, .. } = params;
                self.at(moment, &text_document_position, |asked| {
                    places::rename(asked, moment, &new_name)
                })
            }),
            Formatting::METHOD => with(params, |params: DocumentFormattingParams| {
                format(moment.file(&params.text_document.uri)?, moment.session.units)
            }),
            FoldingRangeRequest::METHOD => with(params, |params: FoldingRangeParams| {
                Ok(outline::foldings(moment.file(&params.text_document.uri)?))
            }),
            DocumentSymbolRequest::METHOD => with(params, |params: DocumentSymbolParams| {
                Ok(outline::symbols(moment.file(&params.text_document.uri)?, moment.session.units))
            }),
            CodeLensRequest::METHOD => with(params, |params: CodeLensParams| {
                Ok(outline::lenses(moment.file(&params.text_document.uri)?))
            }),
            _ => return None,
        })
    }

    /// What was read of a file as it is open now.
    pub fn read(&self, moment: OpenFiles<'_>, open: &Open) -> Arc<Read> {
        let mut known = self.read.borrow_mut();
        if let Some((number, read)) = known.get(&open.path)
            && *number == moment.number
        {
            return Arc::clone(read);
        }
        let read = read(&open.path, open.text.as_str(), moment.buffers, moment.zones);
        let read = Arc::new(read);
        // What was read of other files is of other moments.
        known.retain(|_, (number, _)| *number == moment.number);
        known.insert(open.path.clone(), (moment.number, Arc::clone(&read)));
        read
    }

    /// Answers what is asked about a place.
    fn at<R: Serialize>(
        &self,
        moment: OpenFiles<'_>,
        at: &TextDocumentPositionParams,
        answer: impl FnOnce(&CursorRequest<'_>) -> Result<R, Refused>,
    ) -> Result<R, Refused> {
        let open = moment.file(&at.text_document.uri)?;
        let read = self.read(moment, open);
        let byte = open.text.byte(place(at.position), moment.session.units);
        answer(&CursorRequest::new(&open.path, &open.text, &read, byte, moment.zones, today()))
    }
}

fn hovered(asked: &CursorRequest<'_>, moment: OpenFiles<'_>) -> Option<Hover> {
    let found = hover(asked)?;
    let markup = MarkupContent { kind: MarkupKind::Markdown, value: found.markdown };
    let at = asked.text.range(found.bytes, moment.session.units);
    Some(Hover { contents: HoverContents::Markup(markup), range: Some(range(&at)) })
}

fn format(open: &Open, units: Units) -> Result<Vec<TextEdit>, Refused> {
    match formatting(&open.text, Kind::of(&open.path), units) {
        Ok(edits) => Ok(edits.iter().map(text_edit).collect()),
        Err(FormatError::Faulty(_)) => {
            Err(Refused::because("the file is not formatted: it has errors, which come first"))
        }
        Err(error @ FormatError::Different) => Err(Refused::because(error.to_string())),
    }
}

/// Reads the parameters of a request, and answers it.
fn with<P: DeserializeOwned, R: Serialize>(
    params: Value,
    answer: impl FnOnce(P) -> Result<R, Refused>,
) -> Answer {
    Ok(serde_json::to_value(answer(serde_json::from_value(params)?)?)?)
}

fn complete(asked: &CursorRequest<'_>, units: Units) -> Vec<CompletionItem> {
    let Words { candidates, bytes, behind } = completion(asked);
    let range = range(&asked.text.range(bytes, units));
    let item = |(number, Candidate { word, of, detail }): (usize, Candidate)| CompletionItem {
        kind: Some(match of {
            Of::Keyword => CompletionItemKind::KEYWORD,
            Of::Name => CompletionItemKind::VARIABLE,
            Of::Value => CompletionItemKind::VALUE,
        }),
        detail: (!detail.is_empty()).then_some(detail),
        // As they are here, not by their letters.
        sort_text: Some(format!("{number:04}")),
        // Editors differ in what they take for a word.
        text_edit: Some(CompletionTextEdit::Edit(TextEdit {
            range,
            new_text: format!("{word}{behind}"),
        })),
        label: word,
        ..CompletionItem::default()
    };
    candidates.into_iter().enumerate().map(item).collect()
}
