//! What editor and server have agreed on when they met.

use lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability,
    CodeLensOptions, CompletionOptions, ExecuteCommandOptions, FoldingRangeProviderCapability,
    HoverProviderCapability, InitializeParams, InitializeResult, OneOf, PositionEncodingKind,
    RenameOptions, SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
    WorkDoneProgressOptions,
};
use serde::Deserialize;
use serde_json::Value;

use crate::editor::text::Units;

/// The command that plays a file and says what it came to.
pub const RUN: &str = "lamplighter.run";
/// The command that puts what is so into false expectations.
pub const BLESS: &str = "lamplighter.bless";

/// What both know of each other.
#[derive(Clone, Debug)]
pub struct Session {
    /// What columns of positions count, as editor and server have agreed.
    pub units: Units,
    /// Where the pages of `docs/` are, for links to codes and rules; `None` where nobody has said.
    pub docs: Option<String>,
    /// The folders that the editor has open, in which scenarios that include a world are looked for.
    pub folders: Vec<Uri>,
    /// What the editor can do.
    pub client: ClientCapabilities,
}

/// What an editor's settings for the server can say.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Options {
    docs: Option<String>,
}

impl Session {
    /// By the parameters of `initialize`.
    ///
    /// # Errors
    /// When they are not those of the protocol.
    pub fn new(params: &Value) -> serde_json::Result<Self> {
        let params = InitializeParams::deserialize(params)?;
        let offered = params.capabilities.general.as_ref();
        let offered = offered.and_then(|general| general.position_encodings.as_deref());
        let counts_bytes = offered.is_some_and(|all| all.contains(&PositionEncodingKind::UTF8));
        let options = params.initialization_options.map(Options::deserialize);
        let Options { docs } = options.and_then(Result::ok).unwrap_or_default();
        let folders = params.workspace_folders.unwrap_or_default();
        Ok(Self {
            units: if counts_bytes { Units::Utf8 } else { Units::Utf16 },
            docs: docs.map(|docs| docs.trim_end_matches('/').to_owned()),
            folders: folders.into_iter().map(|folder| folder.uri).collect(),
            client: params.capabilities,
        })
    }

    /// The answer to `initialize`.
    pub fn agreed(&self) -> InitializeResult {
        let encoding = match self.units {
            Units::Utf8 => PositionEncodingKind::UTF8,
            Units::Utf16 => PositionEncodingKind::UTF16,
        };
        let save = TextDocumentSyncSaveOptions::SaveOptions(SaveOptions::default());
        let sync = TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(save),
            ..TextDocumentSyncOptions::default()
        };
        let capabilities = ServerCapabilities {
            position_encoding: Some(encoding),
            text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some([" ", "/", ",", "{"].map(str::to_owned).to_vec()),
                ..CompletionOptions::default()
            }),
            definition_provider: Some(OneOf::Left(true)),
            references_provider: Some(OneOf::Left(true)),
            document_highlight_provider: Some(OneOf::Left(true)),
            rename_provider: Some(OneOf::Right(RenameOptions {
                prepare_provider: Some(true),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            })),
            document_formatting_provider: Some(OneOf::Left(true)),
            folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
            document_symbol_provider: Some(OneOf::Left(true)),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
                ..CodeActionOptions::default()
            })),
            inlay_hint_provider: Some(OneOf::Left(true)),
            code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: [RUN, BLESS].map(str::to_owned).to_vec(),
                ..ExecuteCommandOptions::default()
            }),
            ..ServerCapabilities::default()
        };
        InitializeResult {
            capabilities,
            server_info: Some(ServerInfo {
                name: "lamplighter".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        }
    }

    /// Whether the editor shows related places beside a diagnostic.
    pub fn shows_related(&self) -> bool {
        let text = self.client.text_document.as_ref();
        let published = text.and_then(|text| text.publish_diagnostics.as_ref());
        published.is_some_and(|published| published.related_information == Some(true))
    }

    /// Whether the editor watches files when it is asked to.
    pub fn watches_files(&self) -> bool {
        let workspace = self.client.workspace.as_ref();
        let watched = workspace.and_then(|workspace| workspace.did_change_watched_files);
        watched.is_some_and(|watched| watched.dynamic_registration == Some(true))
    }

    /// Whether the editor tells of files that are no scenarios, and asks about them, when it is asked to.
    pub fn opens_other_files(&self) -> bool {
        let text = self.client.text_document.as_ref();
        let tells = text.and_then(|text| text.synchronization.as_ref());
        let asks = text.and_then(|text| text.code_action.as_ref());
        tells.is_some_and(|tells| tells.dynamic_registration == Some(true))
            && asks.is_some_and(|asks| asks.dynamic_registration == Some(true))
    }
}
