//! What a command needs of the machine: threads, open files, and word of Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::Exit;

/// How many threads: as asked for, or one for each core.
pub fn jobs(asked: Option<u16>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.map_or_else(cores, usize::from)
}

/// As many open files as the machine allows: a socket is one. How many that are; `None` for no end.
#[cfg(any(feature = "serve", feature = "load"))]
pub fn raise_file_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    if raised.is_ok() { limit.maximum } else { limit.current }
}

/// Set once Ctrl-C was pressed. A second Ctrl-C ends the process at once.
pub fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let pressed = Arc::clone(&stop);
    // Without the handler Ctrl-C still ends the process, if less cleanly.
    let _ = ctrlc::set_handler(move || {
        if pressed.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::MachineFailed as i32);
        }
    });
    stop
}
