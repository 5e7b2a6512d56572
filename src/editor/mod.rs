//! What an editor asks of a scenario: a text and a place in it → an answer. Nothing here knows a protocol,
//! and nothing is written anywhere.
//!
//! | file | what it does |
//! | --- | --- |
//! | `text` | a text by its lines, and places in it as editors count them |
//! | `buffers` | the texts that are open, which win over those on the disk |
//! | `look` | a text read and played, as far as there is time for it |
//! | `finding` | what is wrong where, in any of the files that a scenario names, and what would mend it |
//! | `first` | where something was said first that is said again |
//! | `hints` | what the rules say where expectations stand |
//! | `names`, `cells` | where names stand: what declares them, and what uses them; what a table puts in |
//! | `known_file`, `rename` | names over all files that know them; what gives them others |
//! | `cursor` | a question about a place |
//! | `hover`, `complete` | what a word means; which words can stand there |
//! | `edits` | what would change a text so that it is in its form |
//! | `folding` | the parts of a file |

pub mod buffers;
pub mod cells;
pub mod complete;
pub mod cursor;
pub mod edits;
pub mod finding;
pub mod first;
pub mod folding;
pub mod hints;
pub mod hover;
pub mod known_file;
pub mod look;
pub mod names;
pub mod rename;
pub mod text;
