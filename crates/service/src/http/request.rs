//! What calls bring along: bodies, bounded in size and time; spans of time; tokens and keys; where they
//! come from.

use std::convert::Infallible;
use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRef, FromRequest, FromRequestParts, OptionalFromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, IF_MATCH};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::app::App;
use super::problem::Problem;
use super::query::{FromQuery, Members};
use super::spelling::normal_path;
use crate::accounts::Secret;
use crate::core::{Condition, NamesPage, Refusal, State, TokenHash};
use crate::objects::{self, ReadError};
use lamplighter_core::model::text::TextError;
use lamplighter_core::model::{Instant, is_name};

/// From when until when, in a query.
pub struct Span {
    from: Option<String>,
    to: Option<String>,
}

impl FromQuery for Span {
    fn from_query(members: &Members<'_>) -> Result<Self, Problem> {
        Ok(Self { from: members.text("from")?, to: members.text("to")? })
    }
}

impl Span {
    /// Both ends, where they are said.
    ///
    /// # Errors
    /// The one that is no instant.
    pub fn instants(&self) -> Result<(Option<Instant>, Option<Instant>), Problem> {
        let at = |field: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) if text.is_empty() => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|error: TextError| Problem::field(field, error.to_string())),
        };
        Ok((at("from", &self.from)?, at("to", &self.to)?))
    }
}

/// What `limit` takes.
const LIMIT: &str = "so many at most, 1 to 200";

/// Which page of a list, the latest first.
pub struct Page {
    before: Option<i64>,
    limit: Option<usize>,
}

impl FromQuery for Page {
    fn from_query(members: &Members<'_>) -> Result<Self, Problem> {
        let before =
            members.number("before", "a whole number, such as `next` of the page before")?;
        Ok(Self { before, limit: members.number("limit", LIMIT)? })
    }
}

impl Page {
    /// Below which number, and how many at most.
    pub fn bounds(&self) -> (i64, usize) {
        (self.before.unwrap_or(i64::MAX), self.limit.unwrap_or(50).clamp(1, 200))
    }
}

/// Which page of a list of names, in their order.
pub struct Names {
    search: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

impl FromQuery for Names {
    fn from_query(members: &Members<'_>) -> Result<Self, Problem> {
        let (search, after) = (members.text("search")?, members.text("after")?);
        Ok(Self { search, after, limit: members.number("limit", LIMIT)? })
    }
}

impl Names {
    /// The page as the core knows it.
    pub fn page(self) -> NamesPage {
        NamesPage {
            search: self.search.unwrap_or_default().to_lowercase(),
            after: self.after.unwrap_or_default(),
            limit: self.limit.unwrap_or(50).clamp(1, 200),
        }
    }
}

/// The address that a connection comes from; on the way to a call, the one that calls by it.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What must be set for a write to happen: `If-Match`, if there is one (RFC 9110).
pub struct IfMatch(pub Condition);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut tags = Vec::new();
        // A proxy that compresses makes tags weak. They are of what is set, whatever its bytes: the same
        // weak tag is the same version.
        for value in parts.headers.get_all(IF_MATCH) {
            for tag in value.to_str().unwrap_or_default().split(',').map(str::trim) {
                if tag == "*" {
                    return Ok(Self(Condition::Something));
                }
                let tag = tag.strip_prefix("W/").unwrap_or(tag);
                let quoted = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                tags.push(quoted.ok_or_else(no_entity_tag)?.to_owned());
            }
        }
        Ok(Self(if tags.is_empty() { Condition::Whatever } else { Condition::OneOf(tags) }))
    }
}

fn no_entity_tag() -> Problem {
    Problem::malformed("If-Match names no version: write it as ETag has it, in quotes, or `*`")
}

/// A JSON body.
pub struct JsonBody<T>(pub T);

/// A JSON body that may be left out.
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let bytes = read(request.into_body(), app).await?;
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned + Default> FromRequest<Arc<App>> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let bytes = read(request.into_body(), app).await?;
        match bytes.is_empty() {
            true => Ok(Self(T::default())),
            // Null says nothing, too.
            false => parse(&bytes).map(|said: Option<T>| Self(said.unwrap_or_default())),
        }
    }
}

/// A body that is too large is still read up to here, and forgotten.
const HEARD_OUT_BYTES: u64 = 1 << 20;

/// Reads a body, as long as it may be and as long as it may take.
async fn read(body: Body, app: &App) -> Result<Bytes, Problem> {
    let max = app.limits.body_bytes_max;
    let too_large =
        || Problem::of_status(413, format!("the body is larger than {max} bytes, the limit"));
    let limit = app.limits.body_timeout;
    let announced = body.size_hint().lower();
    if announced > max as u64 {
        // Who sends a little too much is heard out, so that the answer is read, too.
        if announced <= HEARD_OUT_BYTES {
            let rest = axum::body::to_bytes(body, HEARD_OUT_BYTES as usize);
            drop(tokio::time::timeout(limit, rest).await);
        }
        return Err(too_large());
    }
    match tokio::time::timeout(limit, axum::body::to_bytes(body, max)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_limit(&error) => Err(too_large()),
        Ok(Err(_)) => {
            let detail =
                "the body breaks off, or is not what its headers say (a chunk without its size)";
            Err(Problem::malformed(detail))
        }
        Err(_) => Err(Problem::of_status(
            408,
            format!("the body did not arrive within {} s", limit.as_secs()),
        )),
    }
}

