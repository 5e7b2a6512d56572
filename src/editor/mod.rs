//! What an editor asks of a scenario: a text and a place in it → an answer. Nothing here knows a protocol,
//! and nothing is written anywhere.
//!
//! | file | what it does |
//! | --- | --- |
//! | `text` | a text by its lines, and places in it as editors count them |
//! | `buffers` | the texts that are open, which win over those on the disk |
//! | `look` | a text read and played, as far as there is time for it |
//! | `found` | what is wrong where, in any of the files that a scenario names |

pub mod buffers;
pub mod found;
pub mod look;
pub mod text;
