//! What a call fails with, for the person who made it: a status for each refusal of the core, and for
//! whatever goes wrong on the way to it.

use axum::http::header::{ETAG, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::reply::{Reply, entity_tag, with_type};
use crate::accounts::{PasswordError, Throttled};
use crate::core::{Refusal, Tag};
use crate::json::json;
use crate::places::NoPlace;
use crate::quota::QuotaReached;
use lamplighter_target::wire::{InvalidField, ProblemBody};

/// What a call comes to.
pub type Replied<T> = Result<Reply<T>, Problem>;

/// Why a call has no answer (RFC 9457): the status says whose fault it is, the detail what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The HTTP status that the call is answered with.
    pub status: u16,
    /// What is wrong and what to do, in a sentence.
    pub detail: String,
    /// The field of the body or the query at fault, such as `scheduler.hours.mon[0]`.
    pub field: Option<String>,
    /// The version of what is set, where the write went by another one.
    pub version: Option<Tag>,
    /// Whether it came with a key or token that is nobody's: who tries many of them has to wait.
    pub is_a_guess: bool,
    /// How many seconds to wait until it is worth trying again; `None` where it is not.
    pub retry_after_s: Option<u64>,
}

/// Marks an answer to a key or token that is nobody's.
#[derive(Clone, Copy, Debug)]
pub struct Guess;

impl Problem {
    /// 401: the key or token is nobody's, which counts.
    pub fn wrong_key(detail: impl Into<String>) -> Self {
        Self { is_a_guess: true, ..Self::new(401, detail) }
    }

    fn new(status: u16, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            field: None,
            version: None,
            is_a_guess: false,
            retry_after_s: None,
        }
    }

    /// 400: this is no request that anyone could answer.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(400, detail)
    }

    /// 401: nobody known asks.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(401, detail)
    }

    /// 403: who asks must not know or do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, detail)
    }

    /// 409: it cannot happen as things stand.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(409, detail)
    }

    /// 412: what is set is not what the write goes by.
    pub fn precondition(detail: impl Into<String>, version: Option<Tag>) -> Self {
        Self { version, ..Self::new(412, detail) }
    }

    /// 422: a field says something that cannot be.
    pub fn field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(422, detail) }
    }

    /// 413, 408, and others by their number.
    pub fn of_status(status: u16, detail: impl Into<String>) -> Self {
        Self::new(status, detail)
    }

    /// 429: too many of these; try again later.
    pub fn too_many(detail: impl Into<String>, retry_after_s: u64) -> Self {
        Self { retry_after_s: Some(retry_after_s), ..Self::new(429, detail) }
    }

    /// 503: not now; try again later.
    pub fn unavailable(detail: impl Into<String>, retry_after_s: u64) -> Self {
        Self { retry_after_s: Some(retry_after_s), ..Self::new(503, detail) }
    }
}

impl From<InvalidField> for Problem {
    fn from(InvalidField { field, detail }: InvalidField) -> Self {
        Self::field(field, detail)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::UnknownToken => Self::wrong_key(detail),
            Refusal::LoggedOut { .. } | Refusal::PasswordChanged => Self::unauthorized(detail),
            Refusal::NotAMember { .. } | Refusal::Suspended { .. } | Refusal::NotTheirs { .. } => {
                Self::forbidden(detail)
            }
            Refusal::NoAgent(_)
            | Refusal::NoProperty(_)
            | Refusal::NoWidget(_)
            | Refusal::NoDevice { .. } => Self::not_found(detail),
            Refusal::TooManyDevices { .. }
            | Refusal::DeviceNameTaken { .. }
            | Refusal::Impossible { .. }
            | Refusal::MessagesLeft { .. }
            | Refusal::ClockGoesBack { .. } => Self::conflict(detail),
            Refusal::ChangedMeanwhile { now, .. } => Self::precondition(detail, now),
            Refusal::Invalid(invalid) => invalid.into(),
            Refusal::Busy => Self::unavailable(detail, 1),
            Refusal::NotKept | Refusal::StoreUnreadable => Self::unavailable(detail, 2),
            Refusal::Stopping => Self::unavailable(detail, 5),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        let retry_after_s = match error {
            PasswordError::Busy => 2,
            PasswordError::Hash(_) => 5,
        };
        Self::unavailable(error.to_string(), retry_after_s)
    }
}

impl From<Throttled> for Problem {
    fn from(throttled: Throttled) -> Self {
        let (Throttled::Logins { wait_s }
        | Throttled::Keys { wait_s }
        | Throttled::Messages { wait_s }) = throttled;
        Self::too_many(throttled.to_string(), wait_s)
    }
}

impl From<QuotaReached> for Problem {
    fn from(reached: QuotaReached) -> Self {
        Self::too_many(reached.to_string(), reached.wait_s)
    }
}

/// When who found no place is to try again, in seconds.
const PLACE_AFTER_S: u64 = 5;

impl From<NoPlace> for Problem {
    fn from(why: NoPlace) -> Self {
        match why {
            NoPlace::Full(_) => Self::unavailable(why.to_string(), PLACE_AFTER_S),
            NoPlace::OfAddress(_) => Self::too_many(why.to_string(), PLACE_AFTER_S),
        }
    }
}

/// What a connection gets that is not taken in, as it goes over the wire: nothing reads its request.
pub fn without_place(why: NoPlace) -> String {
    let problem = Problem::from(why);
    let (status, wait_s) = (problem.status_code(), problem.retry_after_s.unwrap_or_default());
    let body = json(&problem.body());
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {PROBLEM}\r\nretry-after: {wait_s}\r\n\
         content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{}",
        body.len(),
        String::from_utf8_lossy(&body)
    )
}

/// The media type of problems.
const PROBLEM: &str = "application/problem+json";

impl Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn body(&self) -> ProblemBody {
        ProblemBody {
            kind: "about:blank".to_owned(),
            title: self.status_code().canonical_reason().unwrap_or("Problem").to_owned(),
            status: self.status,
            detail: self.detail.clone(),
            field: self.field.clone(),
            version: self.version.as_ref().map(Tag::to_string),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status_code();
        let mut response = with_type(status, PROBLEM, json(&self.body()));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.is_a_guess {
            response.extensions_mut().insert(Guess);
        }
        if let Some(tag) = &self.version {
            response.headers_mut().insert(ETAG, entity_tag(tag));
        }
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
