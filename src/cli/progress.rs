//! A progress bar on a terminal, for what takes longer than a second.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far a command has come, as a bar on stderr; hidden where nobody looks, and in the first second.
pub struct Progress {
    bar: ProgressBar,
    began: Instant,
    /// Where the bar is drawn once it has lasted; taken then.
    target: Option<ProgressDrawTarget>,
}

impl Progress {
    /// Of so many scenarios, each of which makes a [`step`](Self::step).
    pub fn of_scenarios(count: u64, quiet: bool) -> Self {
        Self::with_template("{bar:32} {pos} of {len} scenarios  {msg}  {elapsed}", count, quiet)
    }

    /// Of a length of any kind, along which [`reach`](Self::reach) says how far it is.
    pub fn of_length(length: u64, quiet: bool) -> Self {
        Self::with_template("{bar:32} {msg} {elapsed}", length, quiet)
    }

    /// Of a length along which several go at once, each in a line of the message below the first.
    #[cfg(feature = "load")]
    pub fn of_several(quiet: bool) -> Self {
        Self::with_template("{bar:32} {elapsed}  {msg}", 0, quiet)
    }

    /// The length is known by now.
    #[cfg(feature = "load")]
    pub fn is_of(&mut self, length: u64) {
        self.bar.set_length(length);
    }

    fn with_template(template: &str, length: u64, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let target = (!quiet && io::stderr().is_terminal()).then(ProgressDrawTarget::stderr);
        Self { bar, began: Instant::now(), target }
    }

    /// One more is done.
    pub fn step(&mut self) {
        self.bar.inc(1);
    }

    /// Says how things stand, in a message that can tell how long it took to get there.
    pub fn say(&mut self, message: impl FnOnce(Duration) -> String) {
        self.show_once_it_lasts();
        if !self.bar.is_hidden() {
            self.bar.set_message(message(self.began.elapsed()));
        }
    }

    /// Goes to a place on the length, with a message that can tell how long it took to get there.
    pub fn reach(&mut self, place: u64, message: impl FnOnce(Duration) -> String) {
        self.say(message);
        self.bar.set_position(place);
    }

    fn show_once_it_lasts(&mut self) {
        const QUIET_FOR: Duration = Duration::from_secs(1);
        if self.began.elapsed() > QUIET_FOR
            && let Some(target) = self.target.take()
        {
            self.bar.set_draw_target(target);
        }
    }

    /// Prints without tearing the bar apart.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Takes the bar away.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
