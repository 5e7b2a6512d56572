//! A call that is recorded once it was answered well.

use std::collections::BTreeMap;

use hyper::Method;
use hyper::body::Bytes;

use super::call::ProxiedCall;
use super::exchange::{Error, ProxyAnswer, Whole, token, whole_answer};
use super::recorder::{Recorder, decoded};

/// A call that is recorded once it was answered well: what of its request counts.
pub struct RecordedCall {
    path: String,
    query: BTreeMap<String, String>,
    token: String,
    body: Bytes,
}

impl RecordedCall {
    /// A call, before it is passed on; `None` for one of which nothing is recorded.
    pub fn of(call: &ProxiedCall, request: &Whole, body: Bytes) -> Option<Self> {
        let path = request.uri().path();
        let is_recorded = match call {
            ProxiedCall::Read(_)
            | ProxiedCall::Team
            | ProxiedCall::Login
            | ProxiedCall::Status
            | ProxiedCall::Logout => true,
            ProxiedCall::Other => {
                request.method() == Method::PUT && path.starts_with("/v1/properties/")
            }
            ProxiedCall::Events | ProxiedCall::Message | ProxiedCall::Connect => false,
        };
        let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        is_recorded.then(|| Self {
            path: path.to_owned(),
            query: query.into_owned().collect(),
            token: token(request.headers()).unwrap_or_default().to_owned(),
            body,
        })
    }

    /// Writes down what the caller is told.
    pub async fn answered(
        self,
        call: &ProxiedCall,
        answer: ProxyAnswer,
        recorder: &Recorder,
    ) -> Result<ProxyAnswer, Error> {
        if !answer.status().is_success() {
            return Ok(answer);
        }
        let (answer, told) = whole_answer(answer).await?;
        match call {
            ProxiedCall::Read(widget) => recorder.read(&decoded(widget), &self.query, &told),
            ProxiedCall::Team => recorder.team(&told),
            ProxiedCall::Login => recorder.login(&told),
            ProxiedCall::Status => recorder.status(&self.body, &told),
            ProxiedCall::Logout => recorder.logout(&self.token),
            _ => recorder.put(&self.path),
        }
        Ok(answer)
    }
}
