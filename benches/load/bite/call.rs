//! What a call is, as far as faults are concerned.

use hyper::body::Incoming;
use hyper::{Method, Request};

/// What a call is, as far as faults are concerned.
pub enum ProxiedCall {
    Read(String),
    Events,
    Message,
    Login,
    Status,
    Logout,
    Team,
    Connect,
    Other,
}

impl ProxiedCall {
    /// What a request asks for.
    pub fn of(request: &Request<Incoming>) -> Self {
        let path = request.uri().path();
        match (request.method(), path) {
            (&Method::POST, "/v1/login") => return Self::Login,
            (&Method::PUT, "/v1/status") => return Self::Status,
            (&Method::POST, "/v1/logout") => return Self::Logout,
            (&Method::GET, "/v1/connect") => return Self::Connect,
            _ => {}
        }
        if *request.method() == Method::GET && path.starts_with("/v1/team/") {
            return Self::Team;
        }
        let Some(widget) = path.strip_prefix("/v1/widgets/") else { return Self::Other };
        match (request.method(), widget.rsplit_once('/')) {
            (&Method::GET, Some((_, "events"))) => Self::Events,
            (&Method::POST, Some((_, "messages"))) => Self::Message,
            (&Method::GET, _) => Self::Read(widget.to_owned()),
            _ => Self::Other,
        }
    }
}
