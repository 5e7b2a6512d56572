//! Who is told of a trial, and which sections it came to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::driver::{Exchange, ExchangeListener};
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
    /// The last call of each section that was not done.
    not_done: Mutex<BTreeMap<Section, Exchange>>,
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
        let Some(Exchange { step, looked_at, .. }) = not_done.get(&section) else {
            return String::new();
        };
        let shown = looked_at.iter().map(|(name, value)| match value {
            Some(value) => format!(", `{name}` is `{value}`"),
            None => format!(", there is no `{name}`"),
        });
        format!(", at step {step}{}", shown.collect::<String>())
    }

    /// Every section that was called.
    pub fn ran(&self) -> BTreeSet<Section> {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ExchangeListener for SectionRecorder {
    fn on_exchange(&self, exchange: &Exchange) {
        self.add(exchange.section);
        if !exchange.is_done() {
            let mut not_done = self.not_done.lock().unwrap_or_else(PoisonError::into_inner);
            not_done.insert(exchange.section, exchange.clone());
        }
        self.listener.on_exchange(exchange);
    }

    fn on_log(&self, line: &str) {
        self.listener.on_log(line);
    }
}
