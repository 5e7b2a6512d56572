//! Faults of writes.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Method, Request, StatusCode, Uri};

use super::answer::{self, DeviceBody, LoginBody, StatusBody, WriteBody};
use super::exchange::{
    ClientConnection, Error, ProxyAnswer, Whole, all_of, as_it_is, body_of, changed, made, token,
    unchanged, with_body,
};
use super::fault::Fault;

/// One in so many changes of a status is lost.
const STATUS_LOST_ONE_IN: u64 = 20;
/// One in so many is sent once more.
const STATUS_RETRIED_ONE_IN: u64 = 5;
/// How much later.
const RETRIED_AFTER: Duration = Duration::from_secs(2);
/// One in so many messages is lost.
const MESSAGE_LOST_ONE_IN: u64 = 5;

/// A device's status is set.
pub async fn status(connection: &ClientConnection, request: Whole) -> Result<ProxyAnswer, Error> {
    let shared = &connection.shared;
    let (mut request, body) = body_of(request).await;
    let asked = answer::read::<StatusBody>(&body);
    let token = token(request.headers()).unwrap_or_default().to_owned();
    let (Some(asked), true) = (asked, shared.fault != Fault::None) else {
        return Ok(as_it_is(connection.ask(request).await?));
    };
    match shared.fault {
        Fault::LostStatus => {
            if let Some(answer) = lost(connection, &token, &asked) {
                return Ok(answer);
            }
        }
        Fault::InvisibleAsAway if asked.status == "invisible" => {
            let away = StatusBody { status: "away".to_owned() };
            request = with_body(request, answer::write(&away));
        }
        Fault::RetriedLate if shared.one_in(STATUS_RETRIED_ONE_IN) => retry(connection, &request),
        _ => {}
    }
    let response = all_of(connection.ask(request).await?).await?;
    let said =
        answer::read::<DeviceBody>(response.body()).filter(|_| response.status().is_success());
    let Some(said) = said else { return Ok(unchanged(response)) };
    remember(connection, token, &said);
    if shared.fault == Fault::InvisibleAsAway && asked.status == "invisible" {
        shared.count_put_in();
        let patched = DeviceBody { status: asked.status, ..said };
        return Ok(changed(response, answer::write(&patched)));
    }
    Ok(unchanged(response))
}

/// What is answered to a change that is not passed on, where it is one to lose.
fn lost(connection: &ClientConnection, token: &str, asked: &StatusBody) -> Option<ProxyAnswer> {
    let shared = &connection.shared;
    let mut known = shared.known();
    let known = &mut *known;
    let device = known.devices.get_mut(token)?;
    // What changes nothing cannot be lost.
    if device.status == asked.status || !shared.one_in(STATUS_LOST_ONE_IN) {
        return None;
    }
    for (property, version) in &mut device.version {
        *version = known.written.get(property).copied().unwrap_or(*version);
    }
    shared.count_put_in();
    let said = DeviceBody { status: asked.status.clone(), ..device.clone() };
    Some(made(StatusCode::OK, answer::write(&said)))
}

/// Notes what a device is now.
fn remember(connection: &ClientConnection, token: String, said: &DeviceBody) {
    let mut known = connection.shared.known();
    let known = &mut *known;
    known.wrote(&said.version);
    known.devices.insert(token, said.clone());
    known.chosen.insert((said.agent.clone(), said.device.clone()), said.status.clone());
}

/// Sends a change once more, later, on a connection of its own.
fn retry(connection: &ClientConnection, request: &Whole) {
    let shared = Arc::clone(&connection.shared);
    let request = request.clone();
    tokio::spawn(async move {
        tokio::time::sleep(RETRIED_AFTER).await;
        let own = ClientConnection::new(Arc::clone(&shared));
        if let Ok(response) = own.ask(request).await
            && response.status().is_success()
        {
            shared.count_put_in();
        }
    });
}

