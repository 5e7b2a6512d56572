//! The API of the service, on axum: every call, and the document that describes it, from one list.

mod admin;
mod agents;
mod connect;
mod operation;
mod reply;
mod request;
mod site;
mod stream;
mod visitors;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::Router;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, options};
use tokio::sync::{Semaphore, mpsc};
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use agents::{is_status_write, put_status_at_once};
pub use reply::SECURITY_HEADERS;
pub use request::Peer;
pub use visitors::read_at_once;

use super::Limits;
use super::accounts::{MessagesThrottle, Passwords, Throttle};
use super::board::{Board, json};
use super::clock::Clock;
use super::core::Desk;
use super::hub::HubOrder;
use super::metrics::Metrics;
use super::problem::Problem;
use super::store::Reader;
use lamplighter_target::wire::ProblemBody;
use reply::with_type;

/// What every call can reach.
pub struct App {
    /// Where writes, and reads of what is internal, are handed in.
    pub desk: Desk,
    /// What widgets show.
    pub board: Arc<Board>,
    /// Who is told what changes.
    pub hub: mpsc::Sender<HubOrder>,
    /// Reads of what is kept.
    pub reader: Box<dyn Reader>,
    /// The service's clock.
    pub clock: Arc<Clock>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How passwords are checked.
    pub passwords: Passwords,
    /// Who has to wait after failed logins.
    pub throttle: Throttle,
    /// Who has to wait after many messages.
    pub messages: MessagesThrottle,
    /// The hash of the admin key.
    pub admin_key: [u8; 32],
    /// How much of everything there may be.
    pub limits: Limits,
    /// One for each event stream that may be open.
    pub streams: Arc<Semaphore>,
    /// One for each socket of an agent that may be open.
    pub sockets: Arc<Semaphore>,
    /// Numbers for sockets.
    pub numbers: Numbers,
    /// Set once the service is to stop.
    pub stopping: AtomicBool,
}

impl App {
    /// Whether the service is about to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Numbers, each once.
#[derive(Debug, Default)]
pub struct Numbers(AtomicU64);

impl Numbers {
    /// The next one.
    pub fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// What the document says of itself.
#[derive(OpenApi)]
#[openapi(
    info(title = "Lamplighter", description = "What a live-chat widget must show, over HTTP"),
    components(schemas(ProblemBody)),
    tags(
        (name = "visitors", description = "For anyone, and for scripts of any page"),
        (name = "agents", description = "With the token of a device"),
        (name = "admin", description = "With the admin key"),
        (name = "operation", description = "For whoever runs the service")
    )
)]
struct Document;

/// Every call, and the document of them all.
fn calls() -> (Router<Arc<App>>, utoipa::openapi::OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(admin::put_agent))
        .routes(routes!(admin::put_property, admin::get_property, admin::delete_property))
        .routes(routes!(admin::put_widget, admin::get_widget, admin::delete_widget))
        .routes(routes!(admin::put_settings, admin::get_settings))
        .routes(routes!(admin::put_clock, admin::get_clock))
        .routes(routes!(admin::trace))
        .routes(routes!(agents::login))
        .routes(routes!(agents::put_status))
        .routes(routes!(agents::activity))
        .routes(routes!(agents::logout))
        .routes(routes!(agents::team))
        .routes(routes!(agents::messages))
        .routes(routes!(agents::explain))
        .routes(routes!(agents::explain_widget))
        .routes(routes!(connect::connect))
        .routes(routes!(visitors::widget))
        .routes(routes!(visitors::further_widget))
        .routes(routes!(visitors::events))
        .routes(routes!(visitors::further_events))
        .routes(routes!(visitors::leave))
        .routes(routes!(visitors::further_leave))
        .routes(routes!(operation::healthz))
        .routes(routes!(operation::readyz))
        .routes(routes!(operation::metrics))
        .split_for_parts();
    complete(&mut document);
    (router, document)
}

/// The router of the whole service.
pub fn router(app: Arc<App>) -> Router {
    let (calls, document) = calls();
    let document = json(&document);
    let document = move || async move { with_type(StatusCode::OK, "application/json", document) };
    calls
        .route("/openapi.json", get(document))
        .route("/", get(site::dashboard))
        .route("/demo/{property}", get(site::demo))
        .route("/demo/{property}/{widget}", get(site::further_demo))
        .route("/widget.js", get(site::widget))
        .route("/assets/{name}", get(site::asset))
        .route("/v1/widgets/{property}/messages", options(visitors::preflight))
        .route("/v1/widgets/{property}/{widget}/messages", options(visitors::preflight))
        .with_state(app)
}

/// What whoever calls gets before the service has recovered.
pub fn while_it_starts(uri: &Uri) -> Response {
    match uri.path() {
        "/healthz" => with_type(StatusCode::OK, "text/plain", "ok\n"),
        _ => Problem::unavailable("the service is starting", 1).into_response(),
    }
}

/// A response that nobody made a problem of yet: no such call, a path that is no text.
pub fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_answer = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|content_type| !content_type.as_bytes().starts_with(b"text/plain"));
    if is_answer || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let detail = match status {
        StatusCode::NOT_FOUND => "there is no such call: see /openapi.json for those there are",
        StatusCode::METHOD_NOT_ALLOWED => "this call does not take that method",
        _ => status.canonical_reason().unwrap_or("it failed"),
    };
    let mut problem = Problem::of_status(status.as_u16(), detail).into_response();
    if let Some(methods) = response.headers().get(ALLOW) {
        problem.headers_mut().insert(ALLOW, methods.clone());
    }
    problem
}

/// Adds what calls have in common: whose they are, what can go wrong with a body, and that whatever
/// goes wrong is told as a problem.
fn complete(document: &mut utoipa::openapi::OpenApi) {
    let bearer = || SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("token".to_owned(), bearer().into());
    components.security_schemes.insert("admin_key".to_owned(), bearer().into());
    for (path, item) in &mut document.paths.paths {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete].into_iter().flatten();
        for operation in operations {
            complete_operation(path, operation);
        }
    }
}

fn complete_operation(path: &str, operation: &mut Operation) {
    let mut problem = |status: &str, description: &str| {
        let response = ResponseBuilder::new().description(description).build();
        operation.responses.responses.entry(status.to_owned()).or_insert(response.into());
    };
    if operation.request_body.is_some() {
        problem("400", "The body is no JSON");
        problem("408", "The body did not arrive in time");
        problem("413", "The body is larger than it may be");
        problem("422", "A field says something that cannot be");
    }
    if operation.security.is_some() {
        problem("401", "Nobody known asks");
    }
    let is_from_the_board = path.starts_with("/v1/widgets/") && operation.request_body.is_none();
    if path.starts_with("/v1/") && (!is_from_the_board || path.ends_with("/events")) {
        problem("503", "Not now: see Retry-After");
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody")));
            response.content.insert("application/problem+json".to_owned(), content.build().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_recovers_is_there_but_not_ready() {
        let status = |path: &str| while_it_starts(&path.parse().expect("a path")).status();
        assert_eq!(status("/healthz"), StatusCode::OK);
        for path in ["/readyz", "/v1/widgets/acme", "/"] {
            assert_eq!(status(path), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        }
    }
}
