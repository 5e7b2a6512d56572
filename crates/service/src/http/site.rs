//! The pages that people look at, and what belongs to them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::problem::Problem;
use super::reply::{allow_any_origin, with_type};
use crate::pages;

const PAGE: &str = "text/html; charset=utf-8";

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
        Ok(text) => with_type(status, PAGE, text),
        Err(error) => {
            tracing::error!(%error, "cannot fill in a page");
            Problem::of_status(500, "the page cannot be filled in").into_response()
        }
    }
}

/// The widget, for any site to embed.
pub async fn widget() -> Response {
    let mut response = with_type(StatusCode::OK, "text/javascript; charset=utf-8", pages::WIDGET);
    allow_any_origin(&mut response);
    let headers = response.headers_mut();
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// Scripts, styles and pictures of the pages.
pub async fn asset(Path(name): Path<String>) -> Response {
    match pages::asset(&name) {
        Some((content_type, text)) => with_type(StatusCode::OK, content_type, text),
        None => Problem::not_found(format!("there is no `{name}`")).into_response(),
    }
}
