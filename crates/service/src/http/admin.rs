//! What an admin sets and exports.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

use super::app::App;
use super::problem::{Problem, Replied};
use super::reply::{Reply, with_type};
use super::request::{Admin, JsonBody, OptionalBody, Peer, Span};
use super::stream::Stream;
use crate::store::JournalRow;
use lamplighter_core::model::{Instant, Millis, is_name};
use lamplighter_core::trace::COLUMNS;
use lamplighter_target::wire::{
    Account, ClockAnswer, MemberDocument, PropertyDocument, PutClock, TimingDocument,
    WidgetDocument, Written,
};

/// Something is wrong with a name in the path.
fn named(kind: &str, name: &str) -> Result<(), Problem> {
    match is_name(name) {
        true => Ok(()),
        false => Err(Problem::field(
            kind,
            format!(
                "`{name}` cannot be a name: letters, marks and digits of any script, `.`, `_`, \
                 `-`, at most 64"
            ),
        )),
    }
}

/// Creates an account, or changes its password
#[utoipa::path(put, path = "/v1/agents/{agent}", tag = "admin", security(("admin_key" = [])),
    params(("agent" = String, Path, description = "The agent's name")), request_body = Account,
    responses((status = 200, description = "The password is changed", body = Written),
        (status = 201, description = "The account is made", body = Written)))]
pub async fn put_agent(
    _: Admin,
    State(app): State<Arc<App>>,
    Extension(Peer(address)): Extension<Peer>,
    Path(agent): Path<String>,
    JsonBody(account): JsonBody<Account>,
) -> Replied<Written> {
    named("agent", &agent)?;
    if !(8..=1_024).contains(&account.password.len()) {
        return Err(Problem::field("password", "a password has 8 to 1,024 bytes"));
    }
    let hash = app.passwords.hash(account.password, address).await?;
    let put = app.core.call(move |state| Ok(state.put_account(&agent, hash))).await?;
    Ok(Reply::put(put))
}

/// Creates a property, or sets all of it anew
#[utoipa::path(put, path = "/v1/properties/{property}", tag = "admin", security(("admin_key" = [])),
    params(("property" = String, Path)), request_body = PropertyDocument,
    responses((status = 200, description = "It is changed", body = Written),
        (status = 201, description = "It is made", body = Written)))]
pub async fn put_property(
    _: Admin,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
    JsonBody(document): JsonBody<PropertyDocument>,
) -> Replied<Written> {
    named("property", &property)?;
    let put = app.core.call(move |state| state.put_property(&property, document)).await?;
    Ok(Reply::put(put))
}

/// What is set on a property
#[utoipa::path(get, path = "/v1/properties/{property}", tag = "admin", security(("admin_key" = [])),
    params(("property" = String, Path)),
    responses((status = 200, description = "All of it", body = PropertyDocument),
        (status = 404, description = "There is none")))]
pub async fn get_property(
    _: Admin,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
) -> Replied<PropertyDocument> {
    Ok(Reply::ok(app.core.call(move |state| state.property_document(&property)).await?))
}

/// Sets some of a property anew and leaves the rest: what the body names
#[utoipa::path(patch, path = "/v1/properties/{property}", tag = "admin",
    security(("admin_key" = [])), params(("property" = String, Path)),
    request_body = PropertyDocument,
    responses((status = 200, description = "It is changed", body = Written),
        (status = 404, description = "There is none")))]
pub async fn patch_property(
    _: Admin,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
    JsonBody(named): JsonBody<Map<String, Value>>,
) -> Replied<Written> {
    Ok(Reply::ok(app.core.call(move |state| state.patch_property(&property, named)).await?))
}

/// Makes an agent a member, or suspends or reinstates one (rule P6)
#[utoipa::path(put, path = "/v1/properties/{property}/members/{agent}", tag = "admin",
    security(("admin_key" = [])), request_body = MemberDocument,
    params(("property" = String, Path), ("agent" = String, Path)),
    responses((status = 200, description = "The member is changed", body = Written),
        (status = 201, description = "The agent is a member", body = Written),
        (status = 404, description = "There is no such property, or no such agent")))]
pub async fn put_member(
    _: Admin,
    State(app): State<Arc<App>>,
    Path((property, agent)): Path<(String, String)>,
    OptionalBody(document): OptionalBody<MemberDocument>,
) -> Replied<Written> {
    let put = app.core.call(move |state| state.put_member(&property, &agent, document.suspended));
    Ok(Reply::put(put.await?))
}

/// Ends a membership
#[utoipa::path(delete, path = "/v1/properties/{property}/members/{agent}", tag = "admin",
    security(("admin_key" = [])), params(("property" = String, Path), ("agent" = String, Path)),
    responses((status = 200, description = "The agent is no member any more", body = Written),
        (status = 404, description = "There is no such property, or no such member")))]
pub async fn delete_member(
    _: Admin,
    State(app): State<Arc<App>>,
    Path((property, agent)): Path<(String, String)>,
) -> Replied<Written> {
    Ok(Reply::ok(app.core.call(move |state| state.delete_member(&property, &agent)).await?))
}

