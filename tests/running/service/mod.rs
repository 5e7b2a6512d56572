//! The service from outside: over HTTP and WebSockets, on loopback.

mod api;
mod durable;
mod hardened;
mod live;
mod readme;
mod schema;
