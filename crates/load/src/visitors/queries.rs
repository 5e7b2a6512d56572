//! What visitors ask, prepared once for each widget and kind of visitor where it is the same each time,
//! and what their answers say.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::expected::Expected;
use super::http::{HttpAnswer, PreparedCall};
use crate::context::RunContext;
use crate::error_labels;
use crate::observation::{Delivery, WidgetSeen};
use crate::plan::{VisitorKind, WidgetIndex};
use lamplighter_target::driver::{PreparedRequest, Widget};
use lamplighter_target::file::answer::Answer;

/// What one kind of visitor asks of one widget, and what must be shown to them.
#[derive(Debug)]
pub struct WidgetQuery {
    /// What must be shown.
    pub expected: Expected,
    /// How it is read.
    pub read: RequestMethod,
    /// How it is listened to, once somebody does.
    push: OnceCell<RequestMethod>,
    /// The last answer that was read, and what it said.
    last: RefCell<Option<LastAnswer>>,
}

/// How something is asked for.
#[derive(Debug)]
pub enum RequestMethod {
    /// By a call that is the same each time, on the visitors' own connections.
    Sent(Box<RepeatedCall>),
    /// By the steps of the target file, each time anew.
    Followed(Widget),
    /// Not at all, and why.
    None(String),
}

/// A call that is the same each time.
#[derive(Debug)]
pub struct RepeatedCall {
    /// The call, and how its answers are read.
    pub prepared: PreparedRequest,
    /// The same as it is sent.
    pub call: PreparedCall,
    /// Whether two answers with the same body say the same.
    is_told_by_body: bool,
}

/// An answer that was read.
#[derive(Debug)]
struct LastAnswer {
    status: u16,
    /// Its Content-Type and Content-Encoding.
    kinds: [Option<HeaderValue>; 2],
    said: ReadAnswer,
}

/// What an answer says, with its body for evidence.
#[derive(Clone, Debug)]
pub struct ReadAnswer {
    /// The version that it knew, where the target's answers have one.
    pub version: Option<u64>,
    /// What it says of the widget.
    pub seen: WidgetSeen,
    /// Its body as it came.
    pub body: Bytes,
}

/// All of them, each prepared when it is first needed.
#[derive(Debug)]
pub struct WidgetQueries {
    run: RunContext,
    kinds: usize,
    queries: Vec<Option<Rc<WidgetQuery>>>,
}

impl WidgetQueries {
    /// Nothing is prepared yet.
    pub fn new(run: RunContext) -> Self {
        let kinds = run.plan.visitors.len();
        let mut queries = Vec::new();
        queries.resize_with(run.plan.widgets.len() * kinds, || None);
        Self { run, kinds, queries }
    }

    /// What a kind of visitor asks of a widget.
    pub fn get(&mut self, widget: WidgetIndex, visitor: VisitorKind) -> Rc<WidgetQuery> {
        let place = widget as usize * self.kinds + usize::from(visitor);
        let query = self.queries[place].get_or_insert_with(|| {
            let settings = &self.run.plan.widgets[widget as usize].settings;
            let looks = &self.run.plan.visitors[usize::from(visitor)];
            let driver = self.run.service.driver();
            let expected = Expected::new((widget, visitor), driver, settings, looks);
            let read = RequestMethod::to_read(&self.run, &expected);
            let (push, last) = (OnceCell::new(), RefCell::default());
            Rc::new(WidgetQuery { expected, read, push, last })
        });
        Rc::clone(query)
    }
}

impl RequestMethod {
    fn to_read(run: &RunContext, expected: &Expected) -> Self {
        Self::of(run, expected, |widget| {
            let looks = &run.plan.visitors[usize::from(expected.visitor)];
            run.service.driver().prepare_read(widget, looks)
        })
    }

    fn to_listen(run: &RunContext, expected: &Expected) -> Self {
        Self::of(run, expected, |widget| {
            let looks = &run.plan.visitors[usize::from(expected.visitor)];
            run.service.driver().prepare_stream(widget, looks)
        })
    }

    fn of(
        run: &RunContext,
        expected: &Expected,
        prepare: impl FnOnce(
            &Widget,
        )
            -> Result<Option<PreparedRequest>, lamplighter_target::driver::RunError>,
    ) -> Self {
        let driver = run.service.driver();
        let Some(widget) = run.service.widget(expected.widget) else {
            return Self::None("a widget that is not there".to_owned());
        };
        match prepare(widget) {
            Ok(None) => Self::Followed(widget.clone()),
            Ok(Some(prepared)) => match PreparedCall::of(prepared.request()) {
                Some(call) => {
                    let is_told_by_body = prepared.is_told_by_body();
                    Self::Sent(Box::new(RepeatedCall { prepared, call, is_told_by_body }))
                }
                None => Self::None("a call that HTTP does not allow".to_owned()),
            },
            Err(error) => Self::None(error_labels::of_error(driver, &error)),
        }
    }
}

impl WidgetQuery {
    /// How the widget is listened to.
    pub fn push(&self, run: &RunContext) -> &RequestMethod {
        self.push.get_or_init(|| RequestMethod::to_listen(run, &self.expected))
    }

    /// What an answer to the prepared read says. One that is the same as the last is not read again.
    ///
    /// # Errors
    /// What went wrong, in a word or two.
    pub fn said(
        &self,
        run: &RunContext,
        sent: &RepeatedCall,
        answer: &HttpAnswer,
    ) -> Result<ReadAnswer, String> {
        let HttpAnswer { status, headers, body } = answer;
        let status = status.as_u16();
        let kind = |name| headers.get(name);
        let kinds = [kind(CONTENT_TYPE), kind(CONTENT_ENCODING)];
        if sent.is_told_by_body
            && let Some(last) = &*self.last.borrow()
            && last.status == status
            && last.said.body == body
            && last.kinds.each_ref().map(Option::as_ref) == kinds
        {
            return Ok(last.said.clone());
        }
        let bytes_max = run.service.driver().file().http.body_bytes_max;
        // What nobody asks for is not made into texts.
        let is_asked = |name: &HeaderName| {
            !sent.is_told_by_body || [CONTENT_TYPE, CONTENT_ENCODING].contains(name)
        };
        let whole = Answer::new(status, told(headers, is_asked), body.to_vec(), bytes_max);
        let whole = whole.map_err(|broken| error_labels::of_broken(&broken))?;
        let reading = sent.prepared.read(&whole);
        let reading = reading.map_err(|fault| error_labels::of_fault(&fault))?;
        let said = ReadAnswer {
            version: reading.version,
            seen: self.expected.seen(run, Delivery::Polled, &reading.seen),
            // What is read from one connection lies together: a copy lets go of the rest.
            body: Bytes::copy_from_slice(body),
        };
        if sent.is_told_by_body {
            let kinds = kinds.map(Option::<&HeaderValue>::cloned);
            *self.last.borrow_mut() = Some(LastAnswer { status, kinds, said: said.clone() });
        }
        Ok(said)
    }
}

/// Some headers as texts.
fn told(headers: &HeaderMap, is_asked: impl Fn(&HeaderName) -> bool) -> Vec<(String, String)> {
    let asked = headers.iter().filter(|(name, _)| is_asked(name));
    let pair = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    asked.map(pair).collect()
}
