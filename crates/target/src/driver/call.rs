//! One call of a step: put together in its turn, sent, and judged (rules T1, T12, T16, T19 of target
//! files).

use std::sync::Arc;

use super::client::{ClientResponse, HttpClient};
use super::error::{RunError, indeterminate_cause};
use super::exchange::{Exchange, ExchangeResult, MaskedResponse};
use super::pool::Limits;
use super::session::{Session, SessionState};
use super::shared::Driver;
use super::shared_names::SharedNames;
use crate::file::answer::Answer;
use crate::file::condition::Condition;
use crate::file::cookie_jar::CookieOrigin;
use crate::file::mask::Mask;
use crate::file::outcome::{StepOutcome, judge};
use crate::file::request::{Request, RequestContext, RequestError};
use crate::file::response_error::ResponseError;
use crate::file::section::{Caller, Section};
use crate::file::step::Step;
use crate::file::template::{Counters, KeptValues, Names, RenderError};
use crate::timestamp::Timestamp;

/// A step, and everything that stands around it this time.
pub struct Call<'a> {
    /// The section that it stands in.
    pub section: Section,
    /// Which of its steps it is, from 1.
    pub number: usize,
    /// The step of the target file that is called.
    pub step: &'a Step,
    /// About whom it is, for messages.
    pub whom: &'a str,
    /// Names that stay where they are while it is called, the nearer first.
    pub near: Vec<&'a KeptValues>,
    /// Names of whom the step is about, the nearer first.
    pub places: Vec<&'a SharedNames>,
    /// Names that the caller's headers see.
    pub of_caller: Vec<&'a SharedNames>,
    /// The caller's cookie jar and counters; one call of it at a time.
    pub session: &'a Session,
    /// The connections on which the call goes out: the device's own, or those of all visitors
    /// (T14).
    pub pool: &'a dyn HttpClient,
    /// How long the call may take and how much may come back (T6).
    pub limits: Limits,
    /// A header that comes on top of the file's, by which a service finds the call in its log.
    pub header: Option<(&'a str, &'a str)>,
}

/// A call that is over.
pub struct CompletedCall {
    /// Whether it is done, refused, gone or unknown (T1, T2).
    pub outcome: StepOutcome,
    /// What went out.
    pub request: Request,
    /// The answer, where one came whole.
    pub answer: Option<Answer>,
    /// A moment before it went out.
    pub sent: Timestamp,
    /// A moment after its answer was there.
    pub answered: Timestamp,
}

impl CompletedCall {
    /// Whether the service says that it has no time: it was not done, and would be later.
    pub fn is_busy(&self) -> bool {
        let status = self.answer.as_ref().map(Answer::status);
        !matches!(self.outcome, StepOutcome::Done(_)) && matches!(status, Some(429 | 503))
    }
}

impl Driver {
    /// Makes a call. `wrote` is told when it goes out.
    ///
    /// # Errors
    /// When it cannot be put together or judged, or nobody takes the connection.
    pub(super) async fn call(
        &self,
        call: Call<'_>,
        wrote: &(dyn Fn(Timestamp) + Sync),
    ) -> Result<CompletedCall, RunError> {
        let turn = call.session.turn.lock().await;
        self.rate_limiter.call().await;
        let request = self.request(&call).map_err(|cause| RunError::CannotSend {
            section: call.section.address(),
            step: call.number,
            cause,
        })?;
        let sent = Timestamp::now();
        let mut turn = Some(turn);
        let mut went_out = || {
            // The next one can be put together.
            drop(turn.take());
            wrote(Timestamp::now());
        };
        let (endpoint, limits) = (self.endpoint(), call.limits);
        let response = call.pool.send(endpoint, call.section, &request, limits, &mut went_out);
        let carried = response.await;
        drop(turn);
        let answered = Timestamp::now();
        let mut judged = None;
        let answer = carried.and_then(|ClientResponse { answer, judged: wants }| {
            judged = wants;
            Answer::new(answer.status, answer.headers, answer.body, limits.body_bytes_max)
        });
        if let Err(ResponseError::Unreachable { why }) = &answer {
            self.tell(&call, &request, answer.as_ref(), None, (sent, answered));
            let address = self.endpoint().address().to_owned();
            return Err(RunError::Unreachable { address, why: why.clone() });
        }
        let outcome = self.judged(&call, &request, answer.as_ref());
        let outcome = outcome.map_err(|cause| RunError::CannotJudge {
            section: call.section.address(),
            step: call.number,
            cause,
        })?;
        if let Some(judged) = judged {
            judged(matches!(outcome, StepOutcome::Done(_)));
        }
        self.hide_login(&call, &outcome);
        self.tell(&call, &request, answer.as_ref(), Some(&outcome), (sent, answered));
        Ok(CompletedCall { outcome, request, answer: answer.ok(), sent, answered })
    }

