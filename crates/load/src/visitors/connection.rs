//! The task of one connection: it makes one request after the other, and notes what came back.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::asks::Ask;
use super::messages;
use super::pool::{Pool, Slot, operation};
use super::wire::{Answered, Came, Failure, Line, Prepared};
use super::{CONNECTIONS_FROM, Kept, UNREADABLE, Visitors};
use crate::notes::{Note, Reader};
use crate::plan::{Arrival, Visit};
use crate::tally::Timing;

/// Makes the requests of a slot until its connection is over and nobody waits.
pub async fn attend(pool: Rc<Pool>, slot: Rc<Slot>) {
    poll_fn(|cx| {
        slot.keep(cx.waker());
        Poll::Ready(())
    })
    .await;
    let mut open = Open { line: None, pool: &pool };
    loop {
        while let Some(arrival) = slot.arrival.take().or_else(|| pool.next_in_line()) {
            visit(&pool, &slot, &mut open, arrival).await;
            pool.done();
        }
        if open.line.as_ref().is_none_or(Line::is_over) {
            break;
        }
        pool.rest(&slot);
        rest(&slot, &mut open).await;
        if open.line.is_none() {
            pool.unrest(&slot);
        }
    }
    drop(open);
    pool.leave(&slot);
}

/// The connection of a slot, counted for as long as it is open.
struct Open<'p> {
    line: Option<Line>,
    pool: &'p Pool,
}

impl Open<'_> {
    fn put(&mut self, line: Line) -> &mut Line {
        self.close();
        self.pool.opened();
        self.line.insert(line)
    }

    fn close(&mut self) {
        if self.line.take().is_some() {
            self.pool.over();
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.close();
    }
}

/// Waits until there is something to do, or the connection is over.
async fn rest(slot: &Slot, open: &mut Open<'_>) {
    let Some(line) = &mut open.line else { return };
    let is_over = poll_fn(|cx| {
        if line.poll_idle(cx) {
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

/// One visitor's request, from the intended instant to the note of what came back.
async fn visit(pool: &Pool, slot: &Slot, open: &mut Open<'_>, arrival: Arrival) {
    let Arrival { at: intended, widget, visitor, what } = arrival;
    let ask = pool.ask(widget, visitor);
    let message;
    let call = match what {
        Visit::Look => ask.call.as_ref(),
        Visit::Message(number) => {
            let plan = &pool.visitors.plan;
            let text = messages::message(plan, number);
            let name = &plan.widgets[widget as usize].name;
            message = Prepared::new(pool.visitors.product.leave_message(name, &text));
            message.as_ref()
        }
    };
    let tally = &pool.visitors.tally;
    let sent = Cell::new(None);
    let outcome = match call {
        Some(call) => {
            slot.begin(pool.now().saturating_add(pool.timeout));
            let note_sent = || {
                let now = pool.now();
                if sent.replace(Some(now)).is_none() {
                    tally.sent(intended, now);
                }
            };
            let outcome = until_late(slot, answer(pool, open, call, &note_sent)).await;
            slot.end();
            outcome.unwrap_or_else(|| Err("timed out".to_owned()))
        }
        None => Err("a call that HTTP does not allow".to_owned()),
    };
    let answered = pool.now();
    if outcome.is_err() {
        // Whatever is still to come on it would be taken for the next one's.
        open.close();
    }
    let timing = Timing { intended, sent: sent.get().unwrap_or(intended), answered };
    let outcome = outcome.and_then(|answer| {
        tally.answered();
        read(pool, slot, &arrival, &ask, timing, &answer)
    });
    let outcome = outcome.as_ref().map_err(String::as_str).copied();
    tally.call(operation(what), timing, outcome);
}

/// What a future gives, unless the slot is over time before.
async fn until_late<F: Future>(slot: &Slot, future: F) -> Option<F::Output> {
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
    pool: &Pool,
    open: &mut Open<'_>,
    call: &Prepared,
    note_sent: &impl Fn(),
) -> Result<Answered, String> {
    if open.line.as_ref().is_some_and(Line::is_over) {
        open.close();
    }
    loop {
        let is_used = open.line.is_some();
        let line = match &mut open.line {
            Some(line) => line,
            None => {
                let stream = pool.way.connect().await.map_err(|failure| failure.word)?;
                open.put(Line::new(stream).await.map_err(|failure| failure.word)?)
            }
        };
        match line.exchange(call.request(&pool.way.name), note_sent).await {
            Ok(answered) => return Ok(answered),
            Err(Failure { came, .. }) if is_used && may_repeat(call, came) => open.close(),
            Err(Failure { word, .. }) => return Err(word),
        }
    }
}

/// Whether a call can be made once more although it may have been done.
fn may_repeat(call: &Prepared, came: Came) -> bool {
    match came {
        Came::Unsent => true,
        Came::Unanswered => call.is_read(),
        Came::Begun => false,
    }
}

/// Reads an answer and notes what it says.
fn read(
    pool: &Pool,
    slot: &Slot,
    arrival: &Arrival,
    ask: &Ask,
    timing: Timing,
    answer: &Answered,
) -> Result<(), String> {
    let Visitors { plan, product, notebook, .. } = &pool.visitors;
    let Arrival { widget, visitor, what, .. } = *arrival;
    if !answer.status.is_success() {
        return Err(answer.status.as_str().to_owned());
    }
    match what {
        Visit::Look => {
            let said = product.read_widget(&answer.body).map_err(|_| UNREADABLE.to_owned())?;
            let said = said.said(ask.beside(plan, widget, &said));
            let reader = CONNECTIONS_FROM + slot.number as Reader;
            let Timing { sent, answered, .. } = timing;
            notebook.put(Note::Read { widget, visitor, reader, sent, answered, said });
        }
        Visit::Message(number) => {
            let kept = Kept { widget, number };
            let property = plan.widgets[widget as usize].property;
            let text = messages::message(plan, number).message.into();
            notebook.put(Note::MessageKept { property, at: timing.answered, text });
            pool.kept.borrow_mut().push(kept);
        }
    }
    Ok(())
}
