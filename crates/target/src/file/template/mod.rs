//! Texts with `{{name}}` in them, parsed once (rules T15, T16, T19, T20 of target files).
//!
//! | file | what it is |
//! | --- | --- |
//! | `filter` | what a value goes through on its way into a text |
//! | `parts` | a template: its text taken apart into what is written and the uses of names |
//! | `names` | the names that it may use, and what they stand for at a call |
//! | `render` | the text, or value, that a template comes to with them |
//! | `json` | values of JSON with templates in them |

mod filter;
mod json;
mod names;
mod parts;
mod render;

pub use filter::Filter;
pub use json::Json;
pub use names::{Counters, KeptValues, NameValue, Names, NoSuchVar, Vars};
pub use parts::{NameUse, Template, is_name};
pub use render::RenderError;

#[cfg(test)]
mod tests;
