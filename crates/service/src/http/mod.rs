//! The API of the service, on axum.
//!
//! | file | what it does |
//! | --- | --- |
//! | `router` | the one way in: which call it is, and what all answers have |
//! | `visitors`, `agents`, `connect`, `settings`, `admin`, `coverage`, `operation`, `site` | the calls, by who makes them |
//! | `openapi` | the document that describes them |
//! | `request`, `objects`, `reply`, `problem`, `stream` | bodies and secrets that come in; answers, refusals and streams that go out |
//! | `app` | what every call can reach |

mod admin;
mod agents;
mod app;
mod connect;
mod coverage;
mod objects;
mod openapi;
mod operation;
mod problem;
mod reply;
mod request;
mod router;
mod settings;
mod site;
mod stream;
mod visitors;

pub use app::App;
pub use request::Peer;
pub use router::{Answer, Router, while_it_starts};
