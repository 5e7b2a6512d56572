//! A list of steps, one after the other (rules T4, T5, T12, T16, T17 of target files).

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use lamplighter_core::model::Instant;
use tokio::time::sleep;

use super::call::{Call, CompletedCall, is_official, names_of};
use super::client::HttpClient;
use super::error::{RunError, indeterminate_cause};
use super::pool::Limits;
use super::session::Session;
use super::shared::Driver;
use super::shared_names::SharedNames;
use crate::file::answer::Answer;
use crate::file::hours::HoursCall;
use crate::file::outcome::StepOutcome;
use crate::file::request::Request;
use crate::file::section::{Caller, Repeat, Scope, Section};
use crate::file::step::Step;
use crate::file::template::KeptValues;
use crate::timestamp::Timestamp;

/// How often a call that must be done goes out again where the service has no time for it.
const AGAIN_MAX: u32 = 5;
/// The pause before the first of them; each further one is twice as long.
const AGAIN_AFTER: Duration = Duration::from_millis(250);

/// About whom a list of steps is.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// By made names, for messages.
    pub whom: String,
    /// What was kept with it.
    pub places: Vec<(Scope, Arc<SharedNames>)>,
}

impl Subject {
    /// Somebody or something, with what was kept with it and with what it belongs to.
    pub fn new<const N: usize>(
        whom: impl Into<String>,
        places: [(Scope, &Arc<SharedNames>); N],
    ) -> Self {
        let places = places.into_iter().map(|(scope, place)| (scope, Arc::clone(place)));
        Self { whom: whom.into(), places: places.collect() }
    }

    fn place(&self, scope: Scope) -> Option<&Arc<SharedNames>> {
        self.places.iter().find(|(other, _)| *other == scope).map(|(_, place)| place)
    }
}

/// An agent in one property, for steps that are repeated for each (T17).
#[derive(Clone, Debug)]
pub struct Membership {
    /// The agent in it.
    pub member: Arc<SharedNames>,
    /// The property.
    pub property: Arc<SharedNames>,
}

/// What stands around a list of steps this time.
#[derive(Default)]
pub struct StepsContext<'a> {
    /// About whom it is.
    pub subject: Subject,
    /// The device that calls, in `[device]`.
    pub device: Option<&'a Session>,
    /// Names that Lamplighter gives for this list alone.
    pub given: KeptValues,
    /// Where the device's calls go and how long they may take, where that is not as ever: a hold; and
    /// whoever's, where a team is read.
    pub over: Option<(&'a dyn HttpClient, Option<Limits>)>,
    /// For what steps `for = "property"` are repeated.
    pub memberships: &'a [Membership],
    /// The calls of `[hours]`, in place of the section's steps.
    pub hours: Option<Vec<HoursCall<'a>>>,
    /// Is told when a call goes out.
    pub wrote: Option<&'a (dyn Fn(Timestamp) + Sync)>,
    /// A header that comes on top of the file's.
    pub header: Option<(&'a str, &'a str)>,
}

/// A list of steps that came to its end, or stopped.
#[derive(Debug)]
pub struct StepsResult {
    /// Of the whole list; with what the list kept.
    pub outcome: StepOutcome,
    /// The last call as it went out.
    pub asked: Option<Request>,
    /// The answer to the last call, where one came whole.
    pub last: Option<Answer>,
    /// Why an adapter refuses, in its words.
    pub said: Option<String>,
    /// A moment before the first call went out.
    pub sent: Timestamp,
    /// A moment after the last answer was there.
    pub answered: Timestamp,
}

impl StepsResult {
    /// Whether everything was done.
    pub fn is_done(&self) -> bool {
        matches!(self.outcome, StepOutcome::Done(_))
    }

    /// `refused`, `gone`, or why nobody knows.
    pub fn why_not(&self) -> String {
        match &self.said {
            Some(said) => format!("refused ({said})"),
            None => why_not(&self.outcome, self.last.as_ref()),
        }
    }

    /// The HTTP status of the last answer; `None` where none came whole.
    pub fn status(&self) -> Option<u16> {
        self.last.as_ref().map(Answer::status)
    }

