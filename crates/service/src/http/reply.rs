//! Answers and problems as HTTP responses.

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::core::{Put, Tag};
use crate::json::json;

/// An answer in JSON.
pub struct Reply<T>(pub StatusCode, pub T);

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        with_type(self.0, "application/json", json(&self.1))
    }
}

impl<T> Reply<T> {
    /// An answer with the status 200.
    pub fn ok(answer: T) -> Self {
        Self(StatusCode::OK, answer)
    }

    /// 201 for what was made, 200 for what was changed.
    pub fn put((put, answer): (Put, T)) -> Self {
        let status = match put {
            Put::Created => StatusCode::CREATED,
            Put::Changed => StatusCode::OK,
        };
        Self(status, answer)
    }
}

/// An answer with the tag of what is set, which a later write can name.
pub struct Tagged<T>(pub Option<Tag>, pub Reply<T>);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let Self(tag, reply) = self;
        let mut response = reply.into_response();
        if let Some(tag) = tag {
            response.headers_mut().insert(ETAG, entity_tag(&tag));
        }
        response
    }
}

/// A tag as headers have it.
pub fn entity_tag(tag: &Tag) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{tag}\"")).expect("digits in quotes")
}

/// A response that is not to be kept by anyone on the way.
pub fn with_type(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A response to a visitor, whose page may be anywhere.
pub fn for_visitors(content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = with_type(StatusCode::OK, content_type, body);
    allow_any_origin(&mut response);
    response
}

/// Lets scripts of any page read a response.
pub fn allow_any_origin(response: &mut Response) {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

/// What browsers are told about every response, unless it says something else: it is no page, and none
/// of what it says is there to be run.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 2] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// A response with what browsers are told about every one.
pub fn secured(mut response: Response) -> Response {
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Nothing but a status.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::from(Bytes::new()));
    *response.status_mut() = status;
    response
}
