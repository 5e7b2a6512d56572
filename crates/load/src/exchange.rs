//! A call as it was sent and answered. It is kept until what it says has been judged: of a wrong answer
//! it is part of the evidence, of all others it is forgotten. Secrets are masked when it is told.

use std::sync::Arc;

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};

use super::result::{ReceivedAnswer, SentRequest};
use lamplighter_target::driver::Driver;
use lamplighter_target::file::answer::Answer;
use lamplighter_target::file::request::Request;

/// The header that carries the id of a request, by which it is found in the log of a target.
pub const REQUEST_ID: &str = "x-request-id";
/// So much of a body is told.
const BODY_TOLD_MAX: usize = 4_096;

/// A call as it was sent and answered.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Whose call it was: what is secret there is masked.
    pub driver: Arc<Driver>,
    /// The request, the same for all who ask the same.
    pub request: Arc<Request>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The header fields of the answer; events of one stream share them.
    pub headers: Arc<HeaderMap>,
    /// The body of the answer, or the data of an event.
    pub body: Bytes,
}

/// Two are the same that sent and answered the same, whoever did.
impl PartialEq for Exchange {
    fn eq(&self, other: &Self) -> bool {
        let Self { driver: _, request, status, headers, body } = self;
        (request, status, headers, body)
            == (&other.request, &other.status, &other.headers, &other.body)
    }
}

impl Eq for Exchange {}

impl Exchange {
    /// A call that the driver itself has made, and its answer.
    pub fn of(driver: &Arc<Driver>, request: Request, answer: &Answer) -> Self {
        let pair = |(name, value): &(String, String)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        };
        Self {
            driver: Arc::clone(driver),
            request: Arc::new(request),
            status: answer.status(),
            headers: Arc::new(answer.headers().iter().filter_map(pair).collect()),
            body: Bytes::copy_from_slice(answer.body()),
        }
    }

    /// What was sent, in words, as it went to the target; the id stands beside it.
    pub fn request(&self) -> SentRequest {
        let Request { method, path, headers, body } = &*self.request;
        let mask = self.driver.mask();
        let named =
            |wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let host = (!named("host")).then(|| self.driver.endpoint().authority().to_owned());
        let own = headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(REQUEST_ID));
        let own = own.map(|(name, value)| (name.to_lowercase(), mask.header(name, value)));
        SentRequest {
            method: method.method().to_owned(),
            path: mask.text(path),
            headers: host.map(|host| ("host".to_owned(), host)).into_iter().chain(own).collect(),
            body: mask.text(&String::from_utf8_lossy(body)),
        }
    }

    /// What came back, in words; a long body is cut short.
    pub fn answer(&self) -> ReceivedAnswer {
        let mask = self.driver.mask();
        let told = |(name, value): (&HeaderName, &HeaderValue)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), mask.header(name.as_str(), &value))
        };
        let headers = self.headers.iter().map(told).collect();
        // It is masked whole: a secret that is cut in two would not be found.
        let mut body = mask.text(&String::from_utf8_lossy(&self.body));
        if body.len() > BODY_TOLD_MAX {
            let end = (0..=BODY_TOLD_MAX).rev().find(|&end| body.is_char_boundary(end));
            body.truncate(end.unwrap_or(0));
            body.push_str(&format!("… ({} bytes)", self.body.len()));
        }
        ReceivedAnswer { status: self.status, headers, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_target::file::step::Method;

    #[test]
    fn secrets_are_masked_and_long_bodies_cut_short() {
        let driver = crate::service::reference("http://chat:80", "k3y-of-the-admin");
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let request = Request {
            method: Method::Post,
            path: "/v1/widgets/acme?key=k3y-of-the-admin".to_owned(),
            headers: vec![
                header("Authorization", "Bearer a token"),
                header("User-Agent", "lamplighter"),
                header("X-Request-Id", "t-7"),
            ],
            body: b"k3y-of-the-admin".to_vec(),
        };
        let long = "é".repeat(BODY_TOLD_MAX);
        let answer = Answer::new(
            200,
            vec![header("set-cookie", "session=7"), header("age", "12")],
            format!("k3y-of-the-admin{long}").into_bytes(),
            100_000,
        );
        let exchange = Exchange::of(&driver, request, &answer.expect("unpacks"));
        let told = exchange.request();
        assert_eq!((told.method.as_str(), told.body.as_str()), ("POST", "***admin_key***"));
        assert_eq!(told.path, "/v1/widgets/acme?key=***admin_key***");
        let headers = [
            ("host", "chat:80"),
            ("authorization", "***authorization***"),
            ("user-agent", "lamplighter"),
        ];
        assert_eq!(told.headers, headers.map(|(a, b)| (a.to_owned(), b.to_owned())));
        let answer = exchange.answer();
        let told = [("set-cookie", "***set-cookie***"), ("age", "12")];
        assert_eq!(answer.headers, told.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert!(answer.body.starts_with("***admin_key***é"), "{}", answer.body);
        assert!(answer.body.ends_with("é… (8208 bytes)") && answer.body.len() < 4_200);
    }
}
