//! What visitors see, and what they leave. Nothing internal goes out here, and scripts of any page
//! may call.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;

use super::app::App;
use super::problem::Problem;
use super::reply::{Reply, allow_any_origin, empty, for_visitors};
use super::request::{JsonBody, Peer};
use super::stream::{Events, OpenStream};
use crate::address::is_address;
use crate::hub::HubCommand;
use crate::outbox::OUTLET_MAX;
use lamplighter_core::model::Visitor;
use lamplighter_target::wire::{NewMessage, NewMessageAnswer, WidgetAnswer, read_visitor};

/// The visitor that the query of a call describes.
fn visitor(uri: &Uri) -> Result<Visitor, Problem> {
    Ok(read_visitor(uri.query().unwrap_or_default())?)
}

fn no_widget(widget: &str) -> Problem {
    Problem::not_found(format!("there is no widget `{widget}`"))
}

/// What the widget of a property shows
#[utoipa::path(get, path = "/v1/widgets/{property}", tag = "visitors",
    params(("property" = String, Path),
        ("page" = Option<String>, Query, description = "The URL that the visitor is on"),
        ("device" = Option<String>, Query, description = "`desktop` or `mobile`"),
        ("country" = Option<String>, Query, description = "ISO 3166-1 alpha-2")),
    responses((status = 200, description = "The answer", body = WidgetAnswer),
        (status = 404, description = "There is none"),
        (status = 422, description = "No such kind of device")))]
pub async fn widget(
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
    uri: Uri,
) -> Response {
    read(&app, &property, &uri)
}

/// What a further widget shows
#[utoipa::path(get, path = "/v1/widgets/{property}/{widget}", tag = "visitors",
    params(("property" = String, Path), ("widget" = String, Path),
        ("page" = Option<String>, Query, description = "The URL that the visitor is on"),
        ("device" = Option<String>, Query, description = "`desktop` or `mobile`"),
        ("country" = Option<String>, Query, description = "ISO 3166-1 alpha-2")),
    responses((status = 200, description = "The answer", body = WidgetAnswer),
        (status = 404, description = "There is none"),
        (status = 422, description = "No such kind of device")))]
pub async fn further_widget(
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    read(&app, &format!("{property}/{widget}"), &uri)
}

/// What the widget of this full name shows to the visitor whom the query describes. Nothing but the
/// widget cache is asked.
pub fn read(app: &App, widget: &str, uri: &Uri) -> Response {
    app.shared.metrics.widget_read();
    let body = visitor(uri).and_then(|visitor| {
        app.shared.widgets.body(widget, &visitor).ok_or_else(|| no_widget(widget))
    });
    match body {
        Ok(body) => for_visitors("application/json", body),
        Err(problem) => {
            let mut response = problem.into_response();
            allow_any_origin(&mut response);
            response
        }
    }
}

/// The answer of the widget of a property now, then each change
#[utoipa::path(get, path = "/v1/widgets/{property}/events", tag = "visitors",
    params(("property" = String, Path),
        ("page" = Option<String>, Query, description = "The URL that the visitor is on"),
        ("device" = Option<String>, Query, description = "`desktop` or `mobile`"),
        ("country" = Option<String>, Query, description = "ISO 3166-1 alpha-2")),
    responses((status = 200, description = "Events named `widget`, each an answer", body = String,
            content_type = "text/event-stream"),
        (status = 404, description = "There is none"),
        (status = 422, description = "No such kind of device"),
        (status = 429, description = "Too many event streams from this address")))]
pub async fn events(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Path(property): Path<String>,
    uri: Uri,
) -> Response {
    stream(&app, peer, property, &uri).await.unwrap_or_else(Problem::into_response)
}

/// The answer of a further widget now, then each change
#[utoipa::path(get, path = "/v1/widgets/{property}/{widget}/events", tag = "visitors",
    params(("property" = String, Path), ("widget" = String, Path),
        ("page" = Option<String>, Query, description = "The URL that the visitor is on"),
        ("device" = Option<String>, Query, description = "`desktop` or `mobile`"),
        ("country" = Option<String>, Query, description = "ISO 3166-1 alpha-2")),
    responses((status = 200, description = "Events named `widget`, each an answer", body = String,
            content_type = "text/event-stream"),
        (status = 404, description = "There is none"),
        (status = 422, description = "No such kind of device"),
        (status = 429, description = "Too many event streams from this address")))]
