//! The manual clock, and the journal's export.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::app::App;
use super::problem::{Problem, Replied};
use super::query::Query;
use super::reply::{Reply, with_type};
use super::request::{Admin, JsonBody, Span};
use super::stream::Stream;
use crate::store::JournalRow;
use lamplighter_core::model::Instant;
use lamplighter_core::trace::COLUMNS;
use lamplighter_target::wire::{ClockAnswer, PutClock};

fn is_manual(app: &App) -> Result<(), Problem> {
    match app.shared.clock.is_manual() {
        true => Ok(()),
        false => Err(Problem::not_found(
            "the clock is the machine's: start with `serve --clock manual:INSTANT` to put it",
        )),
    }
}

/// Puts a manual clock forward
#[utoipa::path(put, path = "/v1/clock", tag = "admin", security(("admin_key" = [])),
    request_body = PutClock,
    responses((status = 200, description = "The clock is put", body = ClockAnswer),
        (status = 404, description = "The clock is not manual"),
        (status = 409, description = "The clock would go back")))]
pub async fn put_clock(
    admin: Admin,
    State(app): State<Arc<App>>,
    JsonBody(PutClock { now }): JsonBody<PutClock>,
) -> Replied<ClockAnswer> {
    is_manual(&app)?;
    let put = admin.write(&app, move |state| Ok(ClockAnswer { now: state.put_clock(now)? }));
    Ok(Reply::ok(put.await?))
}

/// What the service's clock reads
#[utoipa::path(get, path = "/v1/clock", tag = "admin", security(("admin_key" = [])),
    responses((status = 200, description = "The instant reached", body = ClockAnswer),
        (status = 404, description = "The clock is not manual")))]
pub async fn get_clock(_: Admin, State(app): State<Arc<App>>) -> Replied<ClockAnswer> {
    is_manual(&app)?;
    Ok(Reply::ok(app.core.call(|state| Ok(ClockAnswer { now: state.now() })).await?))
}

/// The journal as a trace that a scenario can replay
#[utoipa::path(get, path = "/v1/trace", tag = "admin", security(("admin_key" = [])),
    params(("from" = Option<String>, Query, description = "The first instant"),
        ("to" = Option<String>, Query, description = "The last instant, included")),
    responses((status = 200, description = "CSV: at,agent,device,action", body = String,
            content_type = "text/csv"),
        (status = 422, description = "No instant")))]
pub async fn trace(
    _: Admin,
    State(app): State<Arc<App>>,
    Query(span): Query<Span>,
) -> Result<Response, Problem> {
    let (from, to) = span.instants()?;
    let (from, to) = (from.unwrap_or(Instant::MIN), to.unwrap_or(Instant::MAX));
    let (chunks, body) = Stream::channel();
    let app = Arc::clone(&app);
    tokio::task::spawn_blocking(move || {
        let mut lines = csv::Writer::from_writer(Vec::new());
        // Writing into memory does not fail.
        drop(lines.write_record(COLUMNS));
        let mut go_on = true;
        let read = app.reader.journal(from, to, &mut |row| {
            write_row(&mut lines, &row);
            drop(lines.flush());
            if lines.get_ref().len() > 64 * 1_024 {
                let full = std::mem::replace(&mut lines, csv::Writer::from_writer(Vec::new()));
                go_on = send(&chunks, full);
            }
            go_on
        });
        if go_on {
            send(&chunks, lines);
        }
        if let Err(error) = read {
            tracing::error!(%error, "cannot export the journal");
            // A response that ends in the middle, rather than one that looks whole.
            drop(chunks.blocking_send(Err(error.to_string())));
        }
    });
    Ok(with_type(StatusCode::OK, "text/csv; charset=utf-8", Body::new(body)))
}

fn send(chunks: &super::stream::Chunks, lines: csv::Writer<Vec<u8>>) -> bool {
    let bytes = lines.into_inner().unwrap_or_default();
    chunks.blocking_send(Ok(Bytes::from(bytes))).is_ok()
}

/// What an agent did is a row; what an admin did is none.
fn write_row(lines: &mut csv::Writer<Vec<u8>>, row: &JournalRow) {
    if !row.is_by_admin() {
        let device = row.device.as_deref().unwrap_or_default();
        let at = row.at.to_string();
        drop(lines.write_record([&at, &row.agent, device, &row.action]));
    }
}
