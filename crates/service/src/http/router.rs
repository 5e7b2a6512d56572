//! The one way in: every call comes through here, and gets here what all answers have.
//!
//! Two calls are most of all traffic, reads of widgets and writes of statuses. They are matched first,
//! which costs less than the table of all calls (`benches/service` has the figures).

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::http::header::{ALLOW, CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, options};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::app::App;
use super::openapi::{Document, complete};
use super::problem::{Guess, Problem};
use super::reply::{allow_any_origin, secured, with_type};
use super::request::Peer;
use super::spelling::is_text;
use super::{
    accounts, admin, agents, audit, connect, coverage, lists, messages, operation, settings, site,
    visitors,
};
use crate::json::json;
use crate::places::NoPlace;

/// Answers calls; each connection has a clone of it.
#[derive(Clone)]
pub struct Router {
    app: Arc<App>,
    table: TowerToHyperService<axum::Router>,
}

/// How an answer comes.
pub enum Answer<F> {
    /// The answer is there at once, without a task for it.
    Ready(Response),
    /// It has to be waited for.
    Coming(F),
}

/// When it is worth looking again whether the clock was put right.
const RETRY_CLOCK_S: u64 = 30;

/// Before the name of a widget in the calls of visitors.
const OF_VISITORS: &str = "/v1/widgets/";

/// Which call a request is.
enum Route<'a> {
    /// A read of the widget of this full name.
    Widget(&'a str),
    /// A device sets its status.
    PutStatus,
    /// Any other, and what is none: the table knows.
    Other,
}

impl<'a> Route<'a> {
    fn of(method: &Method, uri: &'a Uri) -> Self {
        if *method == Method::PUT && uri.path() == "/v1/status" {
            return Self::PutStatus;
        }
        match uri.path().strip_prefix(OF_VISITORS) {
            Some(name) if *method == Method::GET && is_plain(name) => Self::Widget(name),
            _ => Self::Other,
        }
    }
}

/// Whether what stands behind `/v1/widgets/` is a widget's full name, and as it is written: names with
/// `%` are for the table to read.
fn is_plain(name: &str) -> bool {
    let is_name = match name.split_once('/') {
        None => true,
        Some((_, rest)) => rest != "events" && !rest.contains('/'),
    };
    is_name && !name.contains('%') && !name.ends_with('/')
}

impl Router {
    /// Answers by what the application can reach.
    pub fn new(app: Arc<App>) -> Self {
        let table = TowerToHyperService::new(table(Arc::clone(&app)));
        Self { app, table }
    }

    /// Answers a request that came by a connection from an address. The answer needs nothing of `self`
    /// any more.
    pub fn answer(
        &self,
        mut request: Request<Incoming>,
        peer: Peer,
    ) -> Answer<impl Future<Output = Response> + use<>> {
        let began = Instant::now();
        let app = Arc::clone(&self.app);
        let refused = refused_by_path(&request).or_else(|| refused_by_clock(&app, &request));
        let route = Route::of(request.method(), request.uri());
        if let (None, Route::Widget(name)) = (&refused, &route) {
            return Answer::Ready(secured(visitors::read(&app, name, request.uri())));
        }
        let caller = Peer(app.proxies.caller(peer.0, request.headers()));
        // In a box: a connection should not keep room for it while nothing is asked.
        let answering: Pin<Box<dyn Future<Output = Response> + Send>> = match (refused, route) {
            (Some(refused), _) => Box::pin(std::future::ready(refused)),
            (None, Route::PutStatus) => {
                Box::pin(agents::put_status_at_once(Arc::clone(&app), request.map(Body::new)))
            }
            (None, _) => {
                let is_of_visitors = request.uri().path().starts_with(OF_VISITORS);
                request.extensions_mut().insert(caller);
                let answering = self.table.call(request.map(Body::new));
                Box::pin(async move {
                    let Ok(response) = answering.await;
                    let mut response = as_problem(response);
                    if is_of_visitors {
                        // Of what is refused on the way to a call, too.
                        allow_any_origin(&mut response);
                    }
                    response
                })
            }
        };
        Answer::Coming(async move {
            let mut response = secured(answering.await);
            if response.extensions_mut().remove::<Guess>().is_some() {
                match app.keys.check(caller.0) {
                    Ok(()) => {
                        app.keys.wrong(caller.0);
                        app.shared.metrics.wrong_keys.inc();
                    }
                    // Nobody has looked whether it is an admin's.
                    Err(wait) => response = secured(Problem::from(wait).into_response()),
                }
            }
            app.shared.metrics.answered(response.status().as_u16(), began.elapsed());
            if app.is_stopping() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
        })
    }
}

