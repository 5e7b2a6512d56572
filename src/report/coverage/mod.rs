//! Coverage, in all of its forms, from one result model,
//! [`Coverage`](lamplighter_coverage::figures::Coverage). JSON is written by
//! [`lamplighter_coverage::json`], which the service's answers use, too.
//!
//! | file | what it does |
//! | --- | --- |
//! | `words` | lengths, shares and instants in the words of people |
//! | `text` | a terminal: the ranking, then a screen a widget |
//! | `chats` | a terminal: what chats came to |
//! | `many` | a terminal: a folder, a line for each scenario |
//! | `csv` | a row for each widget and hour of the week |
//! | `html` | one self-contained page to show in a meeting |

mod chats;
pub mod csv;
pub mod html;
pub mod many;
pub mod text;
mod words;