    /// Puts the names in, and the cookies.
    pub(super) fn request(&self, call: &Call<'_>) -> Result<Request, RequestError> {
        let file = self.file();
        let around = RequestContext {
            base_path: self.endpoint().base_path(),
            of_every_call: &file.http.headers,
            of_caller: file.headers(call.step.caller),
        };
        let places: Vec<Arc<KeptValues>> = call.places.iter().map(|place| place.names()).collect();
        let of_caller: Vec<Arc<KeptValues>> =
            call.of_caller.iter().map(|place| place.names()).collect();
        let mut state = call.session.state();
        let SessionState { jar, counters } = &mut *state;
        let mut names =
            Names::new(all(&call.near, &places), all(&[], &of_caller), &file.vars, counters);
        let mut request = Request::of(call.step, around, &mut names)?;
        let is_said = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        if let (false, Some(cookies)) =
            (is_said, jar.header(self.cookie_origin(&request), Timestamp::now().wall))
        {
            request.headers.push(("Cookie".to_owned(), cookies));
        }
        request
            .headers
            .extend(call.header.map(|(name, value)| (name.to_owned(), value.to_owned())));
        Ok(request)
    }

    /// Where a call goes, as far as cookies ask for it.
    pub(super) fn cookie_origin<'a>(&'a self, request: &'a Request) -> CookieOrigin<'a> {
        CookieOrigin {
            host: self.endpoint().host_name(),
            path: request.path.split('?').next().unwrap_or_default(),
            is_tls: self.endpoint().is_tls(),
        }
    }

    /// Takes the answer's cookies, and says what it means.
    fn judged(
        &self,
        call: &Call<'_>,
        request: &Request,
        answer: Result<&Answer, &ResponseError>,
    ) -> Result<StepOutcome, RenderError> {
        let file = self.file();
        let now = Timestamp::now().wall;
        let places: Vec<Arc<KeptValues>> = call.places.iter().map(|place| place.names()).collect();
        let mut state = call.session.state();
        let SessionState { jar, counters } = &mut *state;
        if let Ok(answer) = answer {
            for cookie in answer.header_lines("set-cookie") {
                jar.take(cookie, self.cookie_origin(request), now);
            }
        }
        let mut names = Names::new(all(&call.near, &places), Vec::new(), &file.vars, counters);
        let cookie = |name: &str| jar.get(name, now).map(str::to_owned);
        judge(call.step, &file.http.general, answer, &cookie, &mut names)
    }

    /// What a login gave is hidden before anybody is shown it (T26).
    fn hide_login(&self, call: &Call<'_>, outcome: &StepOutcome) {
        if !is_login(call.section) {
            return;
        }
        let mut mask = self.mask();
        if let StepOutcome::Done(kept) = outcome {
            mask.hide_kept(kept);
        }
        for (name, value) in call.session.state().jar.iter() {
            mask.hide(name, value);
        }
    }

    /// That a socket was asked for, and what was answered where it was not opened.
    pub(super) fn tell_socket(
        &self,
        call: &Call<'_>,
        request: &Request,
        answer: Option<Result<&Answer, &ResponseError>>,
        at: (Timestamp, Timestamp),
    ) {
        let answer = answer.unwrap_or(Err(&ResponseError::Socket));
        self.tell(call, request, answer, None, at);
    }

