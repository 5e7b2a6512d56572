//! A thread that looks at open files, the newest text of each. A key that is pressed meanwhile ends what is
//! played: its text is old.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use lsp_server::{ErrorCode, RequestId};
use lsp_types::{MessageType, Range};

use super::analysis::Analysis;
use super::client::Client;
use super::open::Open;
use super::played;
use super::published::Published;
use super::session::Session;
use crate::cli::check::today;
use crate::editor::buffers::Buffers;
use crate::editor::finding::{Finding, found, too_long};
use crate::editor::look::{Kind, read};
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::Checked;

/// Something to be done, in the order in which it was asked for.
enum Job {
    /// Look at a file, where its neighbours have these texts.
    Look(Open, Buffers, Why),
    /// A file was closed.
    Close(PathBuf),
    /// Something is asked that playing alone can answer.
    Ask(Question),
}

/// What only playing a file can answer.
pub struct Question {
    /// The file, with the text that is asked about.
    pub open: Open,
    /// The texts of its neighbours.
    pub buffers: Buffers,
    /// What the editor asks of the file.
    pub what: What,
}

/// What is asked of a file that is played.
pub enum What {
    /// What the rules say at its expectations: the request to be answered, and the lines.
    Hints(RequestId, Range),
    /// What it comes to: for a person.
    Run,
    /// To put what is so into its false expectations.
    Bless,
}

/// Why a file is looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// Somebody types: the next text is to be expected at once.
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
    /// What was found in each open file, when it was looked at last.
    looked: Mutex<BTreeMap<PathBuf, Arc<Analysis>>>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    is_over: bool,
}

impl Checker {
    /// Starts the thread that plays files.
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

    /// Has a question answered once the file was looked at, as it is now.
    pub fn ask(&self, question: Question) {
        locked(&self.shared.queue).jobs.push_back(Job::Ask(question));
        self.shared.news.notify_one();
    }

    /// What was found in all open files, as of when each was looked at last.
    pub fn looked(&self) -> Vec<Arc<Analysis>> {
        locked(&self.shared.looked).values().cloned().collect()
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
                    locked(&self.shared.looked).remove(&path);
                    self.published.forget(&path, &self.client);
                }
                Job::Look(open, buffers, why) => {
                    let shown = open.path.display().to_string();
                    self.guarded(&shown, |worker| worker.look(open, buffers, why));
                }
                Job::Ask(question) => {
                    let shown = question.open.path.display().to_string();
                    self.guarded(&shown, |worker| worker.answer(question));
                }
            }
        }
    }

    /// Does something, whatever is wrong with it.
    fn guarded(&mut self, shown: &str, what: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| what(self))).is_err() {
            let message = format!("a fault of lamplighter: it could not look at {shown}");
            self.client.log(MessageType::ERROR, message);
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
            let note = too_long(&read, &open.text, self.session.units);
            return self.tell(&open, read.kind, read.unplayed(), note);
        }
        if read.is_long() && read.is_faulty() {
            // What is seen already is told before what takes longer.
            self.tell(&open, read.kind, read.unplayed(), None);
        }
        let kind = read.kind;
        match read.play(&self.zones, today(), &self.shared.stop) {
            Some(checked) => self.tell(&open, kind, checked, None),
            None => self.put_off(open, buffers, why),
        }
    }

    /// Keeps what was found, and tells the editor.
    fn tell(&mut self, open: &Open, kind: Kind, checked: Vec<Checked>, note: Option<Finding>) {
        let has_bom = open.text.as_str().starts_with('\u{feff}');
        let mut found = found(&checked, kind, has_bom, self.session.units);
        found.extend(note);
        let looked = Arc::new(Analysis { version: open.version, checked, found });
        locked(&self.shared.looked).insert(open.path.clone(), Arc::clone(&looked));
        self.published.put(open, &looked.found, &self.session, &self.client);
    }

    fn answer(&mut self, Question { open, buffers, what }: Question) {
        match what {
            What::Hints(id, range) => {
                let looked = locked(&self.shared.looked).get(&open.path).cloned();
                match looked.filter(|looked| looked.version == open.version) {
                    Some(looked) => {
                        let hints = played::hints(&looked, &open, range, self.session.units);
                        self.client.answer(id, &hints);
                    }
                    None => {
                        self.ask_later(Question { open, buffers, what: What::Hints(id, range) })
                    }
                }
            }
            What::Run => played::run(&open, &buffers, &self.zones, &self.client),
            What::Bless => {
                played::bless(&open, &buffers, &self.zones, &self.session, &self.client);
            }
        }
    }

    /// Answers a question once its file was looked at; a question about an old text is not answered.
    fn ask_later(&self, question: Question) {
        let mut queue = locked(&self.shared.queue);
        let to_come = queue.jobs.iter().find_map(|job| match job {
            Job::Look(open, ..) if open.path == question.open.path => Some(open.version),
            _ => None,
        });
        match (to_come == Some(question.open.version), question.what) {
            (true, what) => queue.jobs.push_back(Job::Ask(Question { what, ..question })),
            (false, What::Hints(id, _)) => {
                let why = "the text has changed meanwhile";
                self.client.refuse(id, ErrorCode::ContentModified, why);
            }
            (false, What::Run | What::Bless) => {}
        }
    }

    /// Looks at a file again later, unless it has another text by then.
    fn put_off(&self, open: Open, buffers: Buffers, why: Why) {
        let mut queue = locked(&self.shared.queue);
        let is_old = queue.jobs.iter().any(|job| match job {
            Job::Look(other, ..) => other.path == open.path,
            Job::Close(path) => *path == open.path,
            Job::Ask(_) => false,
        });
        if !is_old {
            queue.jobs.push_back(Job::Look(open, buffers, why));
        }
    }
}
