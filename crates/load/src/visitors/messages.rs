//! What visitors leave, and whether all of it is there in the end (rule C2).

use std::collections::BTreeMap;

use thiserror::Error;

use super::dialer::Dialer;
use super::http::{HttpConnection, PreparedCall};
use super::{KeptMessage, Visitors, runtime};
use crate::history::Record;
use crate::observation::{Observation, Observed, SessionId};
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

/// The messages of a property cannot be looked at.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("the messages of `{property}` cannot be read: {why}")]
pub struct CheckError {
    /// The property whose messages they are; `all` where none could be read.
    pub property: String,
    /// What went wrong, in a sentence.
    pub why: String,
}

/// Looks, when all visitors are done, whether every message that was acknowledged is there, once
/// and as it was left; what is not is recorded as seen to be missing. How many were looked for is
/// returned.
///
/// # Errors
/// When a property's messages cannot be read.
pub fn check_messages(visitors: &Visitors, kept: &[KeptMessage]) -> Result<u64, CheckError> {
    let plan = &visitors.run.plan;
    let mut by_property: BTreeMap<PropertyIndex, Vec<u64>> = BTreeMap::new();
    for KeptMessage { widget, number } in kept {
        let property = plan.widgets[*widget as usize].property;
        by_property.entry(property).or_default().push(*number);
    }
    let machine = |why: String| CheckError { property: "all".to_owned(), why };
    let dialer = visitors.dialer().map_err(|error| machine(error.to_string()))?;
    let runtime = runtime().map_err(|error| machine(error.to_string()))?;
    let mut reader = MessageReader { visitors, dialer, connection: None };
    for (property, numbers) in by_property {
        let name = &plan.properties[property as usize].name;
        let there = runtime.block_on(reader.messages(name));
        let there = there.map_err(|why| CheckError { property: name.clone(), why })?;
        compare(visitors, property, &numbers, &there);
    }
    Ok(kept.len() as u64)
}

/// Records what is not there, or not as it was left.
fn compare(visitors: &Visitors, property: PropertyIndex, numbers: &[u64], there: &[LeftMessage]) {
    let mut by_text: BTreeMap<&str, Vec<&LeftMessage>> = BTreeMap::new();
    for said in there {
        by_text.entry(&said.message).or_default().push(said);
    }
    for number in numbers {
        let left = message(&visitors.run.plan, *number);
        let why = match by_text.get(left.message.as_str()).map(Vec::as_slice) {
            None => "it is not there".to_owned(),
            Some([said]) if **said == left => continue,
            Some([said]) => format!(
                "it is there as of {} <{}>, not of {} <{}>",
                said.name, said.email, left.name, left.email
            ),
            Some(several) => format!("it is there {} times", several.len()),
        };
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
