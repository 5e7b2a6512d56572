//! Metrics sent by OTLP over HTTP: every few seconds all of them, so that one message that is lost costs
//! nothing.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant as MachineTime, SystemTime};

use anyhow::anyhow;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{HeaderMap, Request, Uri};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::runtime::Runtime;

use super::latest::LatestSnapshot;
use crate::cli::exit::Stop;
use crate::cli::host::{cannot_call, trust};
use crate::report::load::otlp::message;
use lamplighter_target::{Host, HostError, Trust};

/// How often metrics are sent.
const SENT_EVERY: Duration = Duration::from_secs(5);
/// So long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// So long the end is waited for: a message that is under way, and the last one.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
/// Of an answer that refuses so much is read.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// The environment variable that OpenTelemetry has for headers: `name=value,name=value`.
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
/// Where metrics are taken, unless the URL says so itself.
const PATH: &str = "/v1/metrics";

/// It sends until it is finished.
pub struct Sender(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    is_last: bool,
    is_done: bool,
    /// Why the last message was not taken, if it was not.
    failed: Option<String>,
    warnings: Vec<String>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>, most: Duration) -> MutexGuard<'s, State> {
        self.bell.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Sender {
    /// Sends to an address, with the headers of the environment.
    pub fn open(
        to: &str,
        ca_file: Option<&Path>,
        latest: Arc<LatestSnapshot>,
    ) -> Result<Self, Stop> {
        let machine = |error: io::Error| Stop::machine(error.into());
        let headers = match std::env::var(HEADERS) {
            Ok(typed) => headers(&typed).ok_or_else(|| {
                Stop::invalid(anyhow!("{HEADERS} cannot be used"))
                    .hint("write name=value, with a comma before the next")
            })?,
            Err(_) => HeaderMap::new(),
        };
        let receiver = OtlpReceiver::at(to, ca_file, headers)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(machine)?;
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let send = move || send(&runtime, &receiver, &latest, &own);
        thread::Builder::new().name("otlp".to_owned()).spawn(send).map_err(machine)?;
        Ok(Self(shared))
    }

    /// What went wrong since the last time, and what went well again.
    pub fn warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().warnings)
    }

    /// Sends what was shown last, and waits for that; what went wrong.
    pub fn finish(self) -> Vec<String> {
        let Self(shared) = self;
        let began = MachineTime::now();
        let mut state = shared.lock();
        state.is_last = true;
        shared.bell.notify_all();
        while !state.is_done {
            let Some(rest) = ENDS_WITHIN.checked_sub(began.elapsed()) else { break };
            state = shared.wait(state, rest);
        }
        let mut warnings = std::mem::take(&mut state.warnings);
        if !state.is_done || state.failed.is_some() {
            warnings.push("the last metrics were not taken by the receiver of OTLP".to_owned());
        }
        warnings
    }
}

fn send(runtime: &Runtime, receiver: &OtlpReceiver, latest: &LatestSnapshot, shared: &Shared) {
    loop {
        let is_last = shared.lock().is_last;
        let message = message(&latest.get(), SystemTime::now());
        let sent = message.map(|message| {
            let posted = async {
                let posted = tokio::time::timeout(ANSWER_WITHIN, receiver.post(message)).await;
                posted.unwrap_or_else(|_| Err("timed out".to_owned()))
            };
            runtime.block_on(posted)
        });
        let mut state = shared.lock();
        if let Some(sent) = sent {
            state.hears(sent, receiver.host.address());
        }
        state.is_done = is_last;
        shared.bell.notify_all();
        if is_last {
            return;
        }
        let sent_at = MachineTime::now();
        while !state.is_last {
            let Some(rest) = SENT_EVERY.checked_sub(sent_at.elapsed()) else { break };
            state = shared.wait(state, rest);
        }
    }
}

impl State {
    fn hears(&mut self, sent: Result<(), String>, receiver: &str) {
        let told = match (&sent, &self.failed) {
            (Err(why), before) if before.as_ref() != Some(why) => Some(format!(
                "metrics are not taken at {receiver}: {why}; the run goes on, and it is tried again"
            )),
            (Ok(()), Some(_)) => Some(format!("metrics are taken at {receiver} again")),
            _ => None,
        };
        self.warnings.extend(told);
        self.failed = sent.err();
    }
}

