//! The runtime in which visitors go about.

use std::io;

use tokio::runtime::LocalRuntime;

/// A runtime on this thread.
pub fn runtime() -> io::Result<LocalRuntime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build_local(Default::default())
}