/// Whether what ends a body is that it is longer than it may be.
fn is_limit(error: &axum::Error) -> bool {
    error.source().is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    objects::read(bytes).map_err(|error| match error {
        ReadError::NoJson(detail) => Problem::malformed(detail),
        ReadError::Field(invalid) => invalid.into(),
    })
}

/// Lets a name in a path pass.
///
/// # Errors
/// When it cannot be one.
pub fn named(kind: &str, name: &str) -> Result<(), Problem> {
    match is_name(name) {
        true if matches!(name, "." | "..") => Err(Problem::field(
            kind,
            format!("`{name}` cannot be a name here: browsers take it out of addresses (RFC 3986)"),
        )),
        true => Ok(()),
        false => Err(Problem::field(
            kind,
            format!(
                "`{name}` cannot be a name: letters, marks and digits of any script, `.`, `_`, \
                 `-`, at most 64"
            ),
        )),
    }
}

/// Who calls: whoever has an admin key, or the device that a token stands for.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Whoever has the admin key of this name.
    Admin(Arc<str>),
    /// A device, if the token is anyone's.
    Device(TokenHash),
}

/// An admin, and nobody else: with which key, and for which call.
#[derive(Clone, Debug)]
pub struct Admin {
    key: Arc<str>,
    method: String,
    path: String,
}

impl Admin {
    fn new(key: Arc<str>, parts: &Parts) -> Self {
        let (method, path) = (parts.method.to_string(), normal_path(parts.uri.path()));
        Self { key, method, path }
    }

    /// Hands a write in, which is noted with the name of the key.
    ///
    /// # Errors
    /// As [`call`](crate::core::CoreHandle::call).
    pub async fn write<T: Send + 'static>(
        self,
        app: &App,
        work: impl FnOnce(&mut State) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Self { key, method, path } = self;
        let write = app.core.call(move |state| {
            let done = work(state)?;
            state.audit(&key, &method, &path);
            Ok(done)
        });
        write.await
    }
}

/// An agent's device, or an admin.
pub enum AgentOrAdmin {
    /// A device, if the token is anyone's.
    Device(TokenHash),
    /// An admin.
    Admin(Admin),
}

/// A device's token.
pub struct Token(pub TokenHash);

impl Caller {
    /// Whoever has this secret. An admin key from an address that has tried too many, or from nobody knows where, is
    /// told from no other secret.
    pub fn of(secret: &Secret, app: &App, from: Option<&Peer>) -> Self {
        let hash = secret.hash();
        match app.admin_keys.name_of(&hash) {
            Some(name) if from.is_some_and(|peer| app.keys.check(peer.0).is_ok()) => {
                Self::Admin(name)
            }
            _ => Self::Device(hash),
        }
    }
}

/// The secret behind `Authorization: Bearer`, in capitals or not (RFC 9110).
pub fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(secret.trim()))
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let missing = "this call needs `Authorization: Bearer` and a token or the admin key";
        let secret = bearer(&parts.headers).ok_or_else(|| Problem::unauthorized(missing))?;
        Ok(Self::of(&secret, &Arc::from_ref(app), parts.extensions.get()))
    }
}

impl OptionalFromRequestParts<Arc<App>> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Option<Self>, Infallible> {
        let peer = parts.extensions.get();
        Ok(bearer(&parts.headers).map(|secret| Self::of(&secret, app, peer)))
    }
}

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let missing = "this call needs the admin key: `Authorization: Bearer KEY`";
        let secret = bearer(&parts.headers).ok_or_else(|| Problem::unauthorized(missing))?;
        if let Some(Peer(address)) = parts.extensions.get() {
            app.keys.check(*address)?;
        }
        match Caller::of(&secret, app, parts.extensions.get()) {
            Caller::Admin(key) => Ok(Self::new(key, parts)),
            Caller::Device(_) => Err(Problem::wrong_key(missing)),
        }
    }
}

impl FromRequestParts<Arc<App>> for AgentOrAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        match <Caller as FromRequestParts<_>>::from_request_parts(parts, app).await? {
            Caller::Device(hash) => Ok(Self::Device(hash)),
            Caller::Admin(key) => Ok(Self::Admin(Admin::new(key, parts))),
        }
    }
}

impl FromRequestParts<Arc<App>> for Token {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        match <Caller as FromRequestParts<_>>::from_request_parts(parts, app).await? {
            Caller::Device(hash) => Ok(Self(hash)),
            Caller::Admin(_) => {
                Err(Problem::unauthorized("this call is an agent's: log in, and use that token"))
            }
        }
    }
}
