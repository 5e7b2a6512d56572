//! What visitors left: read by members, deleted by admins.

use std::sync::Arc;

use super::app::App;
use super::problem::{Problem, Replied};
use super::query::{FromQuery, Members, Query, no_number};
use super::reply::Reply;
use super::request::{Admin, Caller, Page};
use crate::address::is_address;
use crate::store::{Reader, StoreError, StoredMessage};
use axum::extract::{Path, State};
use lamplighter_target::wire::{Deleted, MessageAnswer, Messages};

/// A message as those see it who know of which property it is.
fn answer_of(message: StoredMessage) -> MessageAnswer {
    let StoredMessage { id, at, property: _, widget, name, email, message } = message;
    MessageAnswer { id, at, widget, name, email, message }
}

/// Reads what is kept beside the core.
///
/// # Errors
/// When the store cannot be read, or what is read is not what was written.
pub async fn read<T: Send + 'static>(
    app: &Arc<App>,
    read: impl FnOnce(&dyn Reader) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    let reading = Arc::clone(app);
    let read = tokio::task::spawn_blocking(move || read(&*reading.reader));
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "cannot read the store");
        Problem::unavailable("what is kept cannot be read now", 2)
    };
    match read.await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(error @ StoreError::Damaged { .. })) => {
            tracing::error!(%error, "what is kept is not what was written");
            Err(Problem::of_status(500, format!("it is not served: {error}")))
        }
        Ok(Err(error)) => Err(failed(&error)),
        Err(error) => Err(failed(&error)),
    }
}

/// What visitors left, the latest first, in pages
#[utoipa::path(get, path = "/v1/messages/{property}", tag = "agents",
    security(("token" = []), ("admin_key" = [])),
    params(("property" = String, Path),
        ("before" = Option<i64>, Query, description = "Those below this number"),
        ("limit" = Option<usize>, Query, description = "So many at most: 1 to 200, default 50")),
    responses((status = 200, description = "A page", body = Messages),
        (status = 403, description = "Not a member"),
        (status = 404, description = "There is no such property, and nothing was left with one"),
        (status = 422, description = "No such page")))]
pub async fn messages(
    caller: Caller,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
    Query(page): Query<Page>,
) -> Replied<Messages> {
    if let Caller::Device(token) = caller {
        let name = property.clone();
        app.core.call(move |state| state.let_member_pass(&token, &name)).await?;
    }
    let (before, limit) = page.bounds();
    let name = property.clone();
    let found = read(&app, move |reader| reader.messages(&name, before, limit)).await?;
    if found.rows.is_empty() {
        is_or_was(&app, property).await?;
    }
    let next = found.rows.last().filter(|_| found.goes_on).map(|last| last.id);
    let messages = found.rows.into_iter().map(answer_of).collect();
    Ok(Reply::ok(Messages { messages, next }))
}

/// Lets a property pass that there is, and one that is gone while what was left with it is there.
async fn is_or_was(app: &Arc<App>, property: String) -> Result<(), Problem> {
    let name = property.clone();
    let Err(none) = app.core.call(move |state| state.property_document(&name)).await else {
        return Ok(());
    };
    let left = read(app, move |reader| reader.messages(&property, i64::MAX, 1)).await?;
    match left.rows.is_empty() {
        true => Err(none.into()),
        false => Ok(()),
    }
}

/// Deletes a message
#[utoipa::path(delete, path = "/v1/messages/{property}/{id}", tag = "admin",
    security(("admin_key" = [])),
    params(("property" = String, Path), ("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "It is gone", body = Deleted),
        (status = 404, description = "There is none"),
        (status = 422, description = "No number")))]
pub async fn delete_message(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path((property, id)): Path<(String, String)>,
) -> Replied<Deleted> {
    let id: i64 = id.parse().map_err(|_| no_number("id", &id, "a message has a whole number"))?;
    let of = property.clone();
    let found = read(&app, move |reader| reader.messages(&of, id.saturating_add(1), 1)).await?;
    if found.rows.first().is_none_or(|message| message.id != id) {
        return Err(Problem::not_found(format!("`{property}` has no message {id}")));
    }
    let deleted = admin.write(&app, move |state| Ok(state.delete_messages(vec![id]))).await?;
    Ok(Reply::ok(Deleted { deleted }))
}

/// Whose messages.
pub struct Erasure {
    email: String,
}

impl FromQuery for Erasure {
    fn from_query(members: &Members<'_>) -> Result<Self, Problem> {
        let email = members.text("email")?.unwrap_or_default();
        // None that can be kept: an answer that nothing was found would be taken for an erasure.
        if is_address(&email) {
            return Ok(Self { email });
        }
        let detail = match email.contains(char::is_whitespace) {
            true if members.has_plus() => {
                "an address holds no blank, and a `+` in a query is read as one: write it as `%2B`"
            }
            true => "an address holds no blank",
            false => {
                "say whose: `DELETE /v1/messages?email=ann@example.com`, an address such as it was left"
            }
        };
        Err(Problem::field("email", detail))
    }
}

/// Deletes whatever visitors left with an address, in all properties
#[utoipa::path(delete, path = "/v1/messages", tag = "admin", security(("admin_key" = [])),
    params(("email" = String, Query, description = "The address, in capitals or not; a `+` in it is written `%2B`")),
    responses((status = 200, description = "They are gone", body = Deleted),
        (status = 422, description = "No address")))]
pub async fn erase_messages(
    admin: Admin,
    State(app): State<Arc<App>>,
    Query(Erasure { email }): Query<Erasure>,
) -> Replied<Deleted> {
    let ids = read(&app, move |reader| reader.messages_from(&email)).await?;
    let deleted = admin.write(&app, move |state| Ok(state.delete_messages(ids))).await?;
    Ok(Reply::ok(Deleted { deleted }))
}