/// Takes a property away, with its widgets; what visitors left stays
#[utoipa::path(delete, path = "/v1/properties/{property}", tag = "admin",
    security(("admin_key" = [])), params(("property" = String, Path)),
    responses((status = 200, description = "It is gone", body = Written),
        (status = 404, description = "There is none")))]
pub async fn delete_property(
    _: Admin,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
) -> Replied<Written> {
    Ok(Reply::ok(app.core.call(move |state| state.delete_property(&property)).await?))
}

/// Creates a further widget of a property, or sets all of it anew
#[utoipa::path(put, path = "/v1/properties/{property}/widgets/{widget}", tag = "admin",
    security(("admin_key" = [])), request_body = WidgetDocument,
    params(("property" = String, Path), ("widget" = String, Path)),
    responses((status = 200, description = "It is changed", body = Written),
        (status = 201, description = "It is made", body = Written),
        (status = 404, description = "There is no such property")))]
pub async fn put_widget(
    _: Admin,
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
    JsonBody(document): JsonBody<WidgetDocument>,
) -> Replied<Written> {
    named("widget", &widget)?;
    if matches!(widget.as_str(), "events" | "messages") {
        let detail = format!("`{widget}` is a call of every widget: take another name");
        return Err(Problem::field("widget", detail));
    }
    let put = app.core.call(move |state| state.put_widget(&property, &widget, document)).await?;
    Ok(Reply::put(put))
}

/// What is set on a further widget
#[utoipa::path(get, path = "/v1/properties/{property}/widgets/{widget}", tag = "admin",
    security(("admin_key" = [])), params(("property" = String, Path), ("widget" = String, Path)),
    responses((status = 200, description = "All of it", body = WidgetDocument),
        (status = 404, description = "There is none")))]
pub async fn get_widget(
    _: Admin,
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
) -> Replied<WidgetDocument> {
    let name = format!("{property}/{widget}");
    Ok(Reply::ok(app.core.call(move |state| state.widget_document(&name)).await?))
}

/// Sets some of a further widget anew and leaves the rest: what the body names
#[utoipa::path(patch, path = "/v1/properties/{property}/widgets/{widget}", tag = "admin",
    security(("admin_key" = [])), request_body = WidgetDocument,
    params(("property" = String, Path), ("widget" = String, Path)),
    responses((status = 200, description = "It is changed", body = Written),
        (status = 404, description = "There is none")))]
pub async fn patch_widget(
    _: Admin,
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
    JsonBody(named): JsonBody<Map<String, Value>>,
) -> Replied<Written> {
    let patched = app.core.call(move |state| state.patch_widget(&property, &widget, named));
    Ok(Reply::ok(patched.await?))
}

/// Takes a further widget away
#[utoipa::path(delete, path = "/v1/properties/{property}/widgets/{widget}", tag = "admin",
    security(("admin_key" = [])), params(("property" = String, Path), ("widget" = String, Path)),
    responses((status = 200, description = "It is gone", body = Written),
        (status = 404, description = "There is none")))]
pub async fn delete_widget(
    _: Admin,
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
) -> Replied<Written> {
    Ok(Reply::ok(app.core.call(move |state| state.delete_widget(&property, &widget)).await?))
}

/// Sets grace and auto-away for the whole service (rules P7, P8)
#[utoipa::path(put, path = "/v1/settings", tag = "admin", security(("admin_key" = [])),
    request_body = TimingDocument,
    responses((status = 200, description = "They are set", body = Written)))]
pub async fn put_settings(
    _: Admin,
    State(app): State<Arc<App>>,
    JsonBody(document): JsonBody<TimingDocument>,
) -> Replied<Written> {
    if document.auto_away == Some(Millis::ZERO) {
        let detail = "rule P8: the duration is longer than zero; null turns auto-away off";
        return Err(Problem::field("auto_away", detail));
    }
    Ok(Reply::ok(app.core.call(move |state| Ok(state.put_timing(document))).await?))
}

/// Grace and auto-away
#[utoipa::path(get, path = "/v1/settings", tag = "admin", security(("admin_key" = [])),
    responses((status = 200, description = "As they are set", body = TimingDocument)))]
pub async fn get_settings(_: Admin, State(app): State<Arc<App>>) -> Replied<TimingDocument> {
    Ok(Reply::ok(app.core.call(|state| Ok(state.timing_document())).await?))
}

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
    _: Admin,
    State(app): State<Arc<App>>,
    JsonBody(PutClock { now }): JsonBody<PutClock>,
) -> Replied<ClockAnswer> {
    is_manual(&app)?;
    let clock = Arc::clone(&app.shared.clock);
    let put = app.core.call(move |state| {
        let now = state.put_clock(now)?;
        clock.put(now);
        Ok(ClockAnswer { now })
    });
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

/// What an agent did is a row; what an admin set is none.
fn write_row(lines: &mut csv::Writer<Vec<u8>>, row: &JournalRow) {
    if row.action != JournalRow::SETTINGS {
        let device = row.device.as_deref().unwrap_or_default();
        let at = row.at.to_string();
        drop(lines.write_record([&at, &row.agent, device, &row.action]));
    }
}