/// Whoever takes metrics.
struct OtlpReceiver {
    host: Host,
    path: Uri,
    headers: HeaderMap,
}

impl OtlpReceiver {
    fn at(to: &str, ca_file: Option<&Path>, mut headers: HeaderMap) -> Result<Self, Stop> {
        let wrong = || {
            Stop::invalid(anyhow!("--otlp {to} is no address that metrics can be sent to"))
                .hint("for example --otlp http://127.0.0.1:4318")
        };
        let uri: Uri = to.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong());
        };
        let path = uri.path_and_query().map(|path| path.as_str()).filter(|path| *path != "/");
        let path = path.unwrap_or(PATH).parse().map_err(|_| wrong())?;
        let trust = ca_file.map_or(Ok(Trust::Machine), trust)?;
        let host = Host::new(&format!("{scheme}://{authority}"), "", &trust);
        let host = host.map_err(|error| match error {
            HostError::Address { .. } => wrong(),
            other => cannot_call(other),
        })?;
        let name = HeaderValue::from_str(host.authority()).map_err(|_| wrong())?;
        headers.insert(HOST, name);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        Ok(Self { host, path, headers })
    }

    async fn post(&self, message: Vec<u8>) -> Result<(), String> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = packed.write_all(&message).and_then(|()| packed.finish());
        let mut request = Request::post(self.path.clone())
            .body(Full::new(Bytes::from(packed.expect("memory takes it"))))
            .expect("the path was read as one");
        request.headers_mut().clone_from(&self.headers);
        let transport = self.host.connect().await.map_err(|error| error.to_string())?;
        let told = |error: hyper::Error| error.to_string();
        let http = hyper::client::conn::http1::handshake(TokioIo::new(transport));
        let (mut http, connection) = http.await.map_err(told)?;
        tokio::spawn(async move { drop(connection.await) });
        let answer = http.send_request(request).await.map_err(told)?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        let printable = |c: &char| !c.is_control();
        let said: String =
            String::from_utf8_lossy(&body).chars().filter(printable).take(200).collect();
        Err(format!("its answer is {status} {said}").trim_end().to_owned())
    }
}

/// `name=value,name=value`, as OpenTelemetry has it: values may be percent-encoded.
fn headers(typed: &str) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for pair in typed.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decoded(value.trim())?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
        let mut value = HeaderValue::from_bytes(&value).ok()?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Some(headers)
}

/// The bytes that a text stands for; `None` where a `%` in it begins no escape, which is a mistake of whoever wrote it.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let decoded: Vec<u8> = percent_decode_str(text).collect();
    // Each escape is two bytes shorter once it is read.
    (decoded.len() + 2 * text.matches('%').count() == text.len()).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_opentelemetry_has_them() {
        let read = headers("authorization=Basic%20YTpi, x-scope=one ,").expect("headers");
        assert_eq!(read["authorization"], "Basic YTpi");
        assert_eq!(read["x-scope"], "one");
        for wrong in ["authorization", "a b=c", "a=%4", "a=%zz", "a=%%41", "a=%0a"] {
            assert!(headers(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_address_alone_has_the_path_of_the_protocol_and_another_one_its_own() {
        let path =
            |to: &str| OtlpReceiver::at(to, None, HeaderMap::new()).map(|at| at.path.to_string());
        for (to, is) in [
            ("http://127.0.0.1:4318", "/v1/metrics"),
            ("http://127.0.0.1:4318/", "/v1/metrics"),
            ("http://127.0.0.1:9090/api/v1/otlp/v1/metrics", "/api/v1/otlp/v1/metrics"),
        ] {
            assert_eq!(path(to).expect("an address"), is);
        }
        for wrong in ["127.0.0.1", "ftp://127.0.0.1", "http://"] {
            assert!(path(wrong).is_err(), "{wrong}");
        }
    }
}
