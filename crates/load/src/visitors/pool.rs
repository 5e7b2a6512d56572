//! Connections and who waits for one. A visitor takes the connection that was used last; where none
//! is idle another one is opened, and where there are as many as may be the visitor waits in line.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use tokio::sync::watch;

use super::acknowledged::{self, AcknowledgedMessages, KeptMessage};
use super::dialer::Dialer;
use super::queries::{WidgetQueries, WidgetQuery};
use super::settings::Visitors;
use crate::clock::{Micros, micros};
use crate::context::RunContext;
use crate::observation::SessionId;
use crate::outages::{NO_CONNECTION_FREE, UNANSWERED_AT_END};
use crate::plan::{Arrival, VisitorAction, VisitorKind, WidgetIndex};
use crate::tally::{CallTiming, MESSAGE, WIDGET};

/// The deadline of what has none, and is not waited for any longer only once all is given up.
pub const NO_DEADLINE: Micros = Micros::MAX - 1;

/// All that the tasks of the visitors share; they run on one thread.
pub struct VisitorPool {
    /// The visitors, as they were sent off.
    pub visitors: Visitors,
    /// What opens connections to the target.
    pub dialer: Dialer,
    /// How long an exchange may take, in microseconds, before it counts as timed out.
    pub timeout: Micros,
    /// Turns true when the streams are to be closed.
    pub closing: watch::Sender<bool>,
    /// The messages that were acknowledged.
    pub messages: Rc<RefCell<AcknowledgedMessages>>,
    body_bytes_max: usize,
    queries: RefCell<WidgetQueries>,
    slots: RefCell<Vec<Rc<ConnectionSlot>>>,
    /// Slots in which no task is.
    vacant: RefCell<Vec<Rc<ConnectionSlot>>>,
    /// Slots whose connection waits for a request, the one used last at the end.
    idle: RefCell<Vec<Rc<ConnectionSlot>>>,
    waiting: RefCell<VecDeque<Arrival>>,
    streams: Cell<SessionId>,
    /// Visitors who have arrived, and are not done.
    in_flight: Cell<usize>,
    /// Whether nobody is waited for any longer.
    has_given_up: Cell<bool>,
}

/// A visit that is over, in whatever way.
pub struct VisitResult {
    /// When it was to be made, was made, and was over.
    pub timing: CallTiming,
    /// What went wrong, in a word or two.
    pub outcome: Result<(), String>,
}

/// A place for a connection. Requests in it are made one after the other: it is one session.
pub struct ConnectionSlot {
    /// Its number, from which that of its session follows.
    pub number: usize,
    /// What its task is to do next.
    pub arrival: Cell<Option<Arrival>>,
    /// When what it does must be done.
    deadline: Cell<Micros>,
    waker: RefCell<Option<Waker>>,
}

impl ConnectionSlot {
    /// The task in it is the one to wake.
    pub fn keep(&self, waker: &Waker) {
        *self.waker.borrow_mut() = Some(waker.clone());
    }

    /// What is done now must be done at `deadline`; the task is woken then.
    pub fn begin(&self, deadline: Micros) {
        self.deadline.set(deadline);
    }

    /// What was begun is done: no deadline any more.
    pub fn end(&self) {
        self.deadline.set(Micros::MAX);
    }

    /// Whether something is done that has a deadline.
    fn is_busy(&self) -> bool {
        self.deadline.get() != Micros::MAX
    }

    /// Whether it should have been done by now: once the deadline was found to have passed.
    pub fn is_late(&self) -> bool {
        self.deadline.get() == Micros::MIN
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}

impl VisitorPool {
    /// No connection is open yet.
    pub fn new(visitors: Visitors, dialer: Dialer) -> Self {
        let queries = WidgetQueries::new(visitors.run.clone());
        let timeout = micros(visitors.timeout);
        let body_bytes_max = visitors.run.service.driver().file().http.body_bytes_max;
        Self {
            visitors,
            dialer,
            timeout,
            closing: watch::channel(false).0,
            messages: Rc::default(),
            body_bytes_max,
            queries: RefCell::new(queries),
            slots: RefCell::default(),
            vacant: RefCell::default(),
            idle: RefCell::default(),
            waiting: RefCell::default(),
            streams: Cell::new(0),
            in_flight: Cell::new(0),
            has_given_up: Cell::new(false),
        }
    }

    /// The run in which visitors arrive.
    pub fn run(&self) -> &RunContext {
        &self.visitors.run
    }

    /// How far the run is.
    pub fn now(&self) -> Micros {
        self.run().clock.now()
    }

    /// What a kind of visitor asks of a widget.
    pub fn query(&self, widget: WidgetIndex, visitor: VisitorKind) -> Rc<WidgetQuery> {
        self.queries.borrow_mut().get(widget, visitor)
    }

    /// How many bytes of an answer are read at most.
    pub fn body_bytes_max(&self) -> usize {
        self.body_bytes_max
    }

