//! What an admin sets: properties with their members, widgets, grace and auto-away. Each answer has a tag, and
//! a write that names one happens to nothing else.

use std::sync::Arc;

use axum::extract::{Path, State};

use super::app::App;
use super::messages::read;
use super::problem::{Problem, Replied};
use super::query::{FromQuery, Members, Query};
use super::reply::{Reply, Tagged};
use super::request::{Admin, IfMatch, JsonBody, OptionalBody, named};
use crate::core::{Condition, Leftover, Named, Refusal, SetOn, State as Set, Tag};
use lamplighter_core::model::Millis;
use lamplighter_target::wire::{
    MemberDocument, PropertyDocument, TimingDocument, WidgetDocument, Written,
};

/// What a call comes to that reads or writes something with a tag.
type RepliedTagged<T> = Result<Tagged<T>, Problem>;

/// What a write of settings may say besides; [`IfMatch`] reads it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes a header, and is never made")]
struct GoesBy {
    /// The version that is to be changed, as `ETag` had it; any without it
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

/// Reads what is set, with its version.
async fn read_set<T: Send + 'static>(
    app: &App,
    on: SetOn,
    read: impl FnOnce(&Set) -> Result<T, Refusal> + Send + 'static,
) -> RepliedTagged<T> {
    let read = app.core.call(move |state| Ok((state.tag(&on), read(state)?)));
    let (tag, document) = read.await?;
    Ok(Tagged(tag, Reply::ok(document)))
}

/// Hands a write in that happens to the version that it names alone; gives the version that it makes.
async fn write_set<T: Send + 'static>(
    admin: Admin,
    app: &App,
    on: SetOn,
    condition: Condition,
    write: impl FnOnce(&mut Set) -> Result<T, Refusal> + Send + 'static,
) -> Result<(Option<Tag>, T), Refusal> {
    let write = admin.write(app, move |state| {
        state.expect(&on, &condition)?;
        let written = write(state)?;
        Ok((state.tag(&on), written))
    });
    write.await
}

/// Creates a property, or sets all of it anew
#[utoipa::path(put, path = "/v1/properties/{property}", tag = "admin", security(("admin_key" = [])),
    params(("property" = String, Path), GoesBy), request_body = PropertyDocument,
    responses((status = 200, description = "It is changed", body = Written,
            headers(("ETag" = String, description = "The version of what is set now"))),
        (status = 201, description = "It is made", body = Written,
            headers(("ETag" = String, description = "The version of what is set now"))),
        (status = 412, description = "It was changed meanwhile: the version of now is in the answer")))]
pub async fn put_property(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
    IfMatch(condition): IfMatch,
    JsonBody(document): JsonBody<PropertyDocument>,
) -> RepliedTagged<Written> {
    named("property", &property)?;
    let on = SetOn::Property(property.clone());
    let put =
        write_set(admin, &app, on, condition, move |state| state.put_property(&property, document));
    let (tag, put) = put.await?;
    Ok(Tagged(tag, Reply::put(put)))
}

/// What is set on a property
#[utoipa::path(get, path = "/v1/properties/{property}", tag = "admin", security(("admin_key" = [])),
    params(("property" = String, Path)),
    responses((status = 200, description = "All of it", body = PropertyDocument,
            headers(("ETag" = String, description = "The version of what is set now"))),
        (status = 404, description = "There is none")))]
pub async fn get_property(
    _: Admin,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
) -> RepliedTagged<PropertyDocument> {
    let on = SetOn::Property(property.clone());
    read_set(&app, on, move |state| state.property_document(&property)).await
}

/// Sets some of a property anew and leaves the rest: what the body names
#[utoipa::path(patch, path = "/v1/properties/{property}", tag = "admin",
    security(("admin_key" = [])), params(("property" = String, Path), GoesBy),
    request_body = PropertyDocument,
    responses((status = 200, description = "It is changed", body = Written,
            headers(("ETag" = String, description = "The version of what is set now"))),
        (status = 404, description = "There is none"),
        (status = 412, description = "It was changed meanwhile: the version of now is in the answer")))]
pub async fn patch_property(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
    IfMatch(condition): IfMatch,
    JsonBody(named): JsonBody<Named>,
) -> RepliedTagged<Written> {
    let on = SetOn::Property(property.clone());
    let patched =
        write_set(admin, &app, on, condition, move |state| state.patch_property(&property, named));
    let (tag, written) = patched.await?;
    Ok(Tagged(tag, Reply::ok(written)))
}

