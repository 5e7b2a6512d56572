//! The task of one connection: it makes one request after the other, and records what came back.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use hyper::header::HeaderValue;

use super::by_steps;
use super::http::{ExchangeError, FailurePoint, HttpAnswer, HttpConnection, PreparedCall};
use super::pool::{ConnectionSlot, NO_DEADLINE, VisitResult, VisitorPool, operation};
use super::queries::{ReadAnswer, RepeatedCall, RequestMethod, WidgetQuery};
use super::sessions::CONNECTIONS_FROM;
use crate::context::RunContext;
use crate::exchange::Exchange;
use crate::history::Record;
use crate::observation::{Observation, Observed, SessionId};
use crate::outages::NO_TURN;
use crate::plan::{Arrival, RequestId, VisitorAction};
use crate::tally::CallTiming;

/// Makes the requests of a slot until its connection is over and nobody waits.
pub async fn attend(pool: Rc<VisitorPool>, slot: Rc<ConnectionSlot>) {
    poll_fn(|cx| {
        slot.keep(cx.waker());
        Poll::Ready(())
    })
    .await;
    let mut open = OpenConnection { connection: None, pool: &pool };
    loop {
        while let Some(arrival) = slot.arrival.take().or_else(|| pool.next_in_line()) {
            visit(&pool, &slot, &mut open, arrival).await;
            pool.done();
        }
        if open.connection.as_ref().is_none_or(HttpConnection::is_over) {
            break;
        }
        pool.rest(&slot);
        rest(&slot, &mut open).await;
        if open.connection.is_none() {
            pool.take_from_idle(&slot);
        }
    }
    drop(open);
    pool.leave(&slot);
}

/// The connection of a slot, counted for as long as it is open.
struct OpenConnection<'p> {
    connection: Option<HttpConnection>,
    pool: &'p VisitorPool,
}

impl OpenConnection<'_> {
    fn put(&mut self, connection: HttpConnection) -> &mut HttpConnection {
        self.close();
        self.pool.opened();
        self.connection.insert(connection)
    }

    fn close(&mut self) {
        if self.connection.take().is_some() {
            self.pool.over();
        }
    }
}

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.close();
    }
}

/// Waits until there is something to do, or the connection is over.
async fn rest(slot: &ConnectionSlot, open: &mut OpenConnection<'_>) {
    let Some(connection) = &mut open.connection else { return };
    let is_over = poll_fn(|cx| {
        if connection.poll_idle(cx) {
            return Poll::Ready(true);
        }
        let arrival = slot.arrival.take();
        let is_asked = arrival.is_some();
        slot.arrival.set(arrival);
        if is_asked { Poll::Ready(false) } else { Poll::Pending }
    })
    .await;
    if is_over {
        open.close();
    }
}

/// One visitor's request, from the intended instant to the record of what came back.
async fn visit(
    pool: &VisitorPool,
    slot: &ConnectionSlot,
    open: &mut OpenConnection<'_>,
    arrival: Arrival,
) {
    let query = pool.query(arrival.widget, arrival.visitor);
    let session = CONNECTIONS_FROM + slot.number as SessionId;
    let visited = match (arrival.what, &query.read) {
        (VisitorAction::Message, _) => {
            until_over(pool, slot, &arrival, by_steps::leave(pool, &arrival)).await
        }
        (VisitorAction::Look, RequestMethod::Sent(call)) => {
            look(pool, slot, open, (&query, call), &arrival).await
        }
        (VisitorAction::Look, RequestMethod::Followed(widget)) => {
            let looking = by_steps::look(pool, session, (&query, widget), &arrival);
            until_over(pool, slot, &arrival, looking).await
        }
        (VisitorAction::Look, RequestMethod::None(why)) => pool.unsent(&arrival, Err(why.clone())),
    };
    let VisitResult { timing, outcome } = visited;
    let outcome = outcome.as_ref().map_err(String::as_str).copied();
    pool.run().tally.call(operation(arrival.what), timing, outcome);
}

/// A visit that the driver brings to its end in its own time, unless nobody waits for it any longer.
async fn until_over(
    pool: &VisitorPool,
    slot: &ConnectionSlot,
    arrival: &Arrival,
    visiting: impl Future<Output = VisitResult>,
) -> VisitResult {
    slot.begin(NO_DEADLINE);
    let visited = until_late(slot, visiting).await;
    slot.end();
    visited.unwrap_or_else(|| pool.unsent(arrival, Err(pool.late_word().to_owned())))
}

