//! What is kept, and that it is kept: the one trait that the service knows of a store, and the store
//! that there is, a single SQLite file. Nothing else knows rusqlite.
//!
//! A commit is on disk when it returns (`synchronous=FULL`, write-ahead log), and it is whole or not
//! there at all. Each row of every table carries a sum over itself, those of the journal over the row before,
//! too: one that was harmed is found when it is read, and refused.
//!
//! | file | what it does |
//! | --- | --- |
//! | `contract` | the traits |
//! | `records` | what is kept, and what a start gets back |
//! | `error` | why a store cannot be used |
//! | `sqlite` | the file: opened, loaded, committed to |
//! | `lock` | the file beside it: who uses it, and when that was last |
//! | `upkeep` | looked through, copied, put back |
//! | `schema` | its tables, whose it is, and how an earlier release's becomes one of this |
//! | `table`, `sum` | rows that stand for themselves, and the sums over them |
//! | `write` | each thing to keep as a statement |
//! | `journal` | rows and their sums |
//! | `reader` | reads that need not wait for commits |

mod contract;
mod error;
mod journal;
mod lock;
mod reader;
mod records;
mod schema;
mod sqlite;
mod sum;
mod table;
#[cfg(test)]
mod tests;
mod upkeep;
mod write;

pub use contract::{Reader, Store};
pub use error::StoreError;
pub use records::{
    JournalRow, LAST_MESSAGE_FACT, Snapshot, Stored, StoredAudit, StoredMessage, Write,
};
pub use sqlite::SqliteStore;
pub use upkeep::{Checked, back_up, check_store, restore};
