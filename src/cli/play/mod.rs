//! `lamplighter play`: a page that says what a scenario says while one types it.
//!
//! ```text
//! page ── text ─▶ server ─▶ says ─▶ answer ── JSON ─▶ page
//!                   │         └─ folder
//!                   └─ file
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments` | as typed |
//! | `folder` | the files that a text may name |
//! | `places`, `findings`, `now` | of a text: its places, what is wrong there, what is so at an instant |
//! | `answer`, `says` | all that it says, as data; how that is found out |
//! | `file` | the file that was named: read, and saved if nobody else did |
//! | `guard` | who may ask, and what answers forbid |
//! | `pages`, `server` | the page, and what it asks for |

mod answer;
mod arguments;
mod file;
mod findings;
mod folder;
mod guard;
mod now;
mod pages;
mod places;
mod says;
mod server;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::common::Common;
use super::exit::{Exit, Stop};
use super::files;
use super::terminal::print_out;
use crate::report::html::Pictures;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::named_row;

pub use arguments::PlayArguments;
use file::OpenFile;
use folder::Folder;
use server::App;

/// Runs `lamplighter play` with its arguments as typed, and gives the exit code.
pub fn run(arguments: PlayArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let PlayArguments { path, port, no_open } = arguments;
    let (file, row, folder) = match path {
        None => (None, None, Folder::default()),
        Some(path) => open(&path)?,
    };
    let pictures = Pictures::new().map_err(|error| Stop::machine(error.into()))?;
    let app = Arc::new(App::new(file, row, folder, Arc::clone(zones), pictures));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Stop::machine(error.into()))?;
    let exit = runtime.block_on(serve(port, app, no_open, common.quiet));
    // What is still being played is for nobody.
    runtime.shutdown_timeout(Duration::ZERO);
    exit
}

/// The file of a path, the line of the row that is named with it, and its folder.
fn open(path: &Path) -> Result<(Option<OpenFile>, Option<usize>, Folder), Stop> {
    if files::is_stdin(path) {
        let message = anyhow!("standard input cannot be shown and saved");
        return Err(Stop::invalid(message).hint("name a file, or none to begin with an example"));
    }
    let bytes = files::read(path)?;
    if bytes.len() > server::TEXT_BYTES_MAX {
        let kib = server::TEXT_BYTES_MAX / 1_024;
        let message = anyhow!("{} is longer than the {kib} KiB that are shown", path.display());
        return Err(Stop::invalid(message).hint("`lamplighter scenario FILE --html PAGE` draws it"));
    }
    let (path, row) = named_row(path);
    let folder =
        Folder::of(&path).with_context(|| format!("cannot look beside {}", path.display()));
    Ok((Some(OpenFile::new(&path)), row, folder.map_err(Stop::machine)?))
}

async fn serve(port: u16, app: Arc<App>, no_open: bool, quiet: bool) -> Result<Exit, Stop> {
    // Nobody but this machine: what is typed is nobody's business.
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let bound = TcpListener::bind(address).await;
    let listener =
        bound.with_context(|| format!("cannot listen on {address}")).map_err(|error| {
            Stop::machine(error).hint("is something else there? without --port a free one is taken")
        })?;
    let address = listener.local_addr().map_err(|error| Stop::machine(error.into()))?;
    let url = format!("http://{address}/");
    print_out(format_args!("{url}\n"))?;
    if !no_open && open::that_detached(&url).is_err() && !quiet {
        anstream::eprintln!("no browser could be opened: open the address yourself");
    }
    server::serve(listener, app, stopped()).await.map_err(|error| Stop::machine(error.into()))?;
    Ok(Exit::AllWell)
}

/// Until Ctrl-C or a SIGTERM.
async fn stopped() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        drop(tokio::signal::ctrl_c().await);
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
