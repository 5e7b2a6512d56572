//! What agents do and see.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::problem::{Problem, Replied};
use super::reply::Reply;
use super::request::{Caller, JsonBody, OptionalBody, Peer, Token};
use crate::accounts::Secret;
use crate::core::Refusal;
use lamplighter_core::model::{Millis, NAME_CODE_POINTS_MAX};
use lamplighter_target::wire::{
    DeviceAnswer, ExplainAnswer, InvalidField, LoggedIn, Login, Logout, PutStatus, TeamMember,
    Written,
};

/// Logs in on a device (rule P1)
#[utoipa::path(post, path = "/v1/login", tag = "agents", request_body = Login,
    responses((status = 201, description = "Logged in, online", body = LoggedIn),
        (status = 401, description = "Wrong agent or password"),
        (status = 409, description = "The agent has too many devices"),
        (status = 429, description = "Too many logins have failed")))]
pub async fn login(
    State(app): State<Arc<App>>,
    Extension(Peer(address)): Extension<Peer>,
    caller: Option<Caller>,
    JsonBody(Login { agent, password, device }): JsonBody<Login>,
) -> Replied<LoggedIn> {
    // Asked of each that brings a token: whoever waits for the guesses of others may see them all fail.
    let is_known = is_known(&app, caller, &agent).await?;
    let guess = app.logins.begin(&agent, address, is_known).await?;
    let hash = app.shared.password_hashes.of(&agent);
    let is_right = match app.passwords.is_right(password, hash.clone(), address).await {
        Ok(is_right) => is_right,
        Err(why) => {
            // Nobody has looked at it.
            guess.does_not_count();
            return Err(why.into());
        }
    };
    if !is_right {
        app.shared.metrics.failed_logins.inc();
        let agent = shortened(&agent);
        tracing::info!(agent, %address, "a login has failed");
        return Err(Problem::unauthorized("there is no such agent, or the password is wrong"));
    }
    guess.does_not_count();
    let no_randomness = |error| Problem::unavailable(format!("cannot make a token: {error}"), 5);
    let token = Secret::random().map_err(no_randomness)?;
    let devices_max = app.limits.devices_max;
    let hashes = Arc::clone(&app.shared.password_hashes);
    let log_in = app.core.call(move |state| {
        // Another password, set while this one was looked at, has ended all sessions of it.
        match state.password_hash(&agent, &hashes) == hash {
            true => state.log_in(&agent, &device.0, &token, devices_max),
            false => Err(Refusal::PasswordChanged),
        }
    });
    Ok(Reply(StatusCode::CREATED, log_in.await?))
}

/// Whether a login comes with a token of one of the agent's own devices.
async fn is_known(app: &App, caller: Option<Caller>, agent: &str) -> Result<bool, Problem> {
    let Some(Caller::Device(token)) = caller else { return Ok(false) };
    let agent = agent.to_owned();
    Ok(app.core.call(move |state| Ok(state.is_of(&token, &agent))).await?)
}

/// As much of a name as any agent's has: what is typed may be as long as a body.
fn shortened(name: &str) -> &str {
    name.char_indices().nth(NAME_CODE_POINTS_MAX).map_or(name, |(end, _)| &name[..end])
}

/// Sets the status of this device, or of all (rule P2), for good or for a time (rule P9)
#[utoipa::path(put, path = "/v1/status", tag = "agents", security(("token" = [])),
    request_body = PutStatus,
    responses((status = 200, description = "It is set", body = DeviceAnswer)))]
pub async fn put_status(
    Token(token): Token,
    State(app): State<Arc<App>>,
    JsonBody(PutStatus { status, everywhere, length }): JsonBody<PutStatus>,
) -> Replied<DeviceAnswer> {
    if length == Some(Millis::ZERO) {
        let detail = "rule P9: a status for a time is for longer than nothing".to_owned();
        return Err(InvalidField { field: "for".to_owned(), detail }.into());
    }
    let set = app.core.call(move |state| state.set_status(&token, status, length, everywhere));
    Ok(Reply::ok(set.await?))
}

/// [`put_status`] without the way through the router.
pub async fn put_status_at_once(app: Arc<App>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let answer = async {
        let token = Token::from_request_parts(&mut parts, &app).await?;
        let body = JsonBody::from_request(Request::from_parts(parts, body), &app).await?;
        put_status(token, State(app), body).await
    };
    answer.await.into_response()
}

/// The person at this device does something (rule P8)
#[utoipa::path(post, path = "/v1/activity", tag = "agents", security(("token" = [])),
    responses((status = 200, description = "It counts", body = DeviceAnswer)))]
pub async fn activity(Token(token): Token, State(app): State<Arc<App>>) -> Replied<DeviceAnswer> {
    Ok(Reply::ok(app.core.call(move |state| state.be_active(&token)).await?))
}

/// Logs out this device, or all (rule P3)
#[utoipa::path(post, path = "/v1/logout", tag = "agents", security(("token" = [])),
    request_body = Option<Logout>,
    responses((status = 200, description = "Logged out", body = Written)))]
pub async fn logout(
    Token(token): Token,
    State(app): State<Arc<App>>,
    OptionalBody(Logout { everywhere }): OptionalBody<Logout>,
) -> Replied<Written> {
    Ok(Reply::ok(app.core.call(move |state| state.log_out(&token, everywhere)).await?))
}

/// What team-mates see of each other (rule P4)
#[utoipa::path(get, path = "/v1/team/{property}", tag = "agents",
    security(("token" = []), ("admin_key" = [])), params(("property" = String, Path)),
    responses((status = 200, description = "Every member", body = Vec<TeamMember>),
        (status = 403, description = "Not a member"),
        (status = 404, description = "There is none")))]
pub async fn team(
    caller: Caller,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
) -> Replied<Vec<TeamMember>> {
    let call = app.core.call(move |state| {
        if let Caller::Device(token) = caller {
            state.let_member_pass(&token, &property)?;
        }
        state.team_of(&property)
    });
    Ok(Reply::ok(call.await?))
}

/// Why the widget of a property is as it is
#[utoipa::path(get, path = "/v1/explain/{property}", tag = "agents",
    security(("token" = []), ("admin_key" = [])), params(("property" = String, Path)),
    responses((status = 200, description = "Every fact that took part", body = ExplainAnswer),
        (status = 403, description = "Not a member"),
        (status = 404, description = "There is none")))]
pub async fn explain(
    caller: Caller,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
) -> Replied<ExplainAnswer> {
    explain_widget_of(caller, &app, property.clone(), property).await
}

/// Why a further widget is as it is
#[utoipa::path(get, path = "/v1/explain/{property}/{widget}", tag = "agents",
    security(("token" = []), ("admin_key" = [])),
    params(("property" = String, Path), ("widget" = String, Path)),
    responses((status = 200, description = "Every fact that took part", body = ExplainAnswer),
        (status = 403, description = "Not a member"),
        (status = 404, description = "There is none")))]
pub async fn explain_widget(
    caller: Caller,
    State(app): State<Arc<App>>,
    Path((property, widget)): Path<(String, String)>,
) -> Replied<ExplainAnswer> {
    let widget = format!("{property}/{widget}");
    explain_widget_of(caller, &app, property, widget).await
}

async fn explain_widget_of(
    caller: Caller,
    app: &App,
    property: String,
    widget: String,
) -> Replied<ExplainAnswer> {
    let call = app.core.call(move |state| {
        if let Caller::Device(token) = caller {
            state.let_member_pass(&token, &property)?;
        }
        state.explain(&widget)
    });
    Ok(Reply::ok(call.await?))
}
