//! A visitor's call that is put together once and sent any number of times, by whoever has connections
//! of their own for it; and what its answers say (rules T1, T10, T16, T37, T40 of target files).

use std::sync::Arc;
use std::time::{Duration, Instant};

use lamplighter_core::model::Visitor;

use super::call::{Call, is_official, names_of};
use super::error::RunError;
use super::objects::Widget;
use super::read::{ReadError, of_visitor, read_of};
use super::session::Session;
use super::shared::Driver;
use super::shared_names::SharedNames;
use crate::file::answer::Answer;
use crate::file::check::all_uses;
use crate::file::cookie_jar::CookieJar;
use crate::file::outcome::{StepOutcome, judge};
use crate::file::request::Request;
use crate::file::section::{Caller, Section};
use crate::file::step::{Method, Step};
use crate::file::template::{Counters, KeptValues, Names};
use crate::file::widget::ObservedWidget;
use crate::timestamp::Timestamp;

/// A read of a widget, or the opening of its stream, as it goes out each time.
#[derive(Debug)]
pub struct PreparedRequest {
    driver: Arc<Driver>,
    widget: Widget,
    section: Section,
    /// What is given of the visitor.
    given: KeptValues,
    /// What was kept with the widget and its property when it was put together, the nearer first.
    places: Vec<Arc<KeptValues>>,
    request: Arc<Request>,
}

/// What an answer or an event says of a widget.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WidgetReading {
    /// What a visitor sees.
    pub seen: ObservedWidget,
    /// The version that it knew, where the target's answers have one.
    pub version: Option<u64>,
}

impl Driver {
    /// A visitor's read of a widget, if it is the same each time: one call of a visitor, with nothing in
    /// it that counts up or tells the time. `None` where each has to be put together anew, as
    /// [`read_widget`](Self::read_widget) does.
    ///
    /// # Errors
    /// When the call cannot be put together.
    pub fn prepare_read(
        self: &Arc<Self>,
        widget: &Widget,
        visitor: &Visitor,
    ) -> Result<Option<PreparedRequest>, RunError> {
        self.prepare(Section::WidgetRead, widget, visitor, |_| true)
    }

    /// The opening of a widget's event stream (`widget.push`); `None` where what is pushed comes another
    /// way, or the opening is not the same each time: [`listen`](Self::listen).
    ///
    /// # Errors
    /// When the call cannot be put together.
    pub fn prepare_stream(
        self: &Arc<Self>,
        widget: &Widget,
        visitor: &Visitor,
    ) -> Result<Option<PreparedRequest>, RunError> {
        self.prepare(Section::WidgetPush, widget, visitor, |step| step.method == Method::Stream)
    }