/// Makes an agent a member, or suspends or reinstates one (rule P6)
#[utoipa::path(put, path = "/v1/properties/{property}/members/{agent}", tag = "admin",
    security(("admin_key" = [])), request_body = MemberDocument,
    params(("property" = String, Path), ("agent" = String, Path)),
    responses((status = 200, description = "The member is changed", body = Written),
        (status = 201, description = "The agent is a member", body = Written),
        (status = 404, description = "There is no such property, or no such agent"),
        (status = 412, description = "The property is not what `If-Match` names any more")))]
pub async fn put_member(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path((property, agent)): Path<(String, String)>,
    IfMatch(condition): IfMatch,
    OptionalBody(document): OptionalBody<MemberDocument>,
) -> Replied<Written> {
    let put = admin.write(&app, move |state| {
        state.expect(&SetOn::Property(property.clone()), &condition)?;
        state.put_member(&property, &agent, document.suspended)
    });
    Ok(Reply::put(put.await?))
}

/// Ends a membership
#[utoipa::path(delete, path = "/v1/properties/{property}/members/{agent}", tag = "admin",
    security(("admin_key" = [])), params(("property" = String, Path), ("agent" = String, Path)),
    responses((status = 200, description = "The agent is no member any more", body = Written),
        (status = 404, description = "There is no such property, or no such member"),
        (status = 412, description = "The property is not what `If-Match` names any more")))]
pub async fn delete_member(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path((property, agent)): Path<(String, String)>,
    IfMatch(condition): IfMatch,
) -> Replied<Written> {
    let deleted = admin.write(&app, move |state| {
        state.expect(&SetOn::Property(property.clone()), &condition)?;
        state.delete_member(&property, &agent)
    });
    Ok(Reply::ok(deleted.await?))
}

/// What becomes of the messages of a property that goes.
pub struct WithMessages {
    messages: Option<String>,
}

impl FromQuery for WithMessages {
    fn from_query(members: &Members<'_>) -> Result<Self, Problem> {
        Ok(Self { messages: members.text("messages")? })
    }
}

/// Takes a property away, with its widgets; where visitors have left messages, only together with these
#[utoipa::path(delete, path = "/v1/properties/{property}", tag = "admin",
    security(("admin_key" = [])), params(("property" = String, Path),
        ("messages" = Option<String>, Query, description = "`delete`: messages that visitors left are deleted, too"),
        GoesBy),
    responses((status = 200, description = "It is gone", body = Written),
        (status = 404, description = "There is none"),
        (status = 409, description = "Visitors have left messages, and nothing says that they are to be deleted"),
        (status = 422, description = "Nobody knows what is to become of the messages"),
        (status = 412, description = "It was changed meanwhile: the version of now is in the answer")))]
pub async fn delete_property(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
    Query(WithMessages { messages }): Query<WithMessages>,
    IfMatch(condition): IfMatch,
) -> Replied<Written> {
    let messages = match messages.as_deref() {
        Some("delete") => Leftover::Deleted,
        None => none_left(&app, &property, condition.clone()).await?,
        Some(_) => return Err(Problem::field("messages", "`delete`, or leave it out")),
    };
    let on = SetOn::Property(property.clone());
    let deleted = write_set(admin, &app, on, condition, move |state| {
        state.delete_property(&property, messages)
    });
    let (_, written) = deleted.await?;
    Ok(Reply::ok(written))
}

/// Looks whether visitors have left messages. What comes after the look, the core knows of.
async fn none_left(
    app: &Arc<App>,
    property: &str,
    condition: Condition,
) -> Result<Leftover, Problem> {
    let of = property.to_owned();
    let last = app.core.call(move |state| {
        state.expect(&SetOn::Property(of), &condition)?;
        Ok(state.last_message())
    });
    let last = last.await?;
    let of = property.to_owned();
    let found = read(app, move |reader| reader.messages(&of, i64::MAX, 1)).await?;
    match found.rows.is_empty() {
        true => Ok(Leftover::NoneUpTo(last)),
        false => Err(Refusal::MessagesLeft { property: property.to_owned() }.into()),
    }
}

/// Creates a further widget of a property, or sets all of it anew
#[utoipa::path(put, path = "/v1/properties/{property}/widgets/{widget}", tag = "admin",
    security(("admin_key" = [])), request_body = WidgetDocument,
    params(("property" = String, Path), ("widget" = String, Path), GoesBy),
    responses((status = 200, description = "It is changed", body = Written,
            headers(("ETag" = String, description = "The version of what is set now"))),
        (status = 201, description = "It is made", body = Written,
            headers(("ETag" = String, description = "The version of what is set now"))),
        (status = 404, description = "There is no such property"),
        (status = 412, description = "It was changed meanwhile: the version of now is in the answer")))]
