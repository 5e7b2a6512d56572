//! The service from outside: over HTTP and WebSockets, on loopback.

mod accounts;
mod answers;
mod api;
mod attacked;
mod bounded;
mod clock;
mod coverage;
mod durable;
mod full;
mod hardened;
mod http2;
mod live;
mod page;
mod proxied;
mod readme;
mod recorded;
mod refused;
mod schema;
mod store;
mod tls;
mod turned_away;
mod versions;
