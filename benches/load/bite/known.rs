//! What the proxy remembers of what went through it.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use super::answer::{DeviceBody, WidgetBody};

/// Copies of a path are kept that far apart, or wherever they differ.
const APART: Duration = Duration::from_millis(20);
/// So many copies are kept of a path.
const COPIES_MAX: usize = 64;

/// An answer that was given before.
#[derive(Clone)]
pub struct KeptAnswer {
    /// When it was given.
    pub at: Instant,
    /// Its bytes, to be given again.
    pub body: Bytes,
    /// What they say.
    pub answer: WidgetBody,
}

/// All of it. It grows with the widgets and agents of a run, not with its length.
#[derive(Default)]
pub struct Remembered {
    copies: BTreeMap<String, VecDeque<KeptAnswer>>,
    /// Widgets that were read, as they stand in paths, in the order of their first read.
    pub widgets: Vec<String>,
    /// Devices that are logged in as far as is known, by their tokens.
    pub devices: BTreeMap<String, DeviceBody>,
    /// The status last chosen on a device, by agent and device.
    pub chosen: BTreeMap<(String, String), String>,
    /// The version at which the last write of each property took effect.
    pub written: BTreeMap<String, u64>,
    /// The highest number of a message so far.
    pub message: i64,
}

impl Remembered {
    /// Keeps an answer to a path with its query.
    pub fn keep(&mut self, path: &str, body: &Bytes, answer: WidgetBody, at: Instant) {
        if !self.copies.contains_key(path) {
            self.copies.insert(path.to_owned(), VecDeque::new());
            let widget = widget_in(path).to_owned();
            if !self.widgets.contains(&widget) {
                self.widgets.push(widget);
            }
        }
        let copies = self.copies.get_mut(path).expect("it is there now");
        let is_near = |last: &KeptAnswer| last.body == *body && at.duration_since(last.at) < APART;
        if copies.back().is_some_and(is_near) {
            return;
        }
        if copies.len() == COPIES_MAX {
            copies.pop_front();
        }
        copies.push_back(KeptAnswer { at, body: body.clone(), answer });
    }

    /// The oldest copy that is not older than this.
    pub fn oldest_within(&self, path: &str, age: Duration, now: Instant) -> Option<&KeptAnswer> {
        self.copies.get(path)?.iter().find(|copy| now.duration_since(copy.at) <= age)
    }

    /// The copy that was kept last.
    pub fn last(&self, path: &str) -> Option<&KeptAnswer> {
        self.copies.get(path)?.back()
    }

    /// The latest copy with a version below this.
    pub fn below(&self, path: &str, version: u64) -> Option<&KeptAnswer> {
        self.copies.get(path)?.iter().rev().find(|copy| copy.answer.version < version)
    }

    /// Notes at which versions a write took effect.
    pub fn wrote(&mut self, versions: &BTreeMap<String, u64>) {
        for (property, version) in versions {
            let last = self.written.entry(property.clone()).or_default();
            *last = (*last).max(*version);
        }
    }

    /// Whether nothing but the clock has changed the property since this answer, as far as is known.
    pub fn only_the_clock_since(&self, answer: &WidgetBody) -> bool {
        self.written.get(answer.property()).is_none_or(|written| *written <= answer.version)
    }
}

/// The widget in a path with its query.
fn widget_in(path: &str) -> &str {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    path.strip_prefix("/v1/widgets/").unwrap_or(path)
}
