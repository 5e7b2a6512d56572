//! The pages that people look at, and what belongs to them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::problem::Problem;
use super::reply::{allow_any_origin, empty, with_type};
use crate::pages;

const PAGE: &str = "text/html; charset=utf-8";
/// What a page may do: load what belongs to it, and call this service.
const PAGE_POLICY: &str =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// How long a site's visitors use the widget's script without asking for it again: so long an old one
/// goes on after an update of the service.
const WIDGET_KEPT: &str = "public, max-age=300";
/// What belongs to pages of this service is asked for each time: all of one program.
const ASSETS_KEPT: &str = "no-cache";

/// The agents' dashboard.
pub async fn dashboard() -> Response {
    page(StatusCode::OK, pages::dashboard())
}

/// A site with the widget of a property on it.
pub async fn demo(State(app): State<Arc<App>>, Path(property): Path<String>) -> Response {
    demo_of(&app, &property, &property)
}

/// A site with a further widget on it.
pub async fn further_demo(
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
) -> Response {
    demo_of(&app, &property, &format!("{property}/{widget}"))
}

fn demo_of(app: &App, property: &str, widget: &str) -> Response {
    let exists = app.shared.widgets.get(widget).is_some();
    let status = if exists { StatusCode::OK } else { StatusCode::NOT_FOUND };
    page(status, pages::demo(property, widget, exists))
}

fn page(status: StatusCode, page: Result<String, minijinja::Error>) -> Response {
    match page {
        Ok(text) => {
            let mut response = with_type(status, PAGE, text);
            let headers = response.headers_mut();
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
            headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            response
        }
        Err(error) => {
            tracing::error!(%error, "cannot fill in a page");
            Problem::of_status(500, "the page cannot be filled in").into_response()
        }
    }
}

/// The widget, for any site to embed.
pub async fn widget(headers: HeaderMap) -> Response {
    let script = "text/javascript; charset=utf-8";
    let mut response = constant(&headers, script, pages::WIDGET, WIDGET_KEPT);
    allow_any_origin(&mut response);
    let headers = response.headers_mut();
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// Scripts, styles and pictures of the pages.
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match pages::asset(&name) {
        Some((content_type, text)) => constant(&headers, content_type, text, ASSETS_KEPT),
        None => Problem::not_found(format!("there is no `{name}`")).into_response(),
    }
}

/// A text that only another program changes: whoever has it is told so, and not sent it again.
fn constant(
    asked: &HeaderMap,
    content_type: &'static str,
    text: &'static str,
    kept: &'static str,
) -> Response {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    let mut response = match has(asked, &tag) {
        true => empty(StatusCode::NOT_MODIFIED),
        false => with_type(StatusCode::OK, content_type, text),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(ETAG, HeaderValue::try_from(tag).expect("digits in quotes"));
    response
}

/// Whether who asks has what is tagged so (RFC 9110, 13.1.2).
fn has(asked: &HeaderMap, tag: &str) -> bool {
    let lists = asked.get_all(IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}
