//! The folder of wrong answers: each kind in full, and all of them in a list that is written while the
//! run goes on.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::Error;

use crate::cli::atomic_file::replace_file;
use crate::cli::exit::Stop;
use crate::report::load::wrong::{NAMES, row};
use lamplighter_load::judge::WrongAnswer;
use lamplighter_load::result::{Class, Evidence, RULES_FILE};

/// The list of all wrong answers, in the folder.
const ALL: &str = "all.csv";
/// So many are listed; of more there is the count.
const LISTED_MAX: u64 = 1_000_000;

/// The list, which begins with the first wrong answer.
pub struct ViolationList {
    path: PathBuf,
    rows: Option<csv::Writer<BufWriter<File>>>,
    /// How many lines it has.
    pub listed: u64,
    /// How many it does not have.
    pub left_out: u64,
    /// Why it ends where it does, if it could not be written.
    broken: Option<String>,
}

impl ViolationList {
    /// An empty folder; what an earlier run has left in it is removed.
    pub fn new(folder: &Path) -> Self {
        remove_old(folder);
        Self { path: folder.join(ALL), rows: None, listed: 0, left_out: 0, broken: None }
    }

    /// Lists wrong answers, so that the file has them at once.
    pub fn add(&mut self, wrong: &[WrongAnswer]) {
        if wrong.is_empty() {
            return;
        }
        for (index, answer) in wrong.iter().enumerate() {
            if self.broken.is_some() || self.listed >= LISTED_MAX {
                self.left_out += (wrong.len() - index) as u64;
                break;
            }
            match self.write(answer) {
                Ok(()) => self.listed += 1,
                Err(error) => {
                    self.broken = Some(error.to_string());
                    self.left_out += 1;
                }
            }
        }
        if let Some(rows) = &mut self.rows
            && let Err(error) = rows.flush()
        {
            self.broken.get_or_insert(error.to_string());
        }
    }

    fn write(&mut self, answer: &WrongAnswer) -> Result<(), csv::Error> {
        let rows = match &mut self.rows {
            Some(rows) => rows,
            none => {
                if let Some(folder) = self.path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                let file = BufWriter::new(File::create(&self.path)?);
                let mut rows = csv::Writer::from_writer(file);
                rows.write_record(NAMES)?;
                none.insert(rows)
            }
        };
        rows.write_record(row(answer))
    }

    /// What must be said of the list, if it does not have all.
    pub fn warning(&self) -> Option<String> {
        if self.left_out == 0 && self.broken.is_none() {
            return None;
        }
        let path = self.path.display();
        let left_out = self.left_out;
        Some(match &self.broken {
            Some(why) => format!(
                "{path} could not be written ({why}): {left_out} wrong answers or more are missing in it"
            ),
            None => format!(
                "{path} has the first {LISTED_MAX} wrong answers; {left_out} more are counted only"
            ),
        })
    }
}

/// Writes each kind of wrong answers in full: a scenario, and all that is known of it as JSON; beside them
/// the file of rules that they name, if there is one.
pub fn write_evidence(folder: &Path, all: &[Evidence]) -> Result<(), Stop> {
    for (index, found) in all.iter().enumerate() {
        let name = found.file_stem(index);
        replace_file(&folder.join(format!("{name}.scenario")), found.scenario.as_bytes())?;
        if let Some(rules) = &found.rules {
            replace_file(&folder.join(RULES_FILE), rules.as_bytes())?;
        }
        let mut json = serde_json::to_string_pretty(found)
            .map_err(|error| Stop::machine(Error::new(error)))?;
        json.push('\n');
        replace_file(&folder.join(format!("{name}.json")), json.as_bytes())?;
    }
    Ok(())
}

/// Removes what an earlier run has written into a folder, and nothing else.
fn remove_old(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_ours) {
            // What cannot be removed is written over, or stays.
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

/// Whether a file of this name is one that is written here.
fn is_ours(name: &str) -> bool {
    if name == ALL || name == RULES_FILE {
        return true;
    }
    let stem = name.strip_suffix(".scenario").or_else(|| name.strip_suffix(".json"));
    let Some((number, class)) = stem.and_then(|stem| stem.split_once('-')) else { return false };
    let is_number = number.len() >= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && Class::ALL.into_iter().any(|known| known.word() == class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(count: usize) -> Vec<WrongAnswer> {
        let answer = WrongAnswer {
            at: "2026-03-09T13:00:06Z".to_owned(),
            answered_us: 6_000_000,
            class: Class::Stale,
            about: "acme".to_owned(),
            there: Some("ll4k2m9q1".to_owned()),
            who: "a visitor".to_owned(),
            request_id: Some("load-1-7".to_owned()),
            answered: "away, chat possible".to_owned(),
            admissible: vec!["online, chat possible".to_owned(), "offline, no chat".to_owned()],
            why: "it was true until 412ms before".to_owned(),
            evidence: Some(1),
        };
        vec![answer; count]
    }

    #[test]
    fn the_list_has_each_wrong_answer_as_soon_as_it_is_found_and_nothing_of_an_earlier_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["all.csv", "007-stale.scenario", "007-stale.json", "mine.scenario"] {
            std::fs::write(path(name), "old").expect("writes");
        }
        let mut list = ViolationList::new(folder.path());
        assert!(!path("007-stale.scenario").exists() && !path("007-stale.json").exists());
        assert!(path("mine.scenario").exists() && !path("all.csv").exists());
        list.add(&wrong(2));
        list.add(&wrong(1));
        let text = std::fs::read_to_string(path("all.csv")).expect("a list");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert_eq!(
            lines[1],
            "2026-03-09T13:00:06Z,6000000,stale,acme,ll4k2m9q1,a visitor,load-1-7,\"away, chat possible\",\
             \"online, chat possible; or offline, no chat\",it was true until 412ms before,1"
        );
        assert_eq!((list.listed, list.left_out, list.warning()), (3, 0, None));
    }

    #[test]
    fn a_list_that_is_full_or_cannot_be_written_says_how_many_it_lacks() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut list = ViolationList::new(folder.path());
        list.listed = LISTED_MAX - 1;
        list.add(&wrong(3));
        assert_eq!((list.listed, list.left_out), (LISTED_MAX, 2));
        assert!(list.warning().is_some_and(|warning| warning.contains("2 more are counted only")));
        std::fs::write(folder.path().join("no-folder"), "").expect("writes");
        let mut list = ViolationList::new(&folder.path().join("no-folder"));
        list.add(&wrong(2));
        assert_eq!((list.listed, list.left_out), (0, 2));
        assert!(list.warning().is_some_and(|warning| warning.contains("could not be written")));
    }
}
