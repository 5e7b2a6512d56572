//! `lamplighter load gather`: many generators as one test, watched live.
//!
//! | file | what it does |
//! | --- | --- |
//! | `server` | what it answers over HTTP |
//! | `watch` | what a person sees of it in the terminal |
//! | `token` | who may ask |
//! | `part` | the generator's side: what was typed into a line to the gatherer |

pub mod part;
mod server;
mod token;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant as MachineTime};

use anyhow::{Context, Error, anyhow};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::arguments::GatherArguments;
use super::exit::exit;
use super::export::Exports;
use super::screen::warn;
use super::{gates, reports};
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::process::{raise_file_limit, stop_on_ctrl_c};
use lamplighter_load::figures::counted;
use lamplighter_load::gather::{GatherSettings, Gathering};
use lamplighter_load::merge::MergeError;
use lamplighter_load::metrics::Snapshot;
use lamplighter_load::result::LoadResult;
use server::{Gatherer, router};
use watch::GatherProgress;

/// How often it is looked whether somebody is lost, or all are to end.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often the picture of the whole is drawn anew.
const SHOW_EVERY: Duration = Duration::from_secs(1);
/// So long the last page has to get to those who look.
const LAST_PAGE_WITHIN: Duration = Duration::from_millis(300);

/// Gathers a test until all its parts have ended or are lost; writes its reports, and holds it against the
/// gates.
pub fn run(arguments: GatherArguments, common: &Common) -> Result<Exit, Stop> {
    let GatherArguments { parts, listen, token_file, lost_after, abort_on_fail, .. } = arguments;
    let GatherArguments { gates, export, reports, .. } = arguments;
    let token = token::token(token_file.as_deref())?;
    if token.is_none() && !listen.ip().is_loopback() {
        let error = anyhow!("whoever reaches {listen} could take part in the test, or end it");
        let hint = format!("--token-file FILE, or {} in the environment", token::TOKEN);
        return Err(Stop::invalid(error).hint(hint));
    }
    let lost_after = i64::try_from(lost_after.0 * 1_000).unwrap_or(i64::MAX);
    let settings =
        GatherSettings { parts, lost_after, gates: gates::asked(&gates)?, abort_on_fail };
    raise_file_limit();
    let stop = stop_on_ctrl_c();
    let gatherer = Arc::new(Gatherer::new(Gathering::new(settings), token));
    let (runtime, address) = serve(listen, &gatherer)?;
    let watch = GatherProgress::new(common.quiet);
    let parts = counted(u64::from(parts), "part");
    watch.says(&format!("gathering {parts} at http://{address}"));
    let exports = Exports::open(&export, &mut |told| watch.says(told))?;
    gather(&gatherer, &stop, watch, exports.as_ref());
    let whole = whole(&gatherer)?;
    if let Some(exports) = &exports {
        let parts = gatherer.lock().statuses();
        exports.show(Snapshot { result: Some(whole.clone()), parts });
    }
    // What there is to say is said even where no file takes it.
    let printed = reports::print_summary(&reports, &whole, common.quiet);
    reports::write_reports(&reports, &whole)?;
    printed?;
    if gatherer.is_watched() {
        thread::sleep(LAST_PAGE_WITHIN);
    }
    if let Some(exports) = exports {
        let says = &mut |told: &str| GatherProgress::new(common.quiet).says(told);
        exports.finish(&stop, says).iter().for_each(|warning| warn(warning));
    }
    // Streams of events would go on for ever.
    runtime.shutdown_background();
    Ok(exit(&whole))
}

/// Listens on an address; gives the one that it has become.
fn serve(listen: SocketAddr, gatherer: &Arc<Gatherer>) -> Result<(Runtime, SocketAddr), Stop> {
    let machine = |error: std::io::Error| Stop::machine(error.into());
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().map_err(machine)?;
    let bound = runtime.block_on(TcpListener::bind(listen));
    let listener =
        bound.with_context(|| format!("cannot listen on {listen}")).map_err(|error| {
            Stop::machine(error).hint("is another gatherer there? --listen takes another address")
        })?;
    let address = listener.local_addr().map_err(machine)?;
    let serving = axum::serve(listener, router(Arc::clone(gatherer)));
    runtime.spawn(async move { drop(serving.await) });
    Ok((runtime, address))
}

/// Watches over the test until it is over.
fn gather(
    gatherer: &Gatherer,
    stop: &AtomicBool,
    mut watch: GatherProgress,
    exports: Option<&Exports>,
) {
    let mut shown_at: Option<MachineTime> = None;
    loop {
        thread::sleep(LOOK_EVERY);
        let now = gatherer.now();
        let mut gathering = gatherer.lock();
        if stop.load(Ordering::Relaxed) {
            gathering.interrupt();
        }
        gathering.look(now);
        let (happened, is_over) = (gathering.take_events(), gathering.is_over(now));
        if is_over {
            gathering.close();
        }
        drop(gathering);
        watch.hears(&happened);
        if is_over || shown_at.is_none_or(|at| at.elapsed() >= SHOW_EVERY) {
            shown_at = Some(MachineTime::now());
            let gathering = gatherer.lock();
            let (whole, parts) = (gathering.whole(), gathering.statuses());
            drop(gathering);
            // Parts that do not add up are told of at the end.
            let whole = whole.ok().flatten();
            watch.shows(whole.as_ref(), &parts);
            gatherer.show(is_over);
            if let Some(exports) = exports {
                exports.warnings().iter().for_each(|warning| watch.warns(warning));
                exports.show(Snapshot { result: whole, parts });
            }
        }
        if is_over {
            watch.finish();
            return;
        }
    }
}

/// The result of all parts of a test that is over.
fn whole(gatherer: &Gatherer) -> Result<LoadResult, Stop> {
    let gathering = gatherer.lock();
    let (whole, lacks) = (gathering.whole(), gathering.lacks());
    drop(gathering);
    let whole = whole.map_err(|error: MergeError| {
        Stop::invalid(Error::new(error)).hint("the parts' own files are there")
    })?;
    whole.ok_or_else(|| {
        let lacks = lacks.unwrap_or_default().join("; ");
        Stop::machine(anyhow!("the test ended before any part had told anything: {lacks}"))
    })
}
