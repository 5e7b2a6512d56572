//! Who is told of a trial, and which sections it came to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::driver::{Exchange, ExchangeListener, ExchangeResult};
use crate::file::section::Section;

/// Is told of a trial while it goes on. All texts are masked.
pub trait TrialListener: ExchangeListener {
    /// A new stage of the trial begins.
    fn stage(&self, title: &str);
    /// Something was read.
    fn seen(&self, what: &str);
    /// Something is not as it must be.
    fn wrong(&self, what: &str);
}

/// Hands on what is heard, and remembers which sections were called.
pub struct SectionRecorder {
    listener: Arc<dyn TrialListener>,
    ran: Mutex<BTreeSet<Section>>,
    /// The last call of each section about somebody, where it was not done.
    not_done: Mutex<BTreeMap<(Section, String), Exchange>>,
}

impl SectionRecorder {
    /// Nothing was called yet.
    pub fn new(listener: Arc<dyn TrialListener>) -> Self {
        Self { listener, ran: Mutex::default(), not_done: Mutex::default() }
    }

    /// A section is called by what tells of no exchange: a stream.
    pub fn add(&self, section: Section) {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).insert(section);
    }

    /// At which step a section has stopped, and what its conditions looked at there; nothing that leads
    /// further is nothing.
    pub fn where_it_stopped(&self, section: Section) -> String {
        let not_done = self.not_done.lock().unwrap_or_else(PoisonError::into_inner);
        let last = not_done.iter().find(|((other, _), _)| *other == section);
        let Some((_, Exchange { step, looked_at, .. })) = last else { return String::new() };
        let shown = looked_at.iter().map(|(name, value)| match value {
            Some(value) => format!(", `{name}` is `{value}`"),
            None => format!(", there is no `{name}`"),
        });
        format!(", at step {step}{}", shown.collect::<String>())
    }

    /// Why the last call of a section about somebody was not done; nothing where it was, or none was made.
    pub fn why_not(&self, section: Section, whom: &str) -> Option<String> {
        let not_done = self.not_done.lock().unwrap_or_else(PoisonError::into_inner);
        let last = not_done.get(&(section, whom.to_owned()))?;
        Some(match &last.result {
            ExchangeResult::Answer(answer) if last.outcome == "refused" => {
                format!("refused (status {})", answer.status)
            }
            _ => last.outcome.clone(),
        })
    }

    /// Every section that was called.
    pub fn ran(&self) -> BTreeSet<Section> {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ExchangeListener for SectionRecorder {
    fn on_exchange(&self, exchange: &Exchange) {
        self.add(exchange.section);
        let mut not_done = self.not_done.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (exchange.section, exchange.whom.clone());
        match exchange.is_done() {
            true => not_done.remove(&key),
            false => not_done.insert(key, exchange.clone()),
        };
        drop(not_done);
        self.listener.on_exchange(exchange);
    }

    fn on_log(&self, line: &str) {
        self.listener.on_log(line);
    }
}
