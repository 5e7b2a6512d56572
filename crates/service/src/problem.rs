//! What a call fails with, for the person who made it.

use lamplighter_target::wire::InvalidField;

/// Why a call has no answer (RFC 9457): the status says whose fault it is, the detail what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong and what to do, in a sentence.
    pub detail: String,
    /// The field of the body or the query at fault, such as `scheduler.hours.mon[0]`.
    pub field: Option<String>,
    /// After how many seconds it is worth trying again.
    pub retry_after_s: Option<u64>,
}

impl From<InvalidField> for Problem {
    fn from(InvalidField { field, detail }: InvalidField) -> Self {
        Self::field(field, detail)
    }
}

impl Problem {
    fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), field: None, retry_after_s: None }
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