/// A visitor looks at a widget by a call that is the same each time.
async fn look(
    pool: &VisitorPool,
    slot: &ConnectionSlot,
    open: &mut OpenConnection<'_>,
    (query, call): (&WidgetQuery, &RepeatedCall),
    arrival: &Arrival,
) -> VisitResult {
    let Arrival { at: intended, number, .. } = *arrival;
    slot.begin(NO_DEADLINE);
    let has_turn = until_late(slot, call.prepared.turn(pool.visitors.timeout)).await;
    slot.end();
    match has_turn {
        Some(true) => {}
        // The end of the run comes before it, too.
        Some(false) | None => return pool.unsent(arrival, Err(NO_TURN.to_owned())),
    }
    let tally = &pool.run().tally;
    let id = request_id(pool.run(), RequestId::Visit(number));
    let sent = Cell::new(None);
    slot.begin(pool.now().saturating_add(pool.timeout));
    let note_sent = || {
        let now = pool.now();
        if sent.replace(Some(now)).is_none() {
            tally.sent(intended, now);
        }
    };
    let answering = answer(pool, open, (&call.call, id.as_ref()), &note_sent);
    let outcome = until_late(slot, answering).await;
    slot.end();
    let outcome = outcome.unwrap_or_else(|| Err(pool.late_word().to_owned()));
    let answered = pool.now();
    if outcome.is_err() {
        // Whatever is still to come on it would be taken for the next one's.
        open.close();
    }
    let timing = CallTiming { intended, sent: sent.get().unwrap_or(intended), answered };
    let outcome = outcome.and_then(|answer| {
        tally.answered();
        read(pool, slot, (query, call), (arrival, timing), answer)
    });
    VisitResult { timing, outcome }
}

/// The id of a request as its header carries it; `None` where HTTP does not allow it.
pub fn request_id(run: &RunContext, id: RequestId) -> Option<HeaderValue> {
    HeaderValue::try_from(run.plan.request_id(id)).ok()
}

/// What a future gives, unless the slot is over time before.
async fn until_late<F: Future>(slot: &ConnectionSlot, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if slot.is_late() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Makes a call on the connection that is open, or on a new one. A service may close what idles at
/// any moment: where that comes to light by a request, it is made once more.
async fn answer(
    pool: &VisitorPool,
    open: &mut OpenConnection<'_>,
    (call, id): (&PreparedCall, Option<&HeaderValue>),
    note_sent: &impl Fn(),
) -> Result<HttpAnswer, String> {
    if open.connection.as_ref().is_some_and(HttpConnection::is_over) {
        open.close();
    }
    loop {
        let is_used = open.connection.is_some();
        let connection = match &mut open.connection {
            Some(connection) => connection,
            None => {
                let stream = pool.dialer.connect().await.map_err(|failure| failure.word)?;
                let opened = HttpConnection::new(stream).await.map_err(|failure| failure.word)?;
                open.put(opened.up_to(pool.body_bytes_max()))
            }
        };
        match connection.exchange(call.request(&pool.dialer.name, id), note_sent).await {
            Ok(answered) => return Ok(answered),
            Err(ExchangeError { point, .. }) if is_used && may_repeat(call, point) => open.close(),
            Err(ExchangeError { word, .. }) => return Err(word),
        }
    }
}

/// Whether a call can be made once more although it may have been done.
fn may_repeat(call: &PreparedCall, point: FailurePoint) -> bool {
    match point {
        FailurePoint::Unsent => true,
        FailurePoint::Unanswered => call.is_read(),
        FailurePoint::Begun => false,
    }
}

/// Reads an answer and records what it says.
fn read(
    pool: &VisitorPool,
    slot: &ConnectionSlot,
    (query, call): (&WidgetQuery, &RepeatedCall),
    (arrival, timing): (&Arrival, CallTiming),
    answer: HttpAnswer,
) -> Result<(), String> {
    let RunContext { plan, service, history, .. } = pool.run();
    let ReadAnswer { version, seen, body } = query.said(pool.run(), call, &answer)?;
    let exchange = Exchange {
        driver: Arc::clone(service.driver()),
        request: Arc::clone(call.prepared.request()),
        status: answer.status.as_u16(),
        headers: Arc::new(answer.headers),
        body,
    };
    history.record(Record::Observed(Observation {
        property: plan.widgets[arrival.widget as usize].property,
        session: CONNECTIONS_FROM + slot.number as SessionId,
        invoked: timing.sent,
        returned: timing.answered,
        version,
        seen: Observed::Widget(seen),
        request: Some(RequestId::Visit(arrival.number)),
        exchange: Some(Arc::new(exchange)),
    }));
    Ok(())
}
