//! What playing a file says, for who asks.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lsp_types::request::ApplyWorkspaceEdit;
use lsp_types::{
    ApplyWorkspaceEditParams, InlayHint, InlayHintLabel, MessageType, Range, TextEdit,
};

use super::analysis::Analysis;
use super::client::Client;
use super::convert::{position, range, workspace_edit};
use super::open::Open;
use super::session::Session;
use crate::cli::scenario::bless::why_left;
use crate::editor::buffers::{Buffers, BuffersOrDisk};
use crate::editor::hints::{Hint, hints as all_hints};
use crate::editor::look::read;
use crate::editor::text::Units;
use crate::report::format::counted;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{
    BlessError, Blessed, Left, Options, Outcome, bless_reading, play,
};

/// What the rules say at the expectations of some lines.
pub fn hints(looked: &Analysis, open: &Open, lines: Range, units: Units) -> Vec<InlayHint> {
    let all = all_hints(&looked.checked, &open.text, units).into_iter();
    let hint = |Hint { at, text }: Hint| InlayHint {
        position: position(at),
        label: InlayHintLabel::String(text),
        kind: None,
        text_edits: None,
        tooltip: None,
        padding_left: Some(true),
        padding_right: None,
        data: None,
    };
    let is_asked =
        |hint: &InlayHint| (lines.start.line..=lines.end.line).contains(&hint.position.line);
    all.map(hint).filter(is_asked).collect()
}

/// Plays a file to its end, and says what it came to.
pub fn run(open: &Open, buffers: &Buffers, zones: &Arc<Zones>, client: &Client) {
    let read = read(&open.path, open.text.as_str(), buffers, zones);
    let verdicts = read
        .rows
        .into_iter()
        .map(|row| play(row, zones, Options::default(), &AtomicBool::new(false)));
    let (mut rows, mut errors, mut expected, mut wrong) = (0, 0, 0, 0);
    let mut worst = Outcome::Passed;
    for verdict in verdicts {
        rows += 1;
        worst = worst.max(verdict.outcome());
        errors += verdict.error_count();
        expected += verdict.counts.expectations as u64 + verdict.observations.rows;
        wrong += verdict.failures.len() as u64 + verdict.observations.wrong_count();
    }
    let name = open.path.file_name().unwrap_or_default().to_string_lossy();
    let scenarios =
        if rows > 1 { format!(", {}", counted(rows, "scenario")) } else { String::new() };
    let (typ, told) = match worst {
        Outcome::Passed => {
            (MessageType::INFO, format!("passed: {}", counted(expected, "expectation")))
        }
        Outcome::Failed => (
            MessageType::WARNING,
            format!("failed: {wrong} of {} false", counted(expected, "expectation")),
        ),
        Outcome::Invalid => {
            (MessageType::ERROR, format!("not played: {}", counted(errors, "error")))
        }
    };
    client.show(typ, format!("{name}: {told}{scenarios}"));
}

/// Puts what is so into the false expectations of a file, as it is open.
pub fn bless(
    open: &Open,
    buffers: &Buffers,
    zones: &Arc<Zones>,
    session: &Session,
    client: &Client,
) {
    let name = open.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = BuffersOrDisk::new(&open.path, buffers);
    let reads = |file: &str| beside.read(file);
    let text = open.text.as_str();
    let stop = AtomicBool::new(false);
    let say = |typ, told: &str| client.show(typ, format!("{name}: {told}"));
    match bless_reading(&open.path, text.as_bytes(), zones, &reads, &stop) {
        Ok(Blessed { rewritten: 0, left: Left { by_rows: 0, as_meant: 0 }, .. }) => {
            say(MessageType::INFO, "nothing to bless");
        }
        Ok(Blessed { bytes, rewritten, left }) => {
            let new_text = String::from_utf8_lossy(&bytes).into_owned();
            if rewritten > 0 {
                let whole = range(&open.text.range(0..text.len(), session.units));
                let edit = TextEdit { range: whole, new_text };
                let edit = workspace_edit([(open.uri.clone(), vec![edit])]);
                let label = Some("bless".to_owned());
                client.request::<ApplyWorkspaceEdit>(&ApplyWorkspaceEditParams { label, edit });
            }
            let count = counted(rewritten as u64, "expectation");
            match why_left(left) {
                None => say(MessageType::INFO, &format!("{count} rewritten")),
                Some(why) => say(MessageType::WARNING, &format!("{count} rewritten, {why}")),
            }
        }
        Err(BlessError::Invalid(_)) => {
            say(MessageType::ERROR, "not blessed: the scenario has errors");
        }
        Err(BlessError::NoWords(_)) => {
            say(MessageType::ERROR, "not blessed: no words would make an expectation true");
        }
    }
}
