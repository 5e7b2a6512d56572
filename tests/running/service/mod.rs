//! The service from outside: over HTTP and WebSockets, on loopback.

mod accounts;
mod admins;
mod answers;
mod api;
mod attacked;
mod bounded;
mod clock;
mod coverage;
mod devices;
mod durable;
mod full;
mod hardened;
mod http2;
mod live;
mod messages;
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
