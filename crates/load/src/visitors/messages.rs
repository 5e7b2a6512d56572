//! What visitors leave, and whether all of it is there in the end (rule C2).

use std::collections::BTreeMap;
use std::time::Duration;

use super::dialer::Dialer;
use super::http::{HttpConnection, PreparedCall};
use super::{KeptMessage, Visitors, runtime};
use crate::figures::counted;
use crate::history::Record;
use crate::observation::{Observation, Observed, SessionId};
use crate::patience::Patience;
use crate::plan::{PropertyIndex, RequestId, RunPlan};
use crate::product::LeftMessage;

/// The session that looks for messages: none of a connection, a stream or a socket.
const SESSION: SessionId = 1 << 62;
/// Pages that are read of one property at most.
const PAGES_MAX: usize = 1_000_000;

/// A message unlike any other: of this run, with this number.
pub fn message(plan: &RunPlan, number: u64) -> LeftMessage {
    let RunPlan { prefix, start, .. } = plan;
    LeftMessage {
        name: format!("{prefix}visitor {number}"),
        email: format!("visitor-{number}@example.com"),
        message: format!("{prefix}message {number} of the run of {start}"),
    }
}

/// What came of looking for messages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MessagesLookedFor {
    /// How many were looked for.
    pub looked_for: u64,
    /// How many were not, for the messages of their properties could not be read.
    pub unknown: u64,
    /// How many properties those are.
    pub properties: u64,
    /// The first of them, and what went wrong there, in a sentence.
    pub why: String,
}

impl MessagesLookedFor {
    /// None was looked for.
    pub fn none(unknown: u64, why: &str) -> Self {
        Self { unknown, why: why.to_owned(), ..Self::default() }
    }

    /// What could not be looked at, in a line; `None` where all was.
    pub fn unfinished(&self) -> Option<String> {
        let Self { looked_for, unknown, properties, why } = self;
        let all = looked_for + unknown;
        (*unknown > 0).then(|| {
            let of = match properties {
                0 => String::new(),
                1 => ", at 1 property".to_owned(),
                many => format!(", at {many} properties"),
            };
            format!(
                "of {} that were acknowledged {unknown} could not be looked for{of}: {why}",
                counted(all, "message")
            )
        })
    }

    fn miss(&mut self, messages: usize, why: impl FnOnce() -> String) {
        if self.properties == 0 {
            self.why = why();
        }
        self.properties += 1;
        self.unknown += messages as u64;
    }
}

/// Looks, when all visitors are done, whether every message that was acknowledged is there, once
/// and as it was left; what is not is recorded as seen to be missing. A target that does not say is
/// not waited for beyond the patience that there is, but for what is `kept` of it.
pub fn check_messages(
    visitors: &Visitors,
    messages: &[KeptMessage],
    patience: &mut Patience,
    kept: Duration,
) -> MessagesLookedFor {
    let plan = &visitors.run.plan;
    let mut by_property: BTreeMap<PropertyIndex, Vec<KeptMessage>> = BTreeMap::new();
    for message in messages {
        let property = plan.widgets[message.widget as usize].property;
        by_property.entry(property).or_default().push(*message);
    }
    let machine = |error: &dyn std::fmt::Display| {
        MessagesLookedFor::none(messages.len() as u64, &error.to_string())
    };
    let dialer = match visitors.dialer() {
        Ok(dialer) => dialer,
        Err(error) => return machine(&error),
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return machine(&error),
    };
    let mut reader = MessageReader { visitors, dialer, connection: None };
    let mut came = MessagesLookedFor::default();
    for (property, left) in by_property {
        let name = &plan.properties[property as usize].name;
        // The deadline is set in the runtime in which it passes.
        let read = runtime.block_on(async { patience.wait(kept, reader.messages(name)).await });
        match read {
            Some(Ok(there)) => {
                came.looked_for += left.len() as u64;
                compare(visitors, property, &left, &there);
            }
            Some(Err(why)) => came.miss(left.len(), || format!("those of `{name}`: {why}")),
            None => {
                // What is half read on it would be taken for the next answer.
                reader.connection = None;
                came.miss(left.len(), || format!("those of `{name}`: the target does not answer"));
            }
        }
    }
    came
}

/// Records what is not there, or not as it was left.
fn compare(
    visitors: &Visitors,
    property: PropertyIndex,
    kept: &[KeptMessage],
    there: &[LeftMessage],
) {
    let mut by_text: BTreeMap<&str, Vec<&LeftMessage>> = BTreeMap::new();
    for said in there {
        by_text.entry(&said.message).or_default().push(said);
    }
    for KeptMessage { number, at, .. } in kept {
        let left = message(&visitors.run.plan, *number);
        let why = match by_text.get(left.message.as_str()).map(Vec::as_slice) {
            None => Some("it is not there".to_owned()),
            Some([said]) if **said == left => None,
            Some([said]) => Some(format!(
                "it is there as of {} <{}>, not of {} <{}>",
                said.name, said.email, left.name, left.email
            )),
            Some(several) => Some(format!("it is there {} times", several.len())),
        };
        visitors.run.tally.looked_for_message(*at, why.is_some());
        let Some(why) = why else { continue };
        let at = visitors.run.clock.now();
        visitors.run.history.record(Record::Observed(Observation {
            property,
            session: SESSION,
            invoked: at,
            returned: at,
            version: None,
            seen: Observed::MissingMessage { text: left.message.into(), why: why.into() },
            request: Some(RequestId::Visit(*number)),
            exchange: None,
        }));
    }
}

/// Reads pages.
struct MessageReader<'v> {
    visitors: &'v Visitors,
    dialer: Dialer,
    connection: Option<HttpConnection>,
}

impl MessageReader<'_> {
    async fn messages(&mut self, property: &str) -> Result<Vec<LeftMessage>, String> {
        let product = &self.visitors.run.product;
        let mut messages = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let mut call = product.messages(property, after.as_deref());
            call.bearer.get_or_insert_with(|| self.visitors.run.host.admin_key().to_owned());
            let call = PreparedCall::new(call).ok_or("a call that HTTP does not allow")?;
            let answered = self.page(&call).await?;
            let (page, next) =
                product.read_messages(&answered).map_err(|error| error.to_string())?;
            messages.extend(page);
            match next {
                Some(next) => after = Some(next),
                None => return Ok(messages),
            }
        }
        Err("its pages have no end".to_owned())
    }

    /// A page, on the connection that is open or on another one.
    async fn page(&mut self, call: &PreparedCall) -> Result<hyper::body::Bytes, String> {
        let mut why = String::new();
        for _ in 0..3 {
            let exchange = async {
                let connection = match &mut self.connection {
                    Some(open) if !open.is_over() => open,
                    none => none.insert(HttpConnection::new(self.dialer.connect().await?).await?),
                };
                connection.exchange(call.request(&self.dialer.name, None), || ()).await
            };
            match tokio::time::timeout(self.visitors.timeout, exchange).await {
                Ok(Ok(answered)) if answered.status.is_success() => return Ok(answered.body),
                Ok(Ok(answered)) => return Err(format!("it answers {}", answered.status)),
                Ok(Err(failure)) => why = failure.word,
                Err(_) => why = "timed out".to_owned(),
            }
            self.connection = None;
        }
        Err(why)
    }
}
