//! Processes of tests' own, and how busy this machine is.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::client::KEY;

/// A process that ends with its owner.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Process {
    pub fn send(&self, signal: Signal) {
        let pid = Pid::from_child(&self.0);
        kill_process(pid, signal).expect("the process is there");
    }

    /// As a terminal does: to all in the foreground.
    pub fn send_to_group(&self, signal: Signal) {
        let pid = Pid::from_child(&self.0);
        kill_process_group(pid, signal).expect("the processes are there");
    }

    pub fn ended(&mut self, within: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().expect("a child") {
                return status;
            }
            assert!(began.elapsed() < within, "it did not end within {within:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A service in a process of its own, which can be killed; and in a group of its own: where one that is
/// stopped is left in the group of a shell that ends, the system hangs up on all of that group.
pub fn serve(folder: &Path) -> (Process, String) {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    command.process_group(0);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "error"]);
    command.args(["--password-memory", "8", "--max-messages", "1000000"]);
    command.args(["--max-messages-by-property", "1000000"]);
    command.arg("--store").arg(folder.join("lamplighter.db"));
    command.env("LAMPLIGHTER_ADMIN_KEY", KEY).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut service = Process(command.spawn().expect("the service starts"));
    let mut line = String::new();
    let out = service.0.stdout.take().expect("its output");
    BufReader::new(out).read_line(&mut line).expect("it says where it is");
    let address = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
    (service, address)
}

/// Waits for what comes to be, no longer than `within`.
pub fn until<T>(what: &str, within: Duration, mut is: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = is() {
            return found;
        }
        assert!(began.elapsed() < within, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How late this machine has woken a thread that does nothing else, at the worst, in microseconds.
pub fn worst_wakeup_us() -> u64 {
    static WORST_US: AtomicU64 = AtomicU64::new(0);
    static WATCH: Once = Once::new();
    const NAP: Duration = Duration::from_millis(20);
    WATCH.call_once(|| {
        std::thread::spawn(|| {
            loop {
                let began = Instant::now();
                std::thread::sleep(NAP);
                let late = began.elapsed().saturating_sub(NAP).as_micros();
                WORST_US.fetch_max(u64::try_from(late).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        });
    });
    WORST_US.load(Ordering::Relaxed)
}
