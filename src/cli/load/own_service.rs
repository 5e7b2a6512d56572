//! A service of one's own for a load test that names none.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Error, anyhow};

use crate::cli::admin_key::ADMIN_KEY;
use crate::cli::exit::Stop;
use lamplighter_service::Secret;

/// A service of one's own, in a process and with a store of its own.
pub struct OwnService {
    process: Child,
    folder: PathBuf,
}

impl OwnService {
    /// Starts it on loopback; gives its address and its admin key. Passwords cost little there, since
    /// a plan has thousands of accounts.
    pub fn start() -> Result<(Self, String, String), Stop> {
        let machine = |error: std::io::Error, what: &'static str| {
            Stop::machine(Error::new(error).context(what))
        };
        let folder = std::env::temp_dir().join(format!("lamplighter-load-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| machine(error, "cannot make a folder for the store"))?;
        let key = Secret::random().context("the machine has no randomness");
        let key = key.map_err(Stop::machine)?.reveal().to_owned();
        let this = std::env::current_exe();
        let this = this.map_err(|error| machine(error, "cannot find this program"))?;
        let mut command = Command::new(this);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "warn"])
            // All visitors and agents come from here.
            .args(["--password-memory", "8", "--max-messages", "1000000000"])
            .args(["--max-connections-by-address", "1000000"])
            .args(["--max-messages-by-property", "1000000000"])
            .arg("--store")
            .arg(folder.join("lamplighter.db"))
            .env(ADMIN_KEY, &key)
            // It ends with this process, however that ends; but what a terminal sends to all in the
            // foreground is not for it.
            .arg("--end-with-stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0);
        let process = command.spawn();
        let process = process.map_err(|error| machine(error, "cannot start a service"))?;
        let mut service = Self { process, folder };
        let mut line = String::new();
        if let Some(out) = service.process.stdout.take() {
            let read = BufReader::new(out).read_line(&mut line);
            read.map_err(|error| machine(error, "cannot hear from the service"))?;
        }
        match line.trim().strip_prefix("listening on ") {
            Some(address) => Ok((service, address.to_owned(), key)),
            None => Err(Stop::machine(anyhow!("the service did not start"))
                .hint("what it said stands above")),
        }
    }
}

impl Drop for OwnService {
    fn drop(&mut self) {
        // Whatever goes wrong here, the run is over.
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
