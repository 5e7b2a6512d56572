//! Who is told of a trial, and which sections it came to.

use std::collections::BTreeSet;
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
}

impl SectionRecorder {
    /// Nothing was called yet.
    pub fn new(listener: Arc<dyn TrialListener>) -> Self {
        Self { listener, ran: Mutex::default() }
    }

    /// Every section that was called.
    pub fn ran(&self) -> BTreeSet<Section> {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ExchangeListener for SectionRecorder {
    fn on_exchange(&self, exchange: &Exchange) {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).insert(exchange.section);
        self.listener.on_exchange(exchange);
    }

    fn on_log(&self, line: &str) {
        self.listener.on_log(line);
    }
}
