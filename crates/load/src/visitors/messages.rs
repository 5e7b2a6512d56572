//! Whether all that visitors left is there in the end (rule C2).

use std::collections::BTreeMap;
use std::time::Duration;

use super::acknowledged::{KeptMessage, MessageCheck, MessageSample, look_for, shows_within};
use super::runtime::runtime;
use super::sessions::MESSAGES;
use super::settings::Visitors;
use crate::context::RunContext;
use crate::figures::counted;
use crate::history::Record;
use crate::observation::{Observation, Observed};
use crate::plan::{PropertyIndex, RequestId};
use crate::wait_budget::WaitBudget;

/// What came of looking for messages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MessageCheckResult {
    /// How many were looked for.
    pub looked_for: u64,
    /// How many were not, for the messages of their properties could not be read.
    pub unknown: u64,
    /// How many properties those are.
    pub properties: u64,
    /// The first of them, and what went wrong there, in a sentence.
    pub why: String,
}

impl MessageCheckResult {
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

/// Looks, when all visitors are done, whether every message that was acknowledged is there, and once.
/// What was not there when it was looked for, and is not now, is recorded as seen to be missing. A
/// target that does not say is not waited for beyond the budget that there is, but for what is `kept`
/// of it.
pub fn check_messages(
    visitors: &Visitors,
    messages: &[KeptMessage],
    budget: &mut WaitBudget,
    kept: Duration,
) -> MessageCheckResult {
    let run = &visitors.run;
    let mut by_property: BTreeMap<PropertyIndex, Vec<KeptMessage>> = BTreeMap::new();
    for message in messages {
        let property = run.plan.widgets[message.widget as usize].property;
        by_property.entry(property).or_default().push(*message);
    }
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return MessageCheckResult::none(messages.len() as u64, &error.to_string()),
    };
    let mut came = MessageCheckResult::default();
    for (property, left) in by_property {
        let name = &run.plan.properties[property as usize].name;
        let (there, open): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|message| message.looked == MessageCheck::There);
        came.looked_for += there.len() as u64;
        for message in &there {
            run.tally.looked_for_message(message.at, false);
        }
        if open.is_empty() {
            continue;
        }
        let (mut seen, known) = (open.clone(), MessageSample::of(&there));
        let looking = look_at_the_end(run, &mut seen, &known);
        // The deadline is set in the runtime in which it passes.
        match runtime.block_on(async { budget.wait(kept, looking).await }) {
            Some(Ok(())) => came.take(run, property, &open, &seen),
            Some(Err(why)) => came.miss(open.len(), || format!("those of `{name}`: {why}")),
            None => {
                came.miss(open.len(), || format!("those of `{name}`: the target does not answer"));
            }
        }
    }
    came
}

/// Looks for messages; again for those that are not there and need not be yet, once they must.
async fn look_at_the_end(
    run: &RunContext,
    messages: &mut [KeptMessage],
    known: &MessageSample,
) -> Result<(), String> {
    look_for(run, messages, known).await?;
    let must_show = |message: &KeptMessage| message.at + shows_within(run);
    let now = run.clock.now();
    let is_early = |message: &KeptMessage| {
        matches!(message.looked, MessageCheck::Missing | MessageCheck::Beyond)
            && must_show(message) > now
    };
    let mut early: Vec<KeptMessage> = messages.iter().copied().filter(is_early).collect();
    let Some(last) = early.iter().map(must_show).max() else { return Ok(()) };
    tokio::time::sleep_until(run.clock.moment(last).into()).await;
    look_for(run, &mut early, known).await?;
    for seen in early {
        if let Some(message) = messages.iter_mut().find(|message| message.number == seen.number) {
            *message = seen;
        }
    }
    Ok(())
}

impl MessageCheckResult {
    /// Records what is not there, or there more than once, by what was seen before and at the end.
    fn take(
        &mut self,
        run: &RunContext,
        property: PropertyIndex,
        before: &[KeptMessage],
        seen: &[KeptMessage],
    ) {
        let mut beyond = 0;
        for (before, seen) in before.iter().zip(seen) {
            let why = match (before.looked, seen.looked) {
                (MessageCheck::Often(times), _) | (_, MessageCheck::Often(times)) => {
                    Some(format!("it is there {times} times"))
                }
                (_, MessageCheck::There) => None,
                (MessageCheck::Missing, _) | (_, MessageCheck::Missing) => {
                    Some("it is not there".to_owned())
                }
                _ => {
                    beyond += 1;
                    continue;
                }
            };
            self.looked_for += 1;
            run.tally.looked_for_message(seen.at, why.is_some());
            let Some(why) = why else { continue };
            let at = run.clock.now();
            run.history.record(Record::Observed(Observation {
                property,
                session: MESSAGES,
                invoked: at,
                returned: at,
                version: None,
                seen: Observed::MissingMessage {
                    text: seen.text(&run.plan).into(),
                    why: why.into(),
                },
                request: Some(RequestId::Visit(seen.number)),
                exchange: None,
            }));
        }
        if beyond > 0 {
            let name = &run.plan.properties[property as usize].name;
            self.miss(beyond, || format!("the list of `{name}` does not reach back to them"));
        }
    }
}
