//! The program and services on loopback: the service from outside, scenarios on it, load tests of it.

mod by_adapter;
mod certificates;
mod client;
#[path = "../common/mod.rs"]
mod common;
mod frames;
mod inputs;
mod load;
mod load_adapter;
mod load_agents;
mod load_ends;
mod load_gather;
mod load_metrics;
mod load_page;
mod load_target;
mod load_wrong;
mod on_target;
mod over_http;
mod play;
mod processes;
mod rows;
mod secure;
mod service;
mod simulates;
