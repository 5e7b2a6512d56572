//! The API of the service, on axum.
//!
//! | file | what it does |
//! | --- | --- |
//! | `router` | the one way in: which call it is, and what all answers have |
//! | `visitors`, `agents`, `connect`, `accounts`, `messages`, `settings`, `lists`, `admin`, `audit`, `coverage`, `operation`, `site` | the calls, by who makes them |
//! | `openapi` | the document that describes them |
//! | `request`, `query`, `reply`, `problem`, `stream`, `spelling` | bodies, secrets and queries that come in; answers, refusals and streams that go out |
//! | `app` | what every call can reach |

mod accounts;
mod admin;
mod agents;
mod app;
mod audit;
mod connect;
mod coverage;
mod lists;
mod messages;
mod openapi;
mod operation;
mod problem;
mod query;
mod reply;
mod request;
mod router;
mod settings;
mod site;
mod spelling;
mod stream;
mod visitors;

pub use app::App;
pub use operation::operation_alone;
pub use problem::without_place;
pub use request::Peer;
pub use router::{Answer, Router, no_place, while_it_starts};