/// While nobody can tell what time it is, what is only read is answered.
fn refused_by_clock<T>(app: &App, request: &Request<T>) -> Option<Response> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let why = app.shared.clock.why_no_writes().filter(|_| !is_read)?;
    let mut response = Problem::unavailable(why, RETRY_CLOCK_S).into_response();
    if request.uri().path().starts_with(OF_VISITORS) {
        allow_any_origin(&mut response);
    }
    Some(response)
}

/// Names are text, whatever the call.
fn refused_by_path<T>(request: &Request<T>) -> Option<Response> {
    let path = request.uri().path();
    if !path.contains('%') || is_text(path) {
        return None;
    }
    let detail = "the path is no text: escapes in it (`%C3%A4`) are bytes of UTF-8";
    let mut response = Problem::malformed(detail).into_response();
    if path.starts_with(OF_VISITORS) {
        allow_any_origin(&mut response);
    }
    Some(response)
}

/// Every call, and the document of them all.
fn calls() -> (axum::Router<Arc<App>>, utoipa::openapi::OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(accounts::put_agent, accounts::delete_agent))
        .routes(routes!(lists::properties))
        .routes(routes!(lists::agents))
        .routes(routes!(accounts::devices))
        .routes(routes!(accounts::rename_device, accounts::end_device))
        .routes(routes!(
            settings::put_property,
            settings::patch_property,
            settings::get_property,
            settings::delete_property
        ))
        .routes(routes!(settings::put_member, settings::delete_member))
        .routes(routes!(
            settings::put_widget,
            settings::patch_widget,
            settings::get_widget,
            settings::delete_widget
        ))
        .routes(routes!(settings::put_settings, settings::get_settings))
        .routes(routes!(admin::put_clock, admin::get_clock))
        .routes(routes!(admin::trace))
        .routes(routes!(audit::audit))
        .routes(routes!(coverage::coverage))
        .routes(routes!(agents::login))
        .routes(routes!(agents::put_status))
        .routes(routes!(agents::activity))
        .routes(routes!(agents::logout))
        .routes(routes!(agents::team))
        .routes(routes!(messages::messages))
        .routes(routes!(messages::delete_message))
        .routes(routes!(messages::erase_messages))
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

/// The table of all calls, pages and documents.
fn table(app: Arc<App>) -> axum::Router {
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
    secured(match uri.path() {
        "/healthz" => with_type(StatusCode::OK, "text/plain", "ok\n"),
        _ => Problem::unavailable("the service is starting", 1).into_response(),
    })
}

/// What whoever calls gets on a connection for which there is no place. A browser that asks whether a script may call
/// learns that it may: of the call itself it then learns why not.
pub fn no_place(method: &Method, uri: &Uri, why: NoPlace) -> Response {
    let is_of_visitors = uri.path().starts_with(OF_VISITORS);
    let mut response = match is_of_visitors && *method == Method::OPTIONS {
        true => visitors::may_leave(),
        false => Problem::from(why).into_response(),
    };
    if is_of_visitors {
        allow_any_origin(&mut response);
    }
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    secured(response)
}

/// A response that nobody made a problem of yet: no such call, a path that is no text.
fn as_problem(response: Response) -> Response {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reads_of_widgets_and_writes_of_statuses_go_past_the_table() {
        let route = |method: Method, path: &str| match Route::of(&method, &path.parse().unwrap()) {
            Route::Widget(name) => format!("widget {name}"),
            Route::PutStatus => "status".to_owned(),
            Route::Other => "table".to_owned(),
        };
        for (method, path, expected) in [
            (Method::GET, "/v1/widgets/acme", "widget acme"),
            (Method::GET, "/v1/widgets/acme?page=x", "widget acme"),
            (Method::GET, "/v1/widgets/acme/orders", "widget acme/orders"),
            (Method::GET, "/v1/widgets/acme/events", "table"),
            (Method::GET, "/v1/widgets/acme/orders/events", "table"),
            (Method::GET, "/v1/widgets/acme/", "table"),
            (Method::GET, "/v1/widgets/%61cme", "table"),
            (Method::POST, "/v1/widgets/acme", "table"),
            (Method::GET, "/v1/widgets", "table"),
            (Method::PUT, "/v1/status", "status"),
            (Method::PUT, "/v1/status/", "table"),
            (Method::GET, "/v1/status", "table"),
        ] {
            assert_eq!(route(method.clone(), path), expected, "{method} {path}");
        }
    }

    #[test]
    fn a_service_that_recovers_is_there_but_not_ready() {
        let status = |path: &str| while_it_starts(&path.parse().expect("a path")).status();
        assert_eq!(status("/healthz"), StatusCode::OK);
        for path in ["/readyz", "/v1/widgets/acme", "/"] {
            assert_eq!(status(path), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        }
    }
}