    /// The one step of a section, if it is such a one and the same each time.
    fn prepare(
        self: &Arc<Self>,
        section: Section,
        widget: &Widget,
        visitor: &Visitor,
        is_such: impl Fn(&Step) -> bool,
    ) -> Result<Option<PreparedRequest>, RunError> {
        match self.file().steps(section) {
            Some([step]) if is_such(step) && self.is_same_each_time(step) => {
                PreparedRequest::new(self, section, widget, visitor, None).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn is_same_each_time(&self, step: &Step) -> bool {
        let file = self.file();
        let layers = [&file.http.headers, file.headers(step.caller)];
        let of_headers = layers.into_iter().flat_map(|headers| headers.iter());
        let uses = step.uses().into_iter().chain(of_headers.flat_map(|one| one.value.uses()));
        let changes = |used: &&crate::file::template::NameUse| used.counts || used.name == "now";
        step.caller == Caller::Visitor && !all_uses(file, uses.collect()).iter().any(changes)
    }

    /// The version that an answer has, by the name that `can.versions` says.
    pub fn version(&self, kept: &KeptValues) -> Option<u64> {
        let value = kept.get(self.abilities().versions.as_ref()?)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    }
}

impl PreparedRequest {
    /// Puts the first step of a section together, for a visitor of a widget. `header` comes on top of
    /// the file's.
    pub(super) fn new(
        driver: &Arc<Driver>,
        section: Section,
        widget: &Widget,
        visitor: &Visitor,
        header: Option<(&str, &str)>,
    ) -> Result<Self, RunError> {
        let step = driver.file().steps(section).and_then(<[_]>::first);
        let step = step.ok_or_else(|| RunError::NotDone {
            section: section.address(),
            what: "not in the target file".to_owned(),
            whom: None,
        })?;
        let official =
            is_official(step.caller).then(|| driver.official(step.caller)).transpose()?;
        let of_official =
            official.map(|one| names_of(&one.session, one.account.as_ref())).unwrap_or_default();
        let visitors = Session::new(SharedNames::of(KeptValues::new()), driver.visitors.clone());
        let session = official.map_or(&*visitors, |one| &*one.session);
        let (subject, given) = (widget.subject(), of_visitor(visitor));
        let of_subject = subject.places.iter().rev().map(|(_, place)| place);
        let places: Vec<&SharedNames> =
            of_subject.chain(&of_official).map(|place| &**place).collect();
        let kept = places.iter().map(|place| place.names()).collect();
        let call = Call {
            section,
            number: 1,
            step,
            whom: &subject.whom,
            near: vec![&given],
            places,
            of_caller: of_official.iter().map(|place| &**place).collect(),
            session,
            pool: &*session.pool,
            limits: driver.limits(),
            header,
        };
        let request = driver.request(&call).map_err(|cause| RunError::CannotSend {
            section: section.address(),
            step: 1,
            cause,
        })?;
        let (driver, request) = (Arc::clone(driver), Arc::new(request));
        Ok(Self { driver, widget: widget.clone(), section, given, places: kept, request })
    }

    /// What goes out; the endpoint's path and the file's headers are in it, `Host` only where the file says
    /// it.
    pub fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// Waits for the turn of this call, where the product limits how often it is read or called (T43);
    /// `false` at once where that does not come so soon.
    pub async fn turn(&self, within: Duration) -> bool {
        let rate_limiter = &self.driver.rate_limiter;
        if rate_limiter.is_free() {
            return true;
        }
        let is_read = self.section == Section::WidgetRead;
        let began = Instant::now();
        if is_read && !rate_limiter.poll_within(&read_of(&self.widget), within).await {
            return false;
        }
        rate_limiter.call_within(within.saturating_sub(began.elapsed())).await
    }

    /// Whether status and body alone decide what an answer says, read by its Content-Type and
    /// Content-Encoding: two answers that are alike in these say the same.
    pub fn is_told_by_body(&self) -> bool {
        let general = &self.driver.file().http.general;
        let step = self.step();
        let of_step = [&step.done, &step.refused, &step.gone];
        let general = [&general.done, &general.refused, &general.gone];
        let mut conditions = of_step.into_iter().flatten().chain(general);
        !conditions.any(crate::file::condition::Condition::asks_headers)
            && !step.keep.iter().any(|keep| keep.from.is_beside_body())
    }

    /// What an answer says.
    ///
    /// # Errors
    /// Class *unreadable*, or that the read is not done.
    pub fn read(&self, answer: &Answer) -> Result<WidgetReading, ReadError> {
        let kept = self.kept(answer)?;
        self.reading(&kept)
    }

    /// What an event says; nothing where it is none of the product's: one that meets no condition of
    /// the step, such as a heartbeat.
    pub fn event(&self, data: Vec<u8>) -> Option<Result<WidgetReading, ReadError>> {
        let max = self.driver.limits().body_bytes_max;
        let kept = match Answer::new(200, Vec::new(), data, max) {
            Ok(answer) => self.kept(&answer),
            Err(broken) => Err(ReadError::Response(broken)),
        };
        match kept {
            Err(ReadError::NotDone { .. }) => None,
            kept => Some(kept.and_then(|kept| self.reading(&kept))),
        }
    }

    fn step(&self) -> &Step {
        let steps = self.driver.file().steps(self.section).unwrap_or_default();
        steps.first().expect("`new` has put the first step together")
    }

    /// What is kept of an answer, once it is done.
    fn kept(&self, answer: &Answer) -> Result<KeptValues, ReadError> {
        let (driver, now) = (&*self.driver, Timestamp::now().wall);
        let mut jar = CookieJar::default();
        for cookie in answer.header_lines("set-cookie") {
            jar.take(cookie, driver.cookie_origin(&self.request), now);
        }
        let near = std::iter::once(&self.given).chain(self.places.iter().map(|kept| &**kept));
        let mut counters = Counters::default();
        let file = driver.file();
        let mut names = Names::new(near.collect(), Vec::new(), &file.vars, &mut counters);
        let cookie = |name: &str| jar.get(name, now).map(str::to_owned);
        match judge(self.step(), &file.http.general, Ok(answer), &cookie, &mut names) {
            Ok(StepOutcome::Done(kept)) => Ok(kept),
            Ok(outcome) => Err(driver.fault(&outcome, Some(answer))),
            Err(error) => Err(ReadError::Indeterminate(driver.masked(&error.to_string()))),
        }
    }

    fn reading(&self, kept: &KeptValues) -> Result<WidgetReading, ReadError> {
        let seen = self.driver.seen(&self.widget, kept)?;
        Ok(WidgetReading { seen, version: self.driver.version(kept) })
    }
}
