//! Reports from one result model, [`Verdict`](lamplighter_scenario::play::Verdict): for people in a terminal,
//! for machines, for a browser. No report knows who ran what.
//!
//! | file | what it does |
//! | --- | --- |
//! | `text`, `snippet`, `style` | a terminal: verdicts and messages, underlined lines, colours |
//! | `chart` | a terminal: devices and widgets against time |
//! | `drawing` | where things lie when time is drawn: for `chart` and `html` |
//! | `html` | one self-contained page |
//! | `template` | pages out of templates, for all who make some |
//! | `json`, `junit`, `github` | programs, CI servers, annotations of pull requests |
//! | `checked`, `sarif` | what `check` found, for programs and for code hosts |
//! | `schemas` | the published schemas of these, held against their types |
//! | `repository` | files as the repository names them, for code hosts |
//! | `told` | what is wrong in a few lines, where nothing can be drawn |
//! | `timeline` | the timeline as CSV |
//! | `explain` | why a widget is as it is, rule by rule |
//! | `rule_book`, `code_book` | the rule book, and what the codes of messages mean, as data |
//! | `import` | what became of a log that was imported |
//! | `coverage` | how long widgets kept what they promise, in all of these forms |
//! | `simulation`, `simulated` | what was simulated, met, and found: of the engine, and on a service |
//! | `load` | load tests, in all of these forms |
//! | `observed` | what recordings came to, for programs |
//! | `tested` | what was tested on a service, by capability |
//! | `summary`, `format` | what the scenarios of a run come to; numbers and foreign texts in print |

pub mod chart;
pub mod checked;
pub mod code_book;
pub mod coverage;
mod drawing;
pub mod explain;
pub mod format;
pub mod github;
pub mod html;
pub mod import;
pub mod json;
pub mod junit;
#[cfg(feature = "load")]
pub mod load;
mod observed;
pub mod repository;
pub mod rule_book;
pub mod sarif;
#[cfg(test)]
mod schemas;
#[cfg(feature = "target")]
pub mod simulated;
pub mod simulation;
mod snippet;
mod style;
pub mod summary;
pub(crate) mod template;
pub mod tested;
pub mod text;
pub mod timeline;
pub mod told;

pub use style::Paint;
