//! Imports for tests.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use lamplighter_core::hours::Zones;
use lamplighter_import::log::LogFile;
use lamplighter_import::mapping::{Mapping, read};
use lamplighter_import::sort::Sorter;
use lamplighter_import::{Import, ImportError, Imported, import};
use lamplighter_scenario::language::span::{Source, Spanned};

pub static ZONES: LazyLock<Zones> = LazyLock::new(Zones::bundled);

/// A mapping from the text of its file.
pub fn mapping(text: &str) -> Mapping {
    read(&Source::new(text.to_owned())).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// A mapping whose local times are of a zone.
pub fn in_zone(mut mapping: Mapping, zone: &str) -> Mapping {
    mapping.time.zone = Some(Spanned::new(zone.to_owned(), Default::default()));
    mapping
}

/// Imports a log; the trace as text.
pub fn import_file(log: &Path, mapping: &Mapping) -> Result<(String, Imported), ImportError> {
    import_with(log, mapping, Sorter::default())
}

/// Imports a log with a sorter of its own.
pub fn import_with(
    log: &Path,
    mapping: &Mapping,
    sorter: Sorter,
) -> Result<(String, Imported), ImportError> {
    import_by(2, log, mapping, sorter)
}

/// Imports a log by so many threads.
pub fn import_by(
    threads: usize,
    log: &Path,
    mapping: &Mapping,
    sorter: Sorter,
) -> Result<(String, Imported), ImportError> {
    let threads = NonZeroUsize::new(threads).expect("at least one");
    let mut trace = Vec::new();
    let guess_in = mapping.time.zone.as_ref().and_then(|zone| ZONES.get(&zone.node).ok());
    let log = &LogFile::new(log);
    let of = Import { log, mapping, zones: &ZONES, key: None, guess_in, sorter, threads };
    let imported = import(of, &mut trace, &mut |_| true)?;
    Ok((String::from_utf8(trace).expect("a trace is UTF-8"), imported))
}

/// Imports the text of a log; the trace without its header.
pub fn import_text(log: &str, mapping: &Mapping) -> (String, Imported) {
    let file = Scratch::new(log.as_bytes());
    let (trace, imported) = import_file(&file.0, mapping).expect("it can be imported");
    (trace.strip_prefix("at,agent,device,action\n").expect("a header").to_owned(), imported)
}

/// A file that is gone when the test is over.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(bytes: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lamplighter-import-{}-{count}.log", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("a scratch file");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
