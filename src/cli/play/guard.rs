//! Who may talk to the page's server, and what its answers forbid.
//!
//! It listens on the loopback address alone, and yet any page in the same browser can reach it: by its
//! address, and, where somebody's name server says that `evil.example` is 127.0.0.1, as if it were that
//! site's own server, whose answers that site may read (DNS rebinding). A browser cannot be made to lie about
//! the host that it asks for, and so whoever asks for another host than this one gets nothing.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Nothing from elsewhere, no script and no style but those of this server, shown in no other page. Pictures
/// say in attributes how high the names beside their rows are.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Headers of every answer.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The names of this server.
#[derive(Clone, Debug)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Those of the loopback address with a port.
    pub fn of(port: u16) -> Self {
        let names = ["127.0.0.1", "localhost", "[::1]"];
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == 80 {
            hosts.extend(names.map(str::to_owned));
        }
        Self(hosts)
    }

    fn has(&self, host: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// Why a request is refused; `None` where it is not.
    fn refuses(&self, uri: &Uri, headers: &HeaderMap) -> Option<Refused> {
        let named =
            headers.get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
        let asked: Vec<&str> =
            named.chain(uri.authority().map(|authority| authority.as_str())).collect();
        if asked.is_empty() || !asked.iter().all(|host| self.has(host)) {
            return Some(Refused::OtherHost(asked.first().copied().unwrap_or_default().to_owned()));
        }
        let origin = headers.get(header::ORIGIN)?.to_str().unwrap_or_default();
        let own = origin.strip_prefix("http://").is_some_and(|host| self.has(host));
        (!own).then(|| Refused::OtherOrigin(origin.to_owned()))
    }
}

/// Why somebody is not answered.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Refused {
    OtherHost(String),
    OtherOrigin(String),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::OtherHost(host) => refusal(
                StatusCode::MISDIRECTED_REQUEST,
                &format!(
                    "this page answers to 127.0.0.1 and localhost alone, not to `{host}`: under another \
                     name a site could read it as if it were its own (DNS rebinding). Open the address \
                     that `lamplighter play` printed"
                ),
            ),
            Self::OtherOrigin(origin) => refusal(
                StatusCode::FORBIDDEN,
                &format!("this page answers to its own scripts alone, not to those of `{origin}`"),
            ),
        }
    }
}

/// An answer that says what is wrong.
pub fn refusal(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail }))).into_response()
}

/// Lets through who may ask, and puts on every answer what it forbids.
pub async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut response = match hosts.refuses(request.uri(), request.headers()) {
        Some(refused) => refused.into_response(),
        None => next.run(request).await,
    };
    for (name, value) in ALWAYS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(host: Option<&str>, origin: Option<&str>) -> Option<Refused> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::HOST, host), (header::ORIGIN, origin)] {
            headers.extend(value.map(|value| (name, value.parse().expect("a header"))));
        }
        Hosts::of(8_700).refuses(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn only_this_machine_by_its_own_name_is_answered() {
        for host in ["127.0.0.1:8700", "localhost:8700", "LocalHost:8700", "[::1]:8700"] {
            assert_eq!(refuses(Some(host), None), None, "{host}");
            assert_eq!(refuses(Some(host), Some(&format!("http://{host}"))), None, "{host}");
        }
        for host in
            ["evil.example:8700", "127.0.0.1:8701", "127.0.0.1", "127.0.0.1:8700.evil.example", ""]
        {
            assert!(matches!(refuses(Some(host), None), Some(Refused::OtherHost(_))), "{host}");
        }
        assert!(matches!(refuses(None, None), Some(Refused::OtherHost(_))));
        for origin in
            ["https://evil.example", "null", "https://127.0.0.1:8700", "http://127.0.0.1:80"]
        {
            let refused = refuses(Some("127.0.0.1:8700"), Some(origin));
            assert!(matches!(refused, Some(Refused::OtherOrigin(_))), "{origin}");
        }
    }
}
