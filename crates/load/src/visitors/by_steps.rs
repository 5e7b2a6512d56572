//! Visits by the steps of the target file, one after the other, as the driver follows them: reads that
//! are not the same each time, reads of the team, and messages.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::acknowledged::{self, KeptMessage};
use super::pool::{VisitResult, VisitorPool};
use super::queries::WidgetQuery;
use crate::clock::Micros;
use crate::context::RunContext;
use crate::error_labels;
use crate::exchange::{Exchange, REQUEST_ID};
use crate::history::Record;
use crate::observation::{Delivery, Observation, Observed, SessionId};
use crate::plan::{Arrival, PropertyIndex, RequestId};
use crate::tally::CallTiming;
use lamplighter_target::driver::{Member, ReadOptions, Timestamp, Widget};

/// Nothing went out yet.
const UNSENT: Micros = Micros::MIN;

/// Tells when the first call of a visit goes out.
struct FirstCall<'p> {
    pool: &'p VisitorPool,
    intended: Micros,
    sent: AtomicI64,
    id: String,
}

impl<'p> FirstCall<'p> {
    fn new(pool: &'p VisitorPool, arrival: &Arrival) -> Self {
        let id = pool.run().plan.request_id(RequestId::Visit(arrival.number));
        Self { pool, intended: arrival.at, sent: AtomicI64::new(UNSENT), id }
    }

    /// The visit is over now.
    fn over(&self, outcome: Result<(), String>) -> VisitResult {
        let sent = match self.sent.load(Ordering::Relaxed) {
            UNSENT => self.intended,
            sent => sent,
        };
        let timing = CallTiming { intended: self.intended, sent, answered: self.pool.now() };
        VisitResult { timing, outcome }
    }
}

/// What is told of each call that goes out: the first one counts.
fn note<'n>(
    sent: &'n AtomicI64,
    clock: crate::clock::RunClock,
    tally: &'n crate::tally::Tally,
    intended: Micros,
) -> impl Fn(Timestamp) + Sync + 'n {
    move |at: Timestamp| {
        let at = clock.micros_of(at.monotonic);
        if sent.compare_exchange(UNSENT, at, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tally.sent(intended, at);
        }
    }
}

/// The members of a property whom its widget counts where it is folded: none who is suspended (rule P6).
fn active_members(run: &RunContext, property: PropertyIndex) -> Cow<'_, [Member]> {
    let (members, planned) =
        (run.service.members(property), &run.plan.properties[property as usize]);
    if planned.suspended.is_empty() {
        return Cow::Borrowed(members);
    }
    let active = planned.members.iter().zip(members);
    let active = active.filter(|(agent, _)| !planned.suspended.contains(agent));
    active.map(|(_, member)| member.clone()).collect()
}

/// A visitor looks at a widget.
pub async fn look(
    pool: &VisitorPool,
    session: SessionId,
    (query, widget): (&WidgetQuery, &Widget),
    arrival: &Arrival,
) -> VisitResult {
    let run = pool.run();
    let driver = run.service.driver();
    let sending = FirstCall::new(pool, arrival);
    let property = run.plan.widgets[arrival.widget as usize].property;
    let visitor = &run.plan.visitors[usize::from(arrival.visitor)];
    let wrote = note(&sending.sent, run.clock, &run.tally, arrival.at);
    let header = Some((REQUEST_ID, &*sending.id));
    let along = ReadOptions { header, wrote: Some(&wrote), ..ReadOptions::default() };
    let members = active_members(run, property);
    let read = match driver.read_widget_along(widget, &members, visitor, along).await {
        Ok(read) => read,
        Err(error) => return sending.over(Err(error_labels::of_error(driver, &error))),
    };
    // An adapter tells afterwards when it called.
    wrote(read.sent);
    let (asked, answer) = read.last;
    if answer.is_some() || read.what.is_ok() {
        run.tally.answered();
    }
    let seen = match read.what {
        Ok(seen) => seen,
        Err(fault) => return sending.over(Err(error_labels::of_fault(&fault))),
    };
    let exchange = asked.zip(answer).map(|(asked, answer)| Exchange::of(driver, asked, &answer));
    run.history.record(Record::Observed(Observation {
        property,
        session,
        invoked: run.clock.micros_of(read.sent.monotonic),
        returned: run.clock.micros_of(read.answered.monotonic),
        version: driver.version(&read.kept),
        seen: Observed::Widget(query.expected.seen(run, Delivery::Polled, &seen)),
        request: Some(RequestId::Visit(arrival.number)),
        exchange: exchange.map(Arc::new),
    }));
    sending.over(Ok(()))
}

/// A visitor leaves a message.
pub async fn leave(pool: &VisitorPool, arrival: &Arrival) -> VisitResult {
    let run = pool.run();
    let driver = run.service.driver();
    let sending = FirstCall::new(pool, arrival);
    let Some(widget) = run.service.widget(arrival.widget) else {
        return sending.over(Err("a widget that is not there".to_owned()));
    };
    let text = acknowledged::text(&run.plan, arrival.number);
    let wrote = note(&sending.sent, run.clock, &run.tally, arrival.at);
    let header = Some((REQUEST_ID, &*sending.id));
    let along = ReadOptions { header, wrote: Some(&wrote), ..ReadOptions::default() };
    let left = match driver.leave_message_along(widget, &text, along).await {
        Ok(left) => left,
        Err(error) => return sending.over(Err(error_labels::of_error(driver, &error))),
    };
    wrote(left.sent);
    if left.last.is_some() || left.is_done() {
        run.tally.answered();
    }
    if let Some(fault) = driver.why_undone(&left) {
        return sending.over(Err(error_labels::of_fault(&fault)));
    }
    let at = run.clock.micros_of(left.answered.monotonic);
    let property = run.plan.widgets[arrival.widget as usize].property;
    run.history.record(Record::MessageKept { property, at });
    pool.kept(KeptMessage::new(arrival.widget, arrival.number, at));
    sending.over(Ok(()))
}
