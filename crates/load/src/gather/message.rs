//! What a part and the gatherer say to each other: JSON, a part's packed by gzip.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::increment::Increment;
use super::offset::ClockOffset;

/// Where a part says what it has to say.
pub const PART_PATH: &str = "/v1/part";
/// Where the gatherer says what its clock reads.
pub const CLOCK_PATH: &str = "/v1/clock";
/// The longest message that is taken in, packed.
pub const PACKED_BYTES_MAX: usize = 64 << 20;
/// The longest message, once it is unpacked: a result with all its evidence is a tenth of it.
const BYTES_MAX: u64 = 512 << 20;

/// All that a part says at once. Each message says who says it, so that a gatherer that was started anew
/// knows as much as the one before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PartMessage {
    /// Which part says it, of which plan.
    pub part: PartIdentity,
    /// What came to the result since it was told last; `None` where nothing did.
    pub increment: Option<Increment>,
    /// That this is the last message, and how it ended; `None` while the part goes on.
    pub end: Option<PartEnd>,
}

/// Which part of which plan a generator plays.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PartIdentity {
    /// The format of results that it writes, [`FORMAT`](crate::result::FORMAT).
    pub format: u32,
    /// The release of Lamplighter that plays the part.
    pub lamplighter: String,
    /// What tells its process from every other.
    pub session: String,
    /// Which part it plays, written as `2/4`.
    pub shard: String,
    /// The fingerprint of the whole plan.
    pub plan: String,
    /// How long the run is to last, in milliseconds.
    pub duration_ms: u64,
    /// How many properties are its own,
    pub properties: u64,
    /// of so many in the whole plan.
    pub properties_of_plan: u64,
    /// How far the gatherer's clock is ahead of its own.
    pub clock: ClockOffset,
    /// That all is on the target; `None` before.
    pub ready: Option<Readiness>,
    /// The common start as it has learnt it, in milliseconds of 1970 on the target's clock.
    pub start_ms: Option<i64>,
}

/// All that a part plays is on the target, but for the hours, which lie around the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Readiness {
    /// What the target's clock read then, in milliseconds of 1970.
    pub target_now_ms: i64,
    /// How long it takes at most, in milliseconds, until the hours are there, too.
    pub lead_ms: i64,
    /// How far the target's clock is ahead of the generator's.
    pub target: ClockOffset,
}

/// How a part ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartEnd {
    /// Its result is whole, and was told.
    Done,
    /// There is none, for this reason.
    Failed(String),
}

/// What the gatherer answers to a message of a part.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The common start, in milliseconds of 1970 on the target's clock, once it is known.
    pub start_ms: Option<i64>,
    /// That the part is to end now.
    pub end: Option<StopCause>,
    /// That the increment comes after something which is not known here: all is to be told again.
    pub again: bool,
}

/// Why all parts are to end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopCause {
    /// This gate failed, held against all of them.
    Gate(String),
    /// Ctrl-C at the gatherer, or another signal.
    Interrupted,
}

/// What the gatherer's clock reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClockReading {
    /// The time in microseconds since 1970-01-01T00:00:00Z.
    pub now_us: i64,
}

/// Why a message is not taken, as it is answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RefusalText {
    /// What is wrong, and what to do, in a sentence.
    pub detail: String,
}

/// A message that cannot be read.
#[derive(Debug, Error)]
pub enum UnpackError {
    /// It is not packed as it must be, or too long.
    #[error("the message is not gzip of {BYTES_MAX} bytes at most: {0}")]
    Packed(#[from] io::Error),
    /// It is of another release, or not of a generator at all.
    #[error("the message is not that of a generator of this release: {0}")]
    Json(#[from] serde_json::Error),
}

/// JSON in gzip. It is packed at once: piece by piece takes forty times as long.
///
/// # Panics
/// When it has keys that JSON does not allow; memory takes all that is written.
pub(super) fn packed(told: &impl Serialize) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let json = serde_json::to_vec(told).expect("it has no keys that JSON does not allow");
    packed.write_all(&json).and_then(|()| packed.finish()).expect("memory takes it")
}

impl PartMessage {
    /// As it goes over the line.
    ///
    /// # Panics
    /// Never: it has no keys that JSON does not allow, and memory takes all that is written.
    pub fn packed(&self) -> Vec<u8> {
        packed(self)
    }

    /// The message that came over the line.
    ///
    /// # Errors
    /// When it is none.
    pub fn unpack(packed: &[u8]) -> Result<Self, UnpackError> {
        let mut json = Vec::new();
        let read = GzDecoder::new(packed).take(BYTES_MAX + 1).read_to_end(&mut json)?;
        match read as u64 > BYTES_MAX {
            true => Err(io::Error::from(io::ErrorKind::FileTooLarge).into()),
            false => Ok(serde_json::from_slice(&json)?),
        }
    }
}
