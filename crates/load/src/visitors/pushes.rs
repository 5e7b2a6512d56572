//! What is pushed to a visitor who watches, recorded for the judge; and watching as the driver does it,
//! on a WebSocket or by whatever is not the same each time.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::HeaderMap;
use hyper::body::Bytes;

use super::pool::VisitorPool;
use super::queries::WidgetQuery;
use super::sessions::STREAMS_FROM;
use crate::clock::Micros;
use crate::error_labels;
use crate::exchange::{Exchange, REQUEST_ID};
use crate::history::Record;
use crate::observation::{Delivery, Observation, Observed, SessionId, pushed_since};
use crate::plan::{RequestId, StreamWatch};
use crate::tally::{CallTiming, EVENTS};
use lamplighter_target::driver::{ReadError, Widget, WidgetReading};

/// The status with which a WebSocket begins.
const SWITCHING: u16 = 101;

/// A stream for as long as it lives, from its being asked for.
pub struct OpenStream<'p> {
    pool: &'p VisitorPool,
    watch: &'p StreamWatch,
    session: SessionId,
    is_slow: bool,
    is_counted: bool,
    sent: Micros,
    /// When the last event came; before the first, when the stream was asked for.
    last: Micros,
}

impl Drop for OpenStream<'_> {
    fn drop(&mut self) {
        if self.is_counted {
            self.pool.run().tally.streams.fetch_sub(1, Ordering::Relaxed);
        }
        let closed = Record::StreamClosed { session: self.session, at: self.pool.now() };
        self.pool.run().history.record(closed);
    }
}

impl<'p> OpenStream<'p> {
    /// It is asked for now.
    pub fn asked(pool: &'p VisitorPool, watch: &'p StreamWatch, is_slow: bool) -> Self {
        let session = STREAMS_FROM + pool.next_stream();
        let sent = pool.now();
        let StreamWatch { widget, visitor, .. } = *watch;
        let opened = Record::StreamOpened { session, widget, visitor, at: sent, is_slow };
        pool.run().history.record(opened);
        Self { pool, watch, session, is_slow, is_counted: false, sent, last: sent }
    }

    /// What all visitors share.
    pub fn pool(&self) -> &'p VisitorPool {
        self.pool
    }

    /// It is open since this moment.
    pub fn opened(&mut self, intended: Micros) {
        let timing = CallTiming { intended, sent: self.sent, answered: self.pool.now() };
        self.pool.run().tally.call(EVENTS, timing, Ok(()));
        self.pool.run().tally.streams.fetch_add(1, Ordering::Relaxed);
        self.is_counted = true;
    }

    /// Something was pushed; what cannot be read counts as an error.
    pub fn event(
        &mut self,
        query: &WidgetQuery,
        (read, exchange): (Result<WidgetReading, ReadError>, Option<Exchange>),
        id: RequestId,
        returned: Micros,
    ) {
        let run = self.pool.run();
        let WidgetReading { seen, version } = match read {
            Ok(reading) => reading,
            Err(fault) => {
                let why = error_labels::of_fault(&fault);
                return run.tally.error(EVENTS, returned, &why);
            }
        };
        run.history.record(Record::Observed(Observation {
            property: run.plan.widgets[self.watch.widget as usize].property,
            session: self.session,
            invoked: pushed_since(self.last, returned, self.is_slow),
            returned,
            version,
            seen: Observed::Widget(query.expected.seen(run, Delivery::Pushed, &seen)),
            request: Some(id),
            exchange: exchange.map(Arc::new),
        }));
        self.last = returned;
    }
}

/// Somebody who listens as the driver does it.
#[derive(Clone, Copy)]
pub struct Subscription<'l> {
    /// Which widget is watched, by which kind of visitor, from when to when.
    pub watch: &'l StreamWatch,
    /// What must be shown.
    pub query: &'l WidgetQuery,
    /// The widget as it stands on the service.
    pub widget: &'l Widget,
    /// The request by which it is opened.
    pub id: RequestId,
}

/// Listens to what a widget tells until that ends; why it did.
pub async fn listen(pool: &VisitorPool, listening: Subscription<'_>, intended: Micros) -> String {
    let Subscription { watch, query, widget, id } = listening;
    let run = pool.run();
    let driver = run.service.driver();
    let visitor = &run.plan.visitors[usize::from(watch.visitor)];
    let named = run.plan.request_id(id);
    // Nobody is slow here: what waits to be taken is kept by this machine.
    let mut open = OpenStream::asked(pool, watch, false);
    let listened = driver.listen(widget, visitor, Some((REQUEST_ID, &named))).await;
    let mut pushes = match listened {
        Ok(pushes) => pushes,
        Err(error) => return error_labels::of_error(driver, &error),
    };
    if pushes.opened().await {
        open.opened(intended);
    }
    let (request, headers) = (pushes.request().cloned(), Arc::new(HeaderMap::new()));
    while let Some(pushed) = pushes.next().await {
        let returned = run.clock.micros_of(pushed.got.monotonic);
        let read = pushed.what.map(|seen| WidgetReading { seen, version: pushed.version });
        let (read, data) = match (read, pushed.data) {
            (Err(fault), None) => return error_labels::of_fault(&fault),
            (read, data) => (read, data.unwrap_or_default()),
        };
        let exchange = request.clone().map(|request| Exchange {
            driver: Arc::clone(driver),
            request,
            status: SWITCHING,
            headers: Arc::clone(&headers),
            body: Bytes::from(data),
        });
        open.event(query, (read, exchange), id, returned);
    }
    "ended by itself".to_owned()
}
