//! Calls, and what came back: for whoever waits for each, and for whoever makes many at once.

use std::time::Duration;

use http_body_util::{BodyExt, Full};
pub use hyper::Method;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::error::HostError;
use super::host::{CONNECT_WITHIN, Host};
use super::resolver::Resolver;
use super::wire::ProblemBody;

/// How long an answer may take; when a clock is put, thousands of years may pass.
const ANSWER_WITHIN: Duration = Duration::from_secs(600);
/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// So many calls at once, where their order does not matter.
const AT_ONCE_MAX: usize = 8;

/// Who calls.
#[derive(Clone, Copy)]
pub enum Caller<'a> {
    /// Whoever has the admin key.
    Admin,
    /// The device with this token.
    Device(&'a str),
    /// Anyone.
    Visitor,
}

/// An answer that came back, whatever it says.
pub struct Response {
    /// What was asked, to be named in errors.
    pub call: String,
    /// The HTTP status.
    pub status: u16,
    body: Bytes,
}

impl Response {
    /// What it says, as it came.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether the service did what it was asked.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What a problem says, with its status in front.
    pub fn problem(&self) -> String {
        format!("{}: {}", self.status, self.detail())
    }

    fn detail(&self) -> String {
        let problem: ProblemBody = serde_json::from_slice(&self.body).unwrap_or_default();
        let ProblemBody { title, detail, field, .. } = problem;
        let words = [detail, title].into_iter().find(|words| !words.is_empty());
        match (field, words) {
            (Some(field), Some(words)) => format!("{field}: {words}"),
            (None, Some(words)) => words,
            (_, None) => "it does not say why".to_owned(),
        }
    }

    /// The answer, if the service did what it was asked.
    ///
    /// # Errors
    /// What it says instead.
    pub fn done(self) -> Result<Self, HostError> {
        match self.is_success() {
            true => Ok(self),
            false => {
                let detail = self.detail();
                Err(HostError::Refused { call: self.call, status: self.status, detail })
            }
        }
    }

    /// What the answer says.
    ///
    /// # Errors
    /// When it was refused, or is none of this API.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, HostError> {
        self.done()?.said()
    }

    /// What the answer of a service that did what it was asked says, borrowed from it.
    ///
    /// # Errors
    /// When it is none of this API.
    pub fn said<'a, T: Deserialize<'a>>(&'a self) -> Result<T, HostError> {
        serde_json::from_slice(&self.body).map_err(|error| self.unreadable(error.to_string()))
    }

    /// That the answer is none of this API.
    pub fn unreadable(&self, why: String) -> HostError {
        HostError::Unreadable { call: self.call.clone(), why }
    }
}

/// Calls a service, and waits.
pub struct Client {
    http: HttpClient,
    /// Sockets live in it, too.
    runtime: Runtime,
}

impl Client {
    /// A client of a service; nothing is called yet.
    ///
    /// # Errors
    /// When the machine has no threads left.
    pub fn new(host: Host) -> Result<Self, HostError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("client")
            .enable_all()
            .build()
            .map_err(HostError::Machine)?;
        Ok(Self { http: HttpClient::new(host), runtime })
    }

    /// The service that is called.
    pub fn host(&self) -> &Host {
        self.http.host()
    }

    /// Where sockets live.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Calls, and waits for the answer.
    ///
    /// # Errors
    /// When none comes.
    pub fn call(
        &self,
        method: Method,
        path: &str,
        caller: Caller<'_>,
        body: Option<&Value>,
    ) -> Result<Response, HostError> {
        self.runtime.block_on(self.http.answer(method, path, caller, body.map(Value::to_string))?)
    }

    /// Reads.
    ///
    /// # Errors
    /// When no answer comes, or another than was asked for.
    pub fn get<T: DeserializeOwned>(&self, path: &str, caller: Caller<'_>) -> Result<T, HostError> {
        self.call(Method::GET, path, caller, None)?.read()
    }

    /// Sets something as the admin.
    ///
    /// # Errors
    /// When it is not set.
    pub fn put(&self, path: &str, body: &Value) -> Result<(), HostError> {
        self.call(Method::PUT, path, Caller::Admin, Some(body))?.done().map(drop)
    }

    /// Sets many things as the admin, in any order, several at once.
    ///
    /// # Errors
    /// The first of them, when one is not set.
    pub fn put_all(&self, all: &[(String, Value)]) -> Result<(), HostError> {
        for some in all.chunks(AT_ONCE_MAX) {
            let mut http = JoinSet::new();
            for (path, body) in some {
                let call =
                    self.http.answer(Method::PUT, path, Caller::Admin, Some(body.to_string()))?;
                http.spawn_on(call, self.runtime.handle());
            }
            for answer in self.runtime.block_on(http.join_all()) {
                answer?.done()?;
            }
        }
        Ok(())
    }
}

/// Makes calls to a service.
#[derive(Clone)]
pub struct HttpClient {
    host: Host,
    http: Http<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
}

impl HttpClient {
    /// Nothing is called yet.
    pub fn new(host: Host) -> Self {
        let mut connector = HttpConnector::new_with_resolver(Resolver::of(&host));
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        connector.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(host.tls())
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let http = Http::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            // Services close what idles for long.
            .pool_idle_timeout(Duration::from_secs(10))
            .build(connector);
        Self { host, http }
    }

    /// The service that is called.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// A call, to be awaited in any runtime; it needs nothing of `self` any more.
    ///
    /// # Errors
    /// When there can be no such call; awaited, when no answer comes.
    pub fn answer(
        &self,
        method: Method,
        path: &str,
        caller: Caller<'_>,
        body: Option<String>,
    ) -> Result<impl Future<Output = Result<Response, HostError>> + Send + use<>, HostError> {
        let url = format!("{}{path}", self.host.address());
        let call = format!("{method} {url}");
        let mut request = Request::builder().method(method).uri(url);
        let secret = match caller {
            Caller::Admin => Some(self.host.admin_key()),
            Caller::Device(token) => Some(token),
            Caller::Visitor => None,
        };
        if let Some(secret) = secret {
            request = request.header(AUTHORIZATION, format!("Bearer {secret}"));
        }
        let bytes = match body {
            None => Bytes::new(),
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Bytes::from(body)
            }
        };
        // A key with a line break in it, say.
        let cannot = |error: hyper::http::Error| HostError::Unreachable {
            call: call.clone(),
            cause: error.into(),
        };
        let request = request.body(Full::new(bytes)).map_err(cannot)?;
        let responding = self.http.request(request);
        Ok(async move {
            let unreachable = |cause| HostError::Unreachable { call: call.clone(), cause };
            let answer = async {
                let response = responding.await.map_err(|error| unreachable(error.into()))?;
                let status = response.status().as_u16();
                let body = http_body_util::Limited::new(response.into_body(), ANSWER_BYTES_MAX);
                let body = body.collect().await.map_err(unreachable)?.to_bytes();
                Ok((status, body))
            };
            match tokio::time::timeout(ANSWER_WITHIN, answer).await {
                Ok(answered) => {
                    let (status, body) = answered?;
                    Ok(Response { call, status, body })
                }
                Err(late) => Err(unreachable(late.into())),
            }
        })
    }
}
