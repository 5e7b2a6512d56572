//! What was done with which admin key.

use std::sync::Arc;

use super::app::App;
use super::messages::read;
use super::problem::{Problem, Replied};
use super::query::{FromQuery, Members, Query};
use super::reply::Reply;
use super::request::{Admin, Page};
use super::spelling::normal_path;
use crate::store::StoredAudit;
use axum::extract::State;
use lamplighter_target::wire::{Audit, AuditEntry};

/// What of it.
pub struct Of {
    of: Option<String>,
}

impl FromQuery for Of {
    fn from_query(members: &Members<'_>) -> Result<Self, Problem> {
        Ok(Self { of: members.text("of")? })
    }
}

fn answer_of(StoredAudit { id, at, by, method, path }: StoredAudit) -> AuditEntry {
    AuditEntry { id, at, by, method, path }
}

/// What was written with which admin key, the latest first, in pages
#[utoipa::path(get, path = "/v1/audit", tag = "admin", security(("admin_key" = [])),
    params(("of" = Option<String>, Query, description = "Calls whose paths begin so, such as `/v1/properties/acme`"),
        ("before" = Option<i64>, Query, description = "Those below this number"),
        ("limit" = Option<usize>, Query, description = "So many at most: 1 to 200, default 50")),
    responses((status = 200, description = "A page", body = Audit),
        (status = 422, description = "No such page")))]
pub async fn audit(
    _: Admin,
    State(app): State<Arc<App>>,
    Query(Of { of }): Query<Of>,
    Query(page): Query<Page>,
) -> Replied<Audit> {
    let (before, limit) = page.bounds();
    let of = normal_path(&of.unwrap_or_default());
    let found = read(&app, move |reader| reader.audit(&of, before, limit)).await?;
    let next = found.rows.last().filter(|_| found.goes_on).map(|last| last.id);
    Ok(Reply::ok(Audit { entries: found.rows.into_iter().map(answer_of).collect(), next }))
}
