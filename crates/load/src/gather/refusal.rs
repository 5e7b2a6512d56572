//! Why the gatherer does not take what a generator says.

use thiserror::Error;

use crate::result::FORMAT;

/// A generator that is none of this test, and what to do.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Refusal {
    /// It writes results that this release cannot add up.
    #[error(
        "the generator is of release {lamplighter}, whose results have format {found}, and the gatherer \
         reads format {FORMAT}; run the same release everywhere"
    )]
    Format {
        /// The release of the generator, for the message.
        lamplighter: String,
        /// The format of its results.
        found: u32,
    },
    /// It does not say which part it plays.
    #[error("`{0}` is no shard: a part says which it is as I/N, e.g. `2/4`")]
    Shard(String),
    /// The plan is divided in another way.
    #[error(
        "the shard {shard} is not one of {parts} parts; give --parts and every --shard the same number"
    )]
    Division {
        /// The part that it plays, as it says: `2/4`.
        shard: String,
        /// How many parts the gatherer waits for.
        parts: u32,
    },
    /// It plays another plan.
    #[error(
        "the shard {shard} has another plan than the shard {other}: {what} is `{one}` in the one and \
         `{two}` in the other; give every generator the same arguments, and another --shard"
    )]
    Plan {
        /// The part that it plays, as it says: `2/4`.
        shard: String,
        /// A part that is known.
        other: String,
        /// In what they differ: `the plan` or `the length`.
        what: &'static str,
        /// What it is in the new one.
        one: String,
        /// What it is in the known one.
        two: String,
    },
    /// Another generator plays the same part.
    #[error(
        "the shard {0} is played by another generator already; give every generator another --shard"
    )]
    Taken(String),
    /// The others have begun without it.
    #[error("the shard {0} comes too late: the test has begun without it; start all parts anew")]
    TooLate(String),
    /// It plays in another run.
    #[error(
        "the shard {0} is of another run, which began at another instant; start all parts anew"
    )]
    OtherRun(String),
}