/// A device logs in.
pub async fn login(connection: &ClientConnection, request: Whole) -> Result<ProxyAnswer, Error> {
    let shared = &connection.shared;
    if shared.fault == Fault::None {
        return Ok(as_it_is(connection.ask(request).await?));
    }
    let response = all_of(connection.ask(request).await?).await?;
    let said =
        answer::read::<LoginBody>(response.body()).filter(|_| response.status().is_success());
    let Some(LoginBody { token, agent, device, version }) = said else {
        return Ok(unchanged(response));
    };
    let before = {
        let mut known = shared.known();
        known.wrote(&version);
        known.devices.retain(|_, known| (&known.agent, &known.device) != (&agent, &device));
        let whose = (agent.clone(), device.clone());
        let before = known.chosen.insert(whose, "online".to_owned());
        let online = DeviceBody { agent, device, status: "online".to_owned(), version };
        known.devices.insert(token.clone(), online);
        before
    };
    if shared.fault == Fault::LoginRestores
        && let Some(status) = before.filter(|status| status != "online")
    {
        restore(connection, &token, status).await?;
    }
    Ok(unchanged(response))
}

/// Sets the status that a device had before its login.
async fn restore(connection: &ClientConnection, token: &str, status: String) -> Result<(), Error> {
    let body = answer::write(&StatusBody { status });
    let request = Request::builder()
        .method(Method::PUT)
        .uri(Uri::from_static("/v1/status"))
        .header("host", connection.shared.upstream.to_string())
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header(CONTENT_LENGTH, HeaderValue::from(body.len()))
        .body(Full::new(body))?;
    let response = all_of(connection.ask(request).await?).await?;
    if let Some(said) = answer::read::<DeviceBody>(response.body()) {
        connection.shared.count_put_in();
        remember(connection, token.to_owned(), &said);
    }
    Ok(())
}

/// A device is logged out.
pub async fn logout(connection: &ClientConnection, request: Whole) -> Result<ProxyAnswer, Error> {
    let shared = &connection.shared;
    if shared.fault == Fault::None {
        return Ok(as_it_is(connection.ask(request).await?));
    }
    let token = token(request.headers()).unwrap_or_default().to_owned();
    if shared.fault == Fault::LogoutForgetsOne
        && let Some(answer) = forgotten(connection, &token)
    {
        return Ok(answer);
    }
    let response = all_of(connection.ask(request).await?).await?;
    if response.status().is_success() {
        let mut known = shared.known();
        if let Some(WriteBody { version }) = answer::read(response.body()) {
            known.wrote(&version);
        }
        known.devices.remove(&token);
    }
    Ok(unchanged(response))
}

/// What is answered to a logout that is not passed on: that of a device whose agent has others.
fn forgotten(connection: &ClientConnection, token: &str) -> Option<ProxyAnswer> {
    let shared = &connection.shared;
    let mut known = shared.known();
    let known = &mut *known;
    let DeviceBody { agent, mut version, .. } = known.devices.get(token)?.clone();
    if known.devices.values().filter(|device| device.agent == agent).count() < 2 {
        shared.count_in_vain();
        return None;
    }
    known.devices.remove(token);
    for (property, version) in &mut version {
        *version = known.written.get(property).copied().unwrap_or(*version);
    }
    shared.count_put_in();
    Some(made(StatusCode::OK, answer::write(&WriteBody { version })))
}

/// A visitor leaves a message.
pub async fn message(connection: &ClientConnection, request: Whole) -> Result<ProxyAnswer, Error> {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Left {
        id: i64,
    }
    let shared = &connection.shared;
    if shared.fault != Fault::LostMessage {
        return Ok(as_it_is(connection.ask(request).await?));
    }
    if shared.one_in(MESSAGE_LOST_ONE_IN) {
        shared.count_put_in();
        let mut known = shared.known();
        known.message += 1;
        return Ok(made(StatusCode::CREATED, answer::write(&Left { id: known.message })));
    }
    let response = all_of(connection.ask(request).await?).await?;
    if let Some(Left { id }) = answer::read(response.body()) {
        let mut known = shared.known();
        known.message = known.message.max(id);
    }
    Ok(unchanged(response))
}
