//! The service from outside: over HTTP and WebSockets, on loopback.

mod accounts;
mod api;
mod attacked;
mod clock;
mod coverage;
mod durable;
mod hardened;
mod live;
mod page;
mod readme;
mod recorded;
mod schema;
mod versions;
