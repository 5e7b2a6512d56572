//! Coverage, in all of its forms, from one result model,
//! [`Coverage`](lamplighter_coverage::figures::Coverage).
//!
//! | file | what it does |
//! | --- | --- |
//! | `words` | lengths, shares, instants and causes in the words of people |
//! | `text` | a terminal: the ranking, then a screen a widget |
//! | `chats` | a terminal: what chats came to |
//! | `json` | programs; described by `docs/coverage.schema.json` |
//! | `csv` | a row for each widget and hour of the week |
//! | `html` | one self-contained page to show in a meeting |

mod chats;
pub mod csv;
pub mod html;
pub mod json;
pub mod text;
mod words;