pub async fn put_widget(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
    IfMatch(condition): IfMatch,
    JsonBody(document): JsonBody<WidgetDocument>,
) -> RepliedTagged<Written> {
    named("widget", &widget)?;
    if matches!(widget.as_str(), "events" | "messages") {
        let detail = format!("`{widget}` is a call of every widget: take another name");
        return Err(Problem::field("widget", detail));
    }
    let on = SetOn::Widget(format!("{property}/{widget}"));
    let put = write_set(admin, &app, on, condition, move |state| {
        state.put_widget(&property, &widget, document)
    });
    let (tag, put) = put.await?;
    Ok(Tagged(tag, Reply::put(put)))
}

/// What is set on a further widget
#[utoipa::path(get, path = "/v1/properties/{property}/widgets/{widget}", tag = "admin",
    security(("admin_key" = [])), params(("property" = String, Path), ("widget" = String, Path)),
    responses((status = 200, description = "All of it", body = WidgetDocument,
            headers(("ETag" = String, description = "The version of what is set now"))),
        (status = 404, description = "There is none")))]
pub async fn get_widget(
    _: Admin,
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
) -> RepliedTagged<WidgetDocument> {
    let name = format!("{property}/{widget}");
    read_set(&app, SetOn::Widget(name.clone()), move |state| state.widget_document(&name)).await
}

/// Sets some of a further widget anew and leaves the rest: what the body names
#[utoipa::path(patch, path = "/v1/properties/{property}/widgets/{widget}", tag = "admin",
    security(("admin_key" = [])), request_body = WidgetDocument,
    params(("property" = String, Path), ("widget" = String, Path), GoesBy),
    responses((status = 200, description = "It is changed", body = Written,
            headers(("ETag" = String, description = "The version of what is set now"))),
        (status = 404, description = "There is none"),
        (status = 412, description = "It was changed meanwhile: the version of now is in the answer")))]
pub async fn patch_widget(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
    IfMatch(condition): IfMatch,
    JsonBody(named): JsonBody<Named>,
) -> RepliedTagged<Written> {
    let on = SetOn::Widget(format!("{property}/{widget}"));
    let patched = write_set(admin, &app, on, condition, move |state| {
        state.patch_widget(&property, &widget, named)
    });
    let (tag, written) = patched.await?;
    Ok(Tagged(tag, Reply::ok(written)))
}

/// Takes a further widget away
#[utoipa::path(delete, path = "/v1/properties/{property}/widgets/{widget}", tag = "admin",
    security(("admin_key" = [])),
    params(("property" = String, Path), ("widget" = String, Path), GoesBy),
    responses((status = 200, description = "It is gone", body = Written),
        (status = 404, description = "There is none"),
        (status = 412, description = "It was changed meanwhile: the version of now is in the answer")))]
pub async fn delete_widget(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
    IfMatch(condition): IfMatch,
) -> Replied<Written> {
    let on = SetOn::Widget(format!("{property}/{widget}"));
    let deleted =
        write_set(admin, &app, on, condition, move |state| state.delete_widget(&property, &widget));
    let (_, written) = deleted.await?;
    Ok(Reply::ok(written))
}

/// Sets grace and auto-away for the whole service (rules P7, P8)
#[utoipa::path(put, path = "/v1/settings", tag = "admin", security(("admin_key" = [])),
    params(GoesBy), request_body = TimingDocument,
    responses((status = 200, description = "They are set", body = Written,
            headers(("ETag" = String, description = "The version of what is set now"))),
        (status = 412, description = "It was changed meanwhile: the version of now is in the answer")))]
pub async fn put_settings(
    admin: Admin,
    State(app): State<Arc<App>>,
    IfMatch(condition): IfMatch,
    JsonBody(document): JsonBody<TimingDocument>,
) -> RepliedTagged<Written> {
    if document.auto_away == Some(Millis::ZERO) {
        let detail = "rule P8: the duration is longer than zero; null turns auto-away off";
        return Err(Problem::field("auto_away", detail));
    }
    let put = write_set(admin, &app, SetOn::Service, condition, move |state| {
        Ok(state.put_timing(document))
    });
    let (tag, written) = put.await?;
    Ok(Tagged(tag, Reply::ok(written)))
}

/// Grace and auto-away
#[utoipa::path(get, path = "/v1/settings", tag = "admin", security(("admin_key" = [])),
    responses((status = 200, description = "As they are set", body = TimingDocument,
            headers(("ETag" = String, description = "The version of what is set now")))))]
pub async fn get_settings(_: Admin, State(app): State<Arc<App>>) -> RepliedTagged<TimingDocument> {
    read_set(&app, SetOn::Service, |state| Ok(state.timing_document())).await
}