pub async fn further_events(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Path((property, widget)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let widget = format!("{property}/{widget}");
    stream(&app, peer, widget, &uri).await.unwrap_or_else(Problem::into_response)
}

async fn stream(app: &App, peer: Peer, widget: String, uri: &Uri) -> Result<Response, Problem> {
    let visitor = visitor(uri)?;
    if app.shared.widgets.get(&widget).is_none() {
        return Err(no_widget(&widget));
    }
    let open = OpenStream::new(app.streams.take(Some(peer.0))?, app.shared.metrics.streams.clone());
    let (outlet, pieces) = mpsc::channel(OUTLET_MAX);
    let order = HubCommand::Watch(widget, visitor, outlet);
    let stopping = |_| Problem::unavailable("the service is stopping", 5);
    app.hub.send(order).await.map_err(stopping)?;
    Ok(for_visitors("text/event-stream", Body::new(Events::new(pieces, open))))
}

/// Refuses what cannot be left.
fn check(left: &NewMessage) -> Result<(), Problem> {
    let chars = |text: &str| text.chars().count();
    if left.name.trim().is_empty() || chars(&left.name) > 200 {
        return Err(Problem::field("name", "a name has 1 to 200 characters"));
    }
    if !is_address(&left.email) {
        let detail = "write an address such as `ann@example.com`, of 320 characters at most";
        return Err(Problem::field("email", detail));
    }
    if chars(&left.message) > 10_000 {
        return Err(Problem::field("message", "a message has 10,000 characters at most"));
    }
    Ok(())
}

/// Leaves a message with a property (rules C2, C3); 201 once it is on disk
#[utoipa::path(post, path = "/v1/widgets/{property}/messages", tag = "visitors",
    params(("property" = String, Path)), request_body = NewMessage,
    responses((status = 201, description = "It is on disk", body = NewMessageAnswer),
        (status = 404, description = "There is no such widget"),
        (status = 429, description = "Too many messages from this address within a minute, or with this \
            property today")))]
pub async fn leave(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Path(property): Path<String>,
    JsonBody(left): JsonBody<NewMessage>,
) -> Response {
    take(&app, peer, property, left).await.unwrap_or_else(Problem::into_response)
}

/// Leaves a message on a further widget (rules C2, C3); 201 once it is on disk
#[utoipa::path(post, path = "/v1/widgets/{property}/{widget}/messages", tag = "visitors",
    params(("property" = String, Path), ("widget" = String, Path)), request_body = NewMessage,
    responses((status = 201, description = "It is on disk", body = NewMessageAnswer),
        (status = 404, description = "There is no such widget"),
        (status = 429, description = "Too many messages from this address within a minute, or with this \
            property today")))]
pub async fn further_leave(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Path((property, widget)): Path<(String, String)>,
    JsonBody(left): JsonBody<NewMessage>,
) -> Response {
    let widget = format!("{property}/{widget}");
    take(&app, peer, widget, left).await.unwrap_or_else(Problem::into_response)
}

async fn take(
    app: &App,
    peer: Peer,
    widget: String,
    left: NewMessage,
) -> Result<Response, Problem> {
    check(&left)?;
    app.messages.pass(peer.0).await?;
    if app.shared.widgets.get(&widget).is_none() {
        return Err(no_widget(&widget));
    }
    let property = widget.split('/').next().unwrap_or_default().to_owned();
    let now = app.shared.clock.now();
    app.messages_today.count(&property, now)?;
    let NewMessage { name, email, message } = left;
    let take = app.core.call(move |state| state.take_message(&widget, name, email, message));
    let id = take.await.inspect_err(|_| app.messages_today.give_back(&property, now))?;
    Ok(Reply(StatusCode::CREATED, NewMessageAnswer { id }).into_response())
}

/// What a browser asks before a script of another page may leave a message.
pub async fn preflight() -> Response {
    may_leave()
}

/// That a script may leave a message.
pub fn may_leave() -> Response {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}