    /// A message was acknowledged.
    pub fn kept(&self, message: KeptMessage) {
        let full = self.messages.borrow_mut().keep(self.run(), message);
        if let Some(property) = full {
            let looking =
                acknowledged::look(self.run().clone(), Rc::clone(&self.messages), property);
            tokio::task::spawn_local(looking);
        }
    }

    /// A number that no stream had yet.
    pub fn next_stream(&self) -> SessionId {
        self.streams.set(self.streams.get() + 1);
        self.streams.get()
    }

    /// A visitor is here. Returns a slot in which a task has to be started, if need be.
    pub fn arrive(&self, arrival: Arrival) -> Option<Rc<ConnectionSlot>> {
        self.in_flight.set(self.in_flight.get() + 1);
        if let Some(slot) = self.idle.borrow_mut().pop() {
            slot.arrival.set(Some(arrival));
            slot.wake();
            return None;
        }
        let slot = self.vacant.borrow_mut().pop().or_else(|| self.another_slot());
        match &slot {
            Some(slot) => slot.arrival.set(Some(arrival)),
            None => self.waiting.borrow_mut().push_back(arrival),
        }
        slot
    }

    fn another_slot(&self) -> Option<Rc<ConnectionSlot>> {
        let mut slots = self.slots.borrow_mut();
        (slots.len() < self.visitors.connections_max).then(|| {
            let slot = Rc::new(ConnectionSlot {
                number: slots.len(),
                arrival: Cell::new(None),
                deadline: Cell::new(Micros::MAX),
                waker: RefCell::new(None),
            });
            slots.push(slot.clone());
            slot
        })
    }

    /// The visitor who has waited longest, if any waits.
    pub fn next_in_line(&self) -> Option<Arrival> {
        self.waiting.borrow_mut().pop_front()
    }

    /// The connection in a slot waits for a request.
    pub fn rest(&self, slot: &Rc<ConnectionSlot>) {
        self.idle.borrow_mut().push(slot.clone());
    }

    /// The connection in a slot is over while it waited.
    pub fn take_from_idle(&self, slot: &Rc<ConnectionSlot>) {
        self.idle.borrow_mut().retain(|other| !Rc::ptr_eq(other, slot));
    }

    /// The task in a slot ends.
    pub fn leave(&self, slot: &Rc<ConnectionSlot>) {
        *slot.waker.borrow_mut() = None;
        self.vacant.borrow_mut().push(slot.clone());
    }

    /// A visitor is done, in whatever way.
    pub fn done(&self) {
        self.in_flight.set(self.in_flight.get() - 1);
    }

    /// How many visitors have arrived, and are not done.
    pub fn in_flight(&self) -> usize {
        self.in_flight.get()
    }

    /// Wakes the tasks whose request is over time, and sends away who has waited in line for as
    /// long; to be called now and then.
    pub fn look_for_late(&self) {
        let now = self.now();
        for slot in self.slots.borrow().iter() {
            if slot.deadline.get() <= now {
                slot.deadline.set(Micros::MIN);
                slot.wake();
            }
        }
        let mut waiting = self.waiting.borrow_mut();
        while let Some(first) = waiting.front()
            && first.at + self.timeout <= now
        {
            let first = *first;
            waiting.pop_front();
            self.was_not_sent(first, NO_CONNECTION_FREE);
        }
    }

    /// What becomes of a visit that was not sent, or of which that is not known.
    pub fn unsent(&self, arrival: &Arrival, outcome: Result<(), String>) -> VisitResult {
        let intended = arrival.at;
        let timing = CallTiming { intended, sent: intended, answered: self.now() };
        VisitResult { timing, outcome }
    }

    fn was_not_sent(&self, Arrival { at: intended, what, .. }: Arrival, why: &str) {
        let timing = CallTiming { intended, sent: intended, answered: self.now() };
        self.run().tally.call(operation(what), timing, Err(why));
        self.done();
    }

    /// Nobody is waited for any longer: whoever waits in line was not sent, and the requests that are
    /// on their way count as unanswered.
    pub fn give_up(&self) {
        self.has_given_up.set(true);
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        waiting.into_iter().for_each(|arrival| self.was_not_sent(arrival, UNANSWERED_AT_END));
        for slot in self.slots.borrow().iter().filter(|slot| slot.is_busy()) {
            slot.deadline.set(Micros::MIN);
            slot.wake();
        }
    }

    /// What a request that is over time died of.
    pub fn late_word(&self) -> &'static str {
        if self.has_given_up.get() { UNANSWERED_AT_END } else { "timed out" }
    }

    /// Sends all away who wait, for the run is over; they were never sent.
    pub fn close_all(&self) {
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        waiting.iter().for_each(|_| self.done());
    }

    /// A connection was opened.
    pub fn opened(&self) {
        self.run().tally.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection is over.
    pub fn over(&self) {
        self.run().tally.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The operation as which a visit is counted.
pub fn operation(visit: VisitorAction) -> &'static str {
    match visit {
        VisitorAction::Look => WIDGET,
        VisitorAction::Message => MESSAGE,
    }
}
