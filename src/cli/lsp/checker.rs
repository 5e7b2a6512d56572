//! A thread that looks at open files, the newest text of each. A key that is pressed meanwhile ends what is
//! played: its text is old.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use lsp_types::MessageType;

use super::client::Client;
use super::open::Open;
use super::published::Published;
use super::session::Session;
use crate::cli::check::today;
use crate::editor::buffers::Buffers;
use crate::editor::found::{Found, found, too_long};
use crate::editor::look::{Read, read};
use lamplighter_core::hours::Zones;

/// Something to be done, in the order in which it was asked for.
enum Job {
    /// Look at a file, where its neighbours have these texts.
    Look(Open, Buffers, Why),
    /// A file was closed.
    Close(PathBuf),
}

/// Why a file is looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// Somebody types.
    Typed,
    /// It was opened or saved, or a file that it names was: there is time.
    Rested,
}

/// The thread, from outside.
pub struct Checker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something was put into the queue.
    news: Condvar,
    /// Ends what is played.
    stop: AtomicBool,
    /// The files that each open file names, as of when it was looked at last.
    named: Mutex<BTreeMap<PathBuf, BTreeSet<PathBuf>>>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    is_over: bool,
}

impl Checker {
    /// Starts the thread.
    pub fn start(client: Client, session: Session, zones: Arc<Zones>) -> std::io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let worker = Worker {
            shared: Arc::clone(&shared),
            client,
            session,
            zones,
            published: Published::default(),
        };
        let thread = std::thread::Builder::new().name("checker".to_owned());
        let thread = thread.spawn(move || worker.run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Has a file looked at; what was still to be looked at of it is old.
    pub fn look(&self, open: Open, buffers: Buffers, why: Why) {
        let mut queue = locked(&self.shared.queue);
        let mut why = why;
        queue.jobs.retain(|job| match job {
            // What it was to be played for, it still is.
            Job::Look(before, _, because) if before.path == open.path => {
                why = why.max(*because);
                false
            }
            _ => true,
        });
        queue.jobs.push_back(Job::Look(open, buffers, why));
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.news.notify_one();
    }

    /// Forgets a file that is closed.
    pub fn close(&self, path: &Path) {
        let mut queue = locked(&self.shared.queue);
        queue.jobs.retain(|job| !matches!(job, Job::Look(open, ..) if open.path == path));
        queue.jobs.push_back(Job::Close(path.to_owned()));
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.news.notify_one();
    }

    /// The open files that name a file.
    pub fn naming(&self, path: &Path) -> Vec<PathBuf> {
        let named = locked(&self.shared.named);
        let naming = named.iter().filter(|(of, files)| *of != path && files.contains(path));
        naming.map(|(of, _)| of.clone()).collect()
    }
}

impl Drop for Checker {
    fn drop(&mut self) {
        locked(&self.shared.queue).is_over = true;
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.news.notify_one();
        if let Some(thread) = self.thread.take() {
            // It catches what panics.
            let _ = thread.join();
        }
    }
}

/// What is shared holds together after every step, whoever panicked in between.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread, from inside.
struct Worker {
    shared: Arc<Shared>,
    client: Client,
    session: Session,
    zones: Arc<Zones>,
    published: Published,
}

impl Worker {
    fn run(mut self) {
        while let Some(job) = self.next() {
            match job {
                Job::Close(path) => {
                    locked(&self.shared.named).remove(&path);
                    self.published.forget(&path, &self.client);
                }
                Job::Look(open, buffers, why) => {
                    let shown = open.path.display().to_string();
                    let looked = catch_unwind(AssertUnwindSafe(|| self.look(open, buffers, why)));
                    if looked.is_err() {
                        let message =
                            format!("a fault of lamplighter: it could not look at {shown}");
                        self.client.log(MessageType::ERROR, message);
                    }
                }
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queue = locked(&self.shared.queue);
        loop {
            if queue.is_over {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                // Whoever wants another answer says so from here on.
                self.shared.stop.store(false, Ordering::Relaxed);
                return Some(job);
            }
            queue = self.shared.news.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn look(&mut self, open: Open, buffers: Buffers, why: Why) {
        let read = read(&open.path, open.text.as_str(), &buffers, &self.zones);
        locked(&self.shared.named).insert(open.path.clone(), read.files.clone());
        if why == Why::Typed && read.is_for_saved_files() {
            let mut found = self.unplayed(&open, &read);
            found.extend(too_long(&read, &open.text, self.session.units));
            return self.published.put(&open, &found, &self.session, &self.client);
        }
        if read.is_long() && read.is_faulty() {
            // What is seen already is told before what takes longer.
            let found = self.unplayed(&open, &read);
            self.published.put(&open, &found, &self.session, &self.client);
        }
        let kind = read.kind;
        let Some(checked) = read.play(&self.zones, today(), &self.shared.stop) else {
            return self.put_off(open, buffers, why);
        };
        let has_bom = open.text.as_str().starts_with('\u{feff}');
        let found = found(&checked, kind, has_bom, self.session.units);
        self.published.put(&open, &found, &self.session, &self.client);
    }

    fn unplayed(&self, open: &Open, read: &Read) -> Vec<Found> {
        let has_bom = open.text.as_str().starts_with('\u{feff}');
        found(&read.unplayed(), read.kind, has_bom, self.session.units)
    }

    /// Looks at a file again later, unless it has another text by then.
    fn put_off(&self, open: Open, buffers: Buffers, why: Why) {
        let mut queue = locked(&self.shared.queue);
        let is_old = queue.jobs.iter().any(|job| match job {
            Job::Look(other, ..) => other.path == open.path,
            Job::Close(path) => *path == open.path,
        });
        if !is_old {
            queue.jobs.push_back(Job::Look(open, buffers, why));
        }
    }
}