    /// What the last answer's `Date` says, true to a second.
    pub fn date(&self) -> Option<Instant> {
        let date = self.last.as_ref()?.header("date")?;
        let at = DateTime::parse_from_rfc2822(&date).ok()?;
        Instant::from_millis(at.timestamp_millis())
    }
}

/// What an outcome is, with the status of what was answered: `refused (status 403)`.
pub fn why_not(outcome: &StepOutcome, last: Option<&Answer>) -> String {
    match (outcome, last) {
        (StepOutcome::Done(_), _) => "done".to_owned(),
        (StepOutcome::Refused, Some(answer)) => format!("refused (status {})", answer.status()),
        (StepOutcome::Refused, None) => "refused".to_owned(),
        (StepOutcome::Gone, _) => "gone".to_owned(),
        (StepOutcome::Unknown(doubt), last) => indeterminate_cause(last, doubt),
    }
}

/// A step with what is nearer this time.
pub struct BoundStep<'a> {
    number: usize,
    /// The step, as it stands in the file.
    pub step: &'a Step,
    names: Option<&'a KeptValues>,
    membership: Option<&'a Membership>,
}

impl Driver {
    /// Does the steps of a section; nothing where it has none.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub(super) async fn perform(
        &self,
        section: Section,
        context: &StepsContext<'_>,
    ) -> Result<StepsResult, RunError> {
        self.perform_with(section, context, 0).await
    }

    /// The same; a call that the service has no time for goes out again, so often at most.
    async fn perform_with(
        &self,
        section: Section,
        context: &StepsContext<'_>,
        again_max: u32,
    ) -> Result<StepsResult, RunError> {
        if self.is_by_adapter(section) {
            return Box::pin(self.perform_by_adapter(section, context)).await;
        }
        let visitor = Session::new(SharedNames::of(KeptValues::new()), self.visitors.clone());
        let began = Timestamp::now();
        let mut list = KeptValues::new();
        let mut before: Vec<&Step> = Vec::new();
        let mut over = StepsResult {
            outcome: StepOutcome::Done(KeptValues::new()),
            asked: None,
            last: None,
            said: None,
            sent: began,
            answered: began,
        };
        let mut given = context.given.clone();
        for (place, planned) in self.plan(section, context).into_iter().enumerate() {
            given.put("now", now_text(self.now()));
            let mut called =
                self.officially(section, &planned, context, (&list, &given), &visitor).await?;
            for again in 0..again_max {
                if !called.is_busy() {
                    break;
                }
                sleep(AGAIN_AFTER * 2_u32.pow(again)).await;
                called =
                    self.officially(section, &planned, context, (&list, &given), &visitor).await?;
            }
            if place == 0 {
                over.sent = called.sent;
            }
            over.answered = called.answered;
            (over.asked, over.last) = (Some(called.request), called.answer);
            match called.outcome {
                StepOutcome::Done(kept) => {
                    if let Some(place) = self.place(section.keeps(), context) {
                        place.take(&kept);
                    }
                    list.take(kept);
                }
                stopped => {
                    over.outcome = stopped.behind(&before);
                    return Ok(over);
                }
            }
            before.push(planned.step);
        }
        over.outcome = StepOutcome::Done(list);
        Ok(over)
    }

    /// The same; a call that the service has no time for goes out again a few times.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub(super) async fn perform_patiently(
        &self,
        section: Section,
        context: &StepsContext<'_>,
    ) -> Result<StepsResult, RunError> {
        self.perform_with(section, context, AGAIN_MAX).await
    }

    /// The same for what must be done, or nothing can be tested.
    ///
    /// # Errors
    /// When it is not.
    pub(super) async fn must(
        &self,
        section: Section,
        context: &StepsContext<'_>,
    ) -> Result<StepsResult, RunError> {
        let performed = self.perform_patiently(section, context).await?;
        if performed.is_done() {
            return Ok(performed);
        }
        let whom = Some(context.subject.whom.clone()).filter(|whom| !whom.is_empty());
        let what = self.masked(&performed.why_not());
        Err(RunError::NotDone { section: section.address(), what, whom })
    }

    fn plan<'t>(&'t self, section: Section, context: &'t StepsContext<'_>) -> Vec<BoundStep<'t>> {
        if let Some(calls) = &context.hours {
            let planned = |(place, call): (usize, &'t HoursCall<'_>)| BoundStep {
                number: place + 1,
                step: call.step,
                names: Some(&call.names),
                membership: None,
            };
            return calls.iter().enumerate().map(planned).collect();
        }
        let mut plan = Vec::new();
        for (place, step) in self.file().steps(section).unwrap_or_default().iter().enumerate() {
            let planned =
                |membership| BoundStep { number: place + 1, step, names: None, membership };
            match step.each {
                Some(Repeat::Property) => {
                    plan.extend(context.memberships.iter().map(Some).map(planned))
                }
                _ => plan.push(planned(None)),
            }
        }
        plan
    }

    /// Where a section's names stay.
    pub(super) fn place<'t>(
        &'t self,
        scope: Scope,
        context: &'t StepsContext<'_>,
    ) -> Option<&'t Arc<SharedNames>> {
        match scope {
            Scope::Admin => Some(&self.admin.session.place),
            Scope::Observer => self.observer.get().map(|observer| &observer.session.place),
            scope => context.subject.place(scope),
        }
    }

    /// One call, as whoever it is that calls is known here.
    pub(super) async fn once(
        &self,
        section: Section,
        planned: &BoundStep<'_>,
        context: &StepsContext<'_>,
        (list, given): (&KeptValues, &KeptValues),
        visitor: &Session,
    ) -> Result<CompletedCall, RunError> {
        let step = planned.step;
        let owner = section.owner(step.caller);
        let missing = || RunError::NotDone {
            section: section.address(),
            what: format!("called by the {}, and there is none", owner.word()),
            whom: None,
        };
        let session = match owner {
            Caller::Admin => &*self.admin.session,
            Caller::Observer => &*self.official(Caller::Observer)?.session,
            Caller::Device => context.device.ok_or_else(missing)?,
            Caller::Visitor => visitor,
        };
        let own_limits = || self.limits_of(section);
        let (pool, limits) = match (owner, context.over) {
            (Caller::Device, Some((pool, limits))) => (pool, limits.unwrap_or_else(own_limits)),
            (_, Some((pool, limits))) if section == Section::TeamRead => {
                (pool, limits.unwrap_or_else(own_limits))
            }
            _ => (&*session.pool, own_limits()),
        };
        let official = is_official(step.caller).then(|| self.official(step.caller)).transpose()?;
        let of_official =
            official.map(|one| names_of(&one.session, one.account.as_ref())).unwrap_or_default();
        let of_device: Vec<Arc<SharedNames>> = match step.caller {
            Caller::Device => [Scope::Device, Scope::Agent]
                .into_iter()
                .filter_map(|scope| context.subject.place(scope).cloned())
                .collect(),
            _ => Vec::new(),
        };
        let for_member =
            section == Section::TeamRead && context.subject.place(Scope::Member).is_some();
        let seen = section.sees(step.each, for_member).iter();
        let of_subject = seen.filter_map(|scope| match (scope, planned.membership) {
            (Scope::Member, Some(membership)) => Some(&membership.member),
            (Scope::Property, Some(membership)) => Some(&membership.property),
            (scope, _) => context.subject.place(*scope),
        });
        let places = of_subject.chain(&of_official).map(|place| &**place).collect();
        let near = std::iter::once(list).chain(planned.names).chain([given]).collect();
        let call = Call {
            section,
            number: planned.number,
            step,
            whom: &context.subject.whom,
            near,
            places,
            of_caller: of_device.iter().chain(&of_official).map(|place| &**place).collect(),
            session,
            pool,
            limits,
            header: context.header,
        };
        self.call(call, context.wrote.unwrap_or(&|_| {})).await
    }

    fn limits_of(&self, section: Section) -> Limits {
        let limits = self.limits();
        match section {
            // Years may pass for the service in one call.
            Section::ClockSet => {
                Limits { timeout: limits.timeout.max(self.file().http.hold_timeout), ..limits }
            }
            _ => limits,
        }
    }
}

/// `2026-03-09T13:55:00.000Z` (T20).
pub fn now_text(at: Instant) -> String {
    let millis = at.as_millis();
    let at = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
