//! What the service counts and measures, for Prometheus.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::clock::Clock;
use lamplighter_core::model::Millis;

/// Counts lines of the log that could not be written.
#[derive(Clone, Default, Debug)]
pub struct LostLines(Counter);

impl LostLines {
    /// Another line is lost.
    pub fn count(&self) {
        self.0.inc();
    }

    /// How many are lost since the start.
    pub fn so_far(&self) -> u64 {
        self.0.get()
    }
}

/// All metrics of the service, as `/metrics` tells them.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Answers by the first digit of their status.
    answers: [Counter; 6],
    latency: Histogram,
    /// Reads of widgets, which are most of all.
    widget_reads: Counter,
    /// How many TCP connections are open.
    pub connections: Gauge,
    /// How many WebSockets of agents are open.
    pub sockets: Gauge,
    /// How many event streams of visitors are open.
    pub streams: Gauge,
    /// How many logins failed since the start.
    pub failed_logins: Counter,
    /// How many calls came with a key or token that is nobody's.
    pub wrong_keys: Counter,
    /// How many calls were turned away because too many were waiting.
    pub turned_away: Counter,
    /// How many commits the store did not take.
    pub failed_commits: Counter,
    /// Whether writes are not taken for the clock's sake.
    clock_stopped: Gauge,
    /// How far the machine's clock is ahead of the service's time.
    clock_off: Gauge<f64, AtomicU64>,
    /// How many bytes are free for the store.
    pub store_free: Gauge,
    /// 1 while that is less than there should be.
    pub store_nearly_full: Gauge,
    commit: Histogram,
    commit_ops: Histogram,
    edges: Histogram,
}

/// Doubling from 0.1 ms to some 6 s.
fn seconds() -> Histogram {
    Histogram::new((0..17).map(|power| 0.000_1 * f64::from(1 << power)))
}

impl Metrics {
    /// Nothing has happened yet, but for lines of the log that may be lost.
    pub fn new(lost: &LostLines) -> Self {
        let mut registry = Registry::with_prefix("lamplighter");
        let answers = Family::<[(&str, &str); 1], Counter>::default();
        registry.register("http_answers", "Answers by the class of their status", answers.clone());
        let class = |class: &'static str| answers.get_or_create(&[("status", class)]).clone();
        let metrics = Self {
            answers: ["other", "1xx", "2xx", "3xx", "4xx", "5xx"].map(class),
            latency: seconds(),
            widget_reads: Counter::default(),
            connections: Gauge::default(),
            sockets: Gauge::default(),
            streams: Gauge::default(),
            failed_logins: Counter::default(),
            wrong_keys: Counter::default(),
            turned_away: Counter::default(),
            failed_commits: Counter::default(),
            clock_stopped: Gauge::default(),
            clock_off: Gauge::default(),
            store_free: Gauge::default(),
            store_nearly_full: Gauge::default(),
            commit: seconds(),
            commit_ops: Histogram::new((0..11).map(|power| f64::from(1 << power))),
            edges: seconds(),
            registry: Registry::default(),
        };
        registry.register(
            "lost_log_lines",
            "Lines of the log that could not be written",
            lost.0.clone(),
        );
        metrics.register_calls(&mut registry);
        metrics.register_core(&mut registry);
        Self { registry, ..metrics }
    }

    /// What calls and connections count.
    fn register_calls(&self, registry: &mut Registry) {
        registry.register(
            "http_latency_seconds",
            "From a call's last byte to its answer, but for reads of widgets",
            self.latency.clone(),
        );
        registry.register("widget_reads", "Reads of widgets", self.widget_reads.clone());
        registry.register("connections", "Open TCP connections", self.connections.clone());
        registry.register("sockets", "Open WebSockets of agents", self.sockets.clone());
        registry.register("streams", "Open event streams", self.streams.clone());
        registry.register("failed_logins", "Logins that failed", self.failed_logins.clone());
        registry.register(
            "wrong_keys",
            "Calls with a key or token that is nobody's",
            self.wrong_keys.clone(),
        );
        registry.register(
            "turned_away",
            "Calls turned away because too many were waiting",
            self.turned_away.clone(),
        );
        registry.register(
            "failed_commits",
            "Commits that the machine did not take",
            self.failed_commits.clone(),
        );
    }

    /// What the core counts.
    fn register_core(&self, registry: &mut Registry) {
        registry.register(
            "clock_stopped",
            "1 while no writes are taken because the machine's clock has jumped",
            self.clock_stopped.clone(),
        );
        registry.register(
            "clock_off_seconds",
            "How far the machine's clock is ahead of the service's time; below zero, behind",
            self.clock_off.clone(),
        );
        registry.register(
            "store_free_bytes",
            "Bytes that are free on the volume of the store",
            self.store_free.clone(),
        );
        registry.register(
            "store_nearly_full",
            "1 while less is free for the store than there should be",
            self.store_nearly_full.clone(),
        );
        registry.register(
            "journal_commit_seconds",
            "How long a commit takes, which is how far the journal lags behind",
            self.commit.clone(),
        );
        registry.register("journal_commit_ops", "How many share a commit", self.commit_ops.clone());
        registry.register(
            "edge_late_seconds",
            "How late widgets changed that the clock changes",
            self.edges.clone(),
        );
    }

    /// In the text format of Prometheus.
    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes everything");
        text
    }

    /// A call was answered.
    pub fn answered(&self, status: u16, took: Duration) {
        let class = self.answers.get(usize::from(status / 100)).unwrap_or(&self.answers[0]);
        class.inc();
        self.latency.observe(took.as_secs_f64());
    }

    /// A widget was read.
    pub fn widget_read(&self) {
        self.widget_reads.inc();
    }

    /// Makes a commit of so many operations, and measures how long it takes, in seconds.
    pub fn commit<T>(&self, ops: usize, commit: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = commit();
        self.commit.observe(began.elapsed().as_secs_f64());
        self.commit_ops.observe(ops as f64);
        result
    }

    /// Notes how the clock goes.
    pub fn clock(&self, clock: &Clock) {
        self.clock_stopped.set(i64::from(clock.why_no_writes().is_some()));
        self.clock_off.set(clock.off_ms() as f64 / 1_000.0);
    }

    /// The clock changed widgets so much later than it should have.
    pub fn edge_late(&self, by: Millis) {
        self.edges.observe(by.0 as f64 / 1_000.0);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new(&LostLines::default())
    }
}