    /// The headers of an answer that decide what it means, masked.
    fn looked_at(
        &self,
        call: &Call<'_>,
        answer: &Answer,
        mask: &Mask,
    ) -> Vec<(String, Option<String>)> {
        let (step, general) = (call.step, &self.file().http.general);
        let of_step = [&step.done, &step.gone, &step.refused].into_iter().flatten();
        let conditions = of_step.chain([&general.gone, &general.refused, &general.done]);
        let mut names: Vec<&str> = Vec::new();
        for name in conditions.flat_map(Condition::headers) {
            if !names.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                names.push(name);
            }
        }
        let shown = |name: &str| {
            let value = answer.header(name)?;
            // What a login keeps of it is a secret, whether it was done or not.
            Some(match is_login(call.section) && step.keeps_header(name) {
                true => format!("***{}***", name.to_lowercase()),
                false => mask.header(name, &value),
            })
        };
        names.into_iter().map(|name| (name.to_owned(), shown(name))).collect()
    }

    /// What came of a call that nothing judges: a socket that is asked for, or an address where nobody is.
    fn not_opened_word(&self, answer: Result<&Answer, &ResponseError>) -> &'static str {
        let answer = match answer {
            Err(ResponseError::Socket) => return "open",
            Err(_) => return "unreachable",
            Ok(answer) => answer,
        };
        let file = self.file();
        let mut counters = Counters::default();
        let mut names = Names::new(Vec::new(), Vec::new(), &file.vars, &mut counters);
        // A template that gives nothing here holds of nothing.
        match file.http.general.gone.holds(answer, false, &mut names) {
            Ok(true) => "gone",
            _ if answer.status() >= 500 => "unknown",
            _ => "refused",
        }
    }

    fn tell(
        &self,
        call: &Call<'_>,
        request: &Request,
        answer: Result<&Answer, &ResponseError>,
        outcome: Option<&StepOutcome>,
        (sent, answered): (Timestamp, Timestamp),
    ) {
        let Some(listener) = &self.options().listener else { return };
        let mask = self.mask();
        let header = |(name, value): &(String, String)| (name.clone(), mask.header(name, value));
        let result = match answer {
            Ok(answer) => ExchangeResult::Answer(MaskedResponse {
                status: answer.status(),
                headers: answer.headers().iter().map(header).collect(),
                body: mask.text(answer.text()),
            }),
            Err(broken) => ExchangeResult::Nothing(mask.text(&broken.to_string())),
        };
        let (outcome, kept) = match outcome {
            Some(StepOutcome::Done(kept)) => {
                let pair = |(name, value): (&str, &serde_json::Value)| {
                    (name.to_owned(), mask.text(&crate::file::value::as_text(value)))
                };
                ("done".to_owned(), kept.iter().map(pair).collect())
            }
            Some(StepOutcome::Refused) => ("refused".to_owned(), Vec::new()),
            Some(StepOutcome::Gone) => ("gone".to_owned(), Vec::new()),
            Some(StepOutcome::Unknown(doubt)) => {
                (mask.text(&indeterminate_cause(answer.ok(), doubt)), Vec::new())
            }
            None => (self.not_opened_word(answer).to_owned(), Vec::new()),
        };
        let looked_at =
            answer.map_or_else(|_| Vec::new(), |answer| self.looked_at(call, answer, &mask));
        let exchange = Exchange {
            section: call.section,
            step: call.number,
            whom: call.whom.to_owned(),
            method: request.method.method(),
            path: mask.text(&request.path),
            headers: request.headers.iter().map(header).collect(),
            body: mask.text(&String::from_utf8_lossy(&request.body)),
            result,
            outcome,
            looked_at,
            kept,
            took: answered.monotonic - sent.monotonic,
        };
        drop(mask);
        listener.on_exchange(&exchange);
    }
}

/// Whether what a section keeps is secret.
fn is_login(section: Section) -> bool {
    matches!(section, Section::AdminLogin | Section::ObserverLogin | Section::DeviceLogin)
}

fn all<'a>(near: &[&'a KeptValues], places: &'a [Arc<KeptValues>]) -> Vec<&'a KeptValues> {
    near.iter().copied().chain(places.iter().map(|kept| &**kept)).collect()
}

/// Whose names the headers of a privileged caller see.
pub fn names_of(session: &Session, account: Option<&Arc<SharedNames>>) -> Vec<Arc<SharedNames>> {
    std::iter::once(Arc::clone(&session.place)).chain(account.cloned()).collect()
}

/// Whether the caller is one who logs in again where its session is over (T4).
pub fn is_official(caller: Caller) -> bool {
    matches!(caller, Caller::Admin | Caller::Observer)
}
