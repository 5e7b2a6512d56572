//! Metrics while a run goes on: read by Prometheus, or sent by OTLP. Whoever reads is answered by threads of
//! their own, from what was shown last.

mod latest;
#[cfg(feature = "otlp")]
mod otlp;
mod prometheus;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::arguments::ExportArguments;
use crate::cli::exit::Stop;
use lamplighter_load::metrics::Snapshot;
use latest::LatestSnapshot;
use prometheus::Endpoint;

#[cfg(feature = "otlp")]
use otlp::Sender;
/// A build without OTLP sends nothing by it.
#[cfg(not(feature = "otlp"))]
type Sender = std::convert::Infallible;

/// All to whom metrics are told.
pub struct Exports {
    latest: Arc<LatestSnapshot>,
    endpoint: Option<Endpoint>,
    sender: Option<Sender>,
}

impl Exports {
    /// Those who were asked for; `None` where nobody was. What there is to say of them goes to `says`.
    pub fn open(
        arguments: &ExportArguments,
        says: &mut dyn FnMut(&str),
    ) -> Result<Option<Self>, Stop> {
        let ExportArguments { prometheus, otlp, otlp_ca_file: _ } = arguments;
        if prometheus.is_none() && otlp.is_none() {
            return Ok(None);
        }
        let latest = Arc::new(LatestSnapshot::default());
        let endpoint =
            prometheus.map(|listen| Endpoint::open(listen, Arc::clone(&latest))).transpose()?;
        if let Some(endpoint) = &endpoint {
            says(&format!("metrics at http://{}/metrics", endpoint.address()));
        }
        let sender = otlp.as_deref().map(|to| sender(to, arguments, &latest)).transpose()?;
        Ok(Some(Self { latest, endpoint, sender }))
    }

    /// How things are now.
    pub fn show(&self, snapshot: Snapshot) {
        self.latest.set(snapshot);
    }

    /// What went wrong since the last time, each thing once.
    pub fn warnings(&self) -> Vec<String> {
        #[cfg(feature = "otlp")]
        let warnings = self.sender.as_ref().map(Sender::warnings).unwrap_or_default();
        #[cfg(not(feature = "otlp"))]
        let warnings = self.sender.iter().map(|never| match *never {}).collect();
        warnings
    }

    /// That was the last to be shown: it is sent, and waited for until it was read, as long as readings
    /// were apart; not where `stop` is set. What went wrong.
    pub fn finish(self, stop: &AtomicBool, says: &mut dyn FnMut(&str)) -> Vec<String> {
        #[cfg(feature = "otlp")]
        let warnings = self.sender.map(Sender::finish).unwrap_or_default();
        #[cfg(not(feature = "otlp"))]
        let warnings = self.warnings();
        if let Some(endpoint) = self.endpoint {
            endpoint.finish(stop, says);
        }
        warnings
    }
}

#[cfg(feature = "otlp")]
fn sender(
    to: &str,
    arguments: &ExportArguments,
    latest: &Arc<LatestSnapshot>,
) -> Result<Sender, Stop> {
    Sender::open(to, arguments.otlp_ca_file.as_deref(), Arc::clone(latest))
}

#[cfg(not(feature = "otlp"))]
fn sender(_: &str, _: &ExportArguments, _: &Arc<LatestSnapshot>) -> Result<Sender, Stop> {
    Err(crate::cli::built_without::built_without("otlp"))
}
