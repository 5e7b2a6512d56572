//! What was done with which admin key.

use std::sync::Arc;

use axum::extract::{Query, State};
use serde::Deserialize;

use super::app::App;
use super::messages::read;
use super::problem::Replied;
use super::reply::Reply;
use super::request::{Admin, Page};
use crate::store::StoredAudit;
use lamplighter_target::wire::{Audit, AuditEntry};

/// What of it.
#[derive(Deserialize)]
pub struct Of {
    of: Option<String>,
}

fn answer_of(StoredAudit { id, at, by, method, path }: StoredAudit) -> AuditEntry {
    AuditEntry { id, at, by, method, path }
}

/// What was written with which admin key, the latest first, in pages
#[utoipa::path(get, path = "/v1/audit", tag = "admin", security(("admin_key" = [])),
    params(("of" = Option<String>, Query, description = "Calls whose paths begin so, such as `/v1/properties/acme`"),
        ("before" = Option<i64>, Query, description = "Those below this number"),
        ("limit" = Option<usize>, Query, description = "So many at most: 1 to 200, default 50")),
    responses((status = 200, description = "A page", body = Audit)))]
pub async fn audit(
    _: Admin,
    State(app): State<Arc<App>>,
    Query(Of { of }): Query<Of>,
    Query(page): Query<Page>,
) -> Replied<Audit> {
    let (before, limit) = page.bounds();
    let of = of.unwrap_or_default();
    let entries = read(&app, move |reader| reader.audit(&of, before, limit)).await?;
    let next = entries.last().filter(|_| entries.len() == limit).map(|last| last.id);
    Ok(Reply::ok(Audit { entries: entries.into_iter().map(answer_of).collect(), next }))
}
