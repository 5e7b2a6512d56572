//! Patterns of pages, against all ways in which one could match.

use crate::config::config;
use lamplighter_core::oracle;
use lamplighter_core::pages::{PageUrl, Pattern};
use proptest::prelude::*;
use proptest::sample::select;

fn segment() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(vec!["*", "*", "a", "b", "c", "A", "a*", "", "ü"]), 1 => encoded()]
}

/// Segments in percent-encoding, whole and broken.
fn encoded() -> impl Strategy<Value = &'static str> {
    select(vec!["%61", "%C3%BC", "%c3%bC", "%2A", "%2a", "%2F", "%", "%25", "%6"])
}

fn address() -> impl Strategy<Value = String> {
    let scheme = select(vec!["", "", "http://", "https://"]);
    let user = select(vec!["", "", "", "ann@"]);
    let host = select(vec!["example.com", "EXAMPLE.com", "example.org", "[::1]"]);
    let port = select(vec!["", "", ":80", ":443"]);
    (scheme, user, host, port).prop_map(|(s, u, h, p)| format!("{s}{u}{h}{p}"))
}

fn tail() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "", "/", "?q=/a", "#/b", "/?x#y", "//"])
}

fn path(segment: impl Strategy<Value = &'static str>) -> impl Strategy<Value = String> {
    prop::collection::vec(segment, 0..5).prop_map(|segments| segments.join("/"))
}

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (path(segment()), tail()).prop_map(|(path, tail)| format!("/{path}{tail}")),
        3 => (path(segment()), tail()).prop_map(|(path, tail)| format!("*/{path}{tail}")),
        1 => (address(), tail()).prop_map(|(address, tail)| format!("{address}{tail}")),
        3 => (address(), path(segment()), tail())
            .prop_map(|(address, path, tail)| format!("{address}/{path}{tail}")),
        1 => select(vec!["*", "/*", "/*/", "*/", "*?x", "/", "/*//", "**"]).prop_map(String::from),
    ]
}

fn page() -> impl Strategy<Value = String> {
    let segment =
        || prop_oneof![3 => select(vec!["a", "a", "b", "c", "A", "a*", "", "ü"]), 1 => encoded()];
    prop_oneof![
        2 => (path(segment()), tail()).prop_map(|(path, tail)| format!("/{path}{tail}")),
        3 => (address(), path(segment()), tail())
            .prop_map(|(address, path, tail)| format!("{address}/{path}{tail}")),
        1 => (address(), tail()).prop_map(|(address, tail)| format!("{address}{tail}")),
        1 => Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    fn patterns_mean_the_pages_that_trying_all_ways_finds(pattern in pattern(), page in page()) {
        let parsed: Pattern = pattern.parse().expect("a pattern");
        let expected = oracle::page_matches(&pattern, &page);
        prop_assert_eq!(parsed.matches(&PageUrl::new(&page)), expected, "{} on {}", pattern, page);
    }
}
