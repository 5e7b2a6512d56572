//! Many generators as one test: each says once a second what came since, to one gatherer that starts them
//! together, adds up what they say, and stops all of them at once. Time and messages go in, answers and
//! what happened come out; only `link` speaks to anybody.
//!
//! | file | what it does |
//! | --- | --- |
//! | `message` | what a part and the gatherer say to each other, and how it is packed |
//! | `increment` | what came to a result since it was told last |
//! | `gathering` | what is known of all parts: the common start, who is lost, gates over the whole |
//! | `part` | what is known of one of them |
//! | `refusal` | why a part is not taken |
//! | `offset` | how far one clock is ahead of another, by round trips |
//! | `link` | the generator's side of the line |

mod gathering;
mod increment;
mod link;
mod message;
mod offset;
mod part;
mod refusal;

pub use gathering::{GatherEvent, GatherSettings, Gathering};
pub use increment::{Increment, IncrementDecoder, IncrementEncoder};
pub use link::{Link, LinkError};
pub use message::{
    Answer, CLOCK_PATH, ClockReading, PACKED_BYTES_MAX, PART_PATH, PartEnd, PartIdentity,
    PartMessage, Readiness, RefusalText, StopCause, UnpackError,
};
pub use offset::{ClockOffset, RoundTrip};
pub use part::{PartState, PartStatus};
pub use refusal::Refusal;
