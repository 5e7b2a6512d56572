//! A call as it was sent and answered. It is kept until what it says has been judged: of a wrong answer
//! it is part of the evidence, of all others it is forgotten.

use std::sync::Arc;

use hyper::HeaderMap;
use hyper::body::Bytes;

use super::product::HttpCall;
use super::result::{ReceivedAnswer, SentRequest};

/// The header that carries the id of a request, by which it is found in the log of a target.
pub const REQUEST_ID: &str = "x-request-id";
/// What stands for a secret.
const MASKED: &str = "***";
/// So much of a body is told.
const BODY_TOLD_MAX: usize = 4_096;

/// A call as it was sent and answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// The request, the same for all who ask the same.
    pub request: Arc<SentRequest>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The header fields of the answer; events of one stream share them.
    pub headers: Arc<HeaderMap>,
    /// The body of the answer, or the data of an event.
    pub body: Bytes,
}

/// A call in words, as it goes to a host: what it authorises itself with is masked.
pub fn told(call: &HttpCall, host: &str) -> SentRequest {
    let mut headers = vec![("host".to_owned(), host.to_owned())];
    if call.bearer.is_some() {
        headers.push(("authorization".to_owned(), format!("Bearer {MASKED}")));
    }
    if call.body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    SentRequest {
        method: call.method.word().to_owned(),
        path: call.path.clone(),
        headers,
        body: call.body.clone().unwrap_or_default(),
    }
}

impl Exchange {
    /// What came back, in words: what could be a secret is masked, a long body cut short.
    pub fn answer(&self) -> ReceivedAnswer {
        let told = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
            let is_secret = matches!(name.as_str(), "set-cookie" | "authorization");
            let value = match is_secret {
                true => MASKED.to_owned(),
                false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
            };
            (name.as_str().to_owned(), value)
        };
        let mut body = String::from_utf8_lossy(&self.body).into_owned();
        if body.len() > BODY_TOLD_MAX {
            let end = (0..=BODY_TOLD_MAX).rev().find(|&end| body.is_char_boundary(end));
            body.truncate(end.unwrap_or(0));
            body.push_str(&format!("… ({} bytes)", self.body.len()));
        }
        ReceivedAnswer {
            status: self.status,
            headers: self.headers.iter().map(told).collect(),
            body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::Method;

    #[test]
    fn secrets_are_masked_and_long_bodies_cut_short() {
        let call = HttpCall {
            method: Method::Post,
            path: "/v1/widgets/acme/messages".to_owned(),
            bearer: Some("a token".to_owned()),
            body: Some("{}".to_owned()),
        };
        let request = told(&call, "chat:80");
        let headers = [
            ("host", "chat:80"),
            ("authorization", "Bearer ***"),
            ("content-type", "application/json"),
        ];
        assert_eq!(request.headers, headers.map(|(a, b)| (a.to_owned(), b.to_owned())));
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", "session=7".parse().expect("a value"));
        headers.insert("age", "12".parse().expect("a value"));
        let long = "é".repeat(BODY_TOLD_MAX);
        let exchange = Exchange {
            request: Arc::new(request),
            status: 200,
            headers: Arc::new(headers),
            body: Bytes::from(format!("x{long}")),
        };
        let answer = exchange.answer();
        let told = [("set-cookie", "***"), ("age", "12")];
        assert_eq!(answer.headers, told.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert!(answer.body.ends_with("é… (8193 bytes)") && answer.body.len() < 4_200);
    }
}
