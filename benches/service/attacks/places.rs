//! One address that opens more connections than its share.

use std::process::Stdio;

use super::client::{ATTACKER, Connection, SOMEBODY, read};
use super::row::Row;
use crate::process::service_with;

const PLACES: usize = 1_000;
/// A fifth of all, by default.
const SHARE: usize = PLACES / 5;
const TRIED: usize = PLACES + 200;
const OTHERS: usize = 100;

/// More connections than there are places, and whether others find one.
pub fn of_one_address() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let further = ["--max-connections", &PLACES.to_string()];
    let store = folder.path().join("lamplighter.db");
    let served = service_with(&store, &further, Stdio::null());
    served.property("acme", &[]);
    let read = read();
    // All are held until the end.
    let mut held = Vec::with_capacity(TRIED);
    let mut hold = |from, count: usize| {
        let statuses = (0..count).map(|_| {
            let mut connection = Connection::open(from, served.address);
            let status = connection.call(&read).status;
            held.push(connection);
            status
        });
        statuses.fold((0, 0), |(in_, away), status| match status {
            200 => (in_ + 1, away),
            429 => (in_, away + 1),
            _ => (in_, away),
        })
    };
    let (taken_in, turned_away) = hold(ATTACKER, TRIED);
    let (others, _) = hold(SOMEBODY, OTHERS);
    vec![Row {
        attack: "1,200 connections of one address, where there are 1,000 places",
        measured: format!(
            "{taken_in} held, {turned_away} answered 429; {others} of {OTHERS} of another address are in"
        ),
        goal: format!("{SHARE} held, the others told so; all {OTHERS} in"),
        is_reached: (taken_in, turned_away, others) == (SHARE, TRIED - SHARE, OTHERS),
    }]
}
