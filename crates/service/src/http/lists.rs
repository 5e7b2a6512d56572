//! What there is: properties with their widgets, and accounts, by name and in pages.

use std::sync::Arc;

use axum::extract::State;

use super::app::App;
use super::problem::Replied;
use super::query::Query;
use super::reply::Reply;
use super::request::{Admin, Names};
use lamplighter_target::wire::{Agents, Properties};

/// The properties that there are, by name, in pages
#[utoipa::path(get, path = "/v1/properties", tag = "admin", security(("admin_key" = [])),
    params(("search" = Option<String>, Query, description = "What their names hold, in capitals or not"),
        ("after" = Option<String>, Query, description = "Those behind this name"),
        ("limit" = Option<usize>, Query, description = "So many at most: 1 to 200, default 50")),
    responses((status = 200, description = "A page", body = Properties),
        (status = 422, description = "No such page")))]
pub async fn properties(
    _: Admin,
    State(app): State<Arc<App>>,
    Query(names): Query<Names>,
) -> Replied<Properties> {
    let page = names.page();
    Ok(Reply::ok(app.core.call(move |state| Ok(state.list_properties(&page))).await?))
}

/// The accounts that there are, by name, in pages
#[utoipa::path(get, path = "/v1/agents", tag = "admin", security(("admin_key" = [])),
    params(("search" = Option<String>, Query, description = "What their names hold, in capitals or not"),
        ("after" = Option<String>, Query, description = "Those behind this name"),
        ("limit" = Option<usize>, Query, description = "So many at most: 1 to 200, default 50")),
    responses((status = 200, description = "A page", body = Agents),
        (status = 422, description = "No such page")))]
pub async fn agents(
    _: Admin,
    State(app): State<Arc<App>>,
    Query(names): Query<Names>,
) -> Replied<Agents> {
    let page = names.page();
    Ok(Reply::ok(app.core.call(move |state| Ok(state.list_agents(&page))).await?))
}
