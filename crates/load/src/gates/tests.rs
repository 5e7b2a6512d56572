use super::*;
use crate::latencies::Latencies;
use crate::result::{Class, LoadResult};
use crate::sample::{Sample, operation};
use crate::tally::{LOGIN, WIDGET};

fn verdict(gate: &str, result: &LoadResult) -> (bool, String) {
    let verdict =
        Gate::parse(gate).unwrap_or_else(|error| panic!("{gate}: {error}")).verdict(result);
    assert_eq!(verdict.gate, gate);
    (verdict.passed, verdict.value)
}

/// 999 reads of 10 ms with one error, and logins of a second, all of which failed.
fn result() -> LoadResult {
    let mut result = Sample::default().whole();
    result.operations.clear();
    result.operations.insert(WIDGET.to_owned(), operation(10_000, 999, 1));
    result.operations.insert(LOGIN.to_owned(), operation(1_000_000, 0, 20));
    result.rate.asked = 1_000;
    result.rate.sent = 990;
    result.judged.wrong.insert(Class::Stale, 2);
    result.judged.reads = 1_000;
    result.judged.decisive = 600;
    result.judged.pushes = 600;
    result.judged.teams = 300;
    result.judged.messages = 100;
    result
}

#[test]
fn a_gate_says_when_a_run_fails() {
    let mut result = result();
    (result.propagation, result.edges) = Default::default();
    result.propagation.push.record(400_000);
    result.edges.push.record(3_000_000);
    result.edges.push.record(20_000);
    for (gate, passed, value) in [
        ("p99(widget) > 50ms", true, "10.0ms"),
        ("p99(widget) > 9.9ms", false, "10.0ms"),
        ("p50(widget)<1s", false, "10.0ms"),
        ("service.p99(login) > 999ms", false, "1.00s (the longest of only 20)"),
        ("max(login) > 2s", true, "1.00s"),
        ("mean(widget) >= 5ms", false, "10.0ms"),
        ("p99.9(propagation) > 300ms", false, "400ms (the longest of only 1)"),
        ("late(edge) > 1s", false, "3.00s"),
        ("late( edge ) > 1m", true, "3.00s"),
        ("p50(edge) > 1s", true, "20.0ms"),
        ("wrong > 0", false, "2 of 2,000 answers"),
        ("wrong(stale) > 0", false, "2 of 1,900 answers"),
        ("wrong(stale) > 2", true, "2 of 1,900 answers"),
        ("wrong(lost-message) > 0", true, "0 of 100 messages"),
        ("wrong(team-status-wrong) > 0", true, "0 of 300 statuses of teams"),
        ("wrong > 0.1%", true, "0.10% (2 of 2,000 answers)"),
        ("wrong >= 0.1%", false, "0.10% (2 of 2,000 answers)"),
        ("errors > 2.05%", false, "2.06% (21 of 1,020 calls)"),
        ("errors(widget) > 0.1%", true, "0.10% (1 of 1,000 calls)"),
        ("errors(widget) >= 0.1 %", false, "0.10% (1 of 1,000 calls)"),
        ("errors(login) > 1,000", true, "20 of 20 calls"),
        ("rate < 99%", true, "99.00% (990 of 1,000 visitors)"),
        ("rate <= 99%", false, "99.00% (990 of 1,000 visitors)"),
        ("rate < 99.0/s", true, "99.0/s"),
        ("rate < 99.001/s", false, "99.0/s"),
        ("decisive < 50%", true, "60.0% (600 of 1,000 reads)"),
        ("within > 200ms", true, "113ms"),
        ("within > 113.3ms", false, "113ms"),
    ] {
        assert_eq!(verdict(gate, &result), (passed, value.to_owned()), "{gate}");
    }
}

#[test]
fn a_gate_on_what_never_ran_fails_and_says_so() {
    let mut result = result();
    result.judged = Default::default();
    result.rate.asked = 0;
    result.propagation.poll = Latencies::default();
    result.edges = Default::default();
    result.operations.remove(WIDGET);
    for (gate, value) in [
        ("p99(widget) > 50ms", "nothing measured: there was no call `widget`"),
        ("p99(team) < 50ms", "nothing measured: there was no call `team`"),
        ("errors(logout) > 0", "nothing measured: there was no call `logout`"),
        ("max(propagation.poll) > 50ms", "nothing measured: there was no change that was read"),
        ("late(edge) > 1s", "nothing measured: there was no edge that was pushed"),
        ("wrong > 0", "nothing measured: no answer was judged"),
        ("wrong(lost-message) > 0", "nothing measured: no message was acknowledged"),
        ("rate < 99%", "nothing measured: no visitor was asked for"),
        ("decisive < 1%", "nothing measured: no read was judged"),
        ("within > 1s", "nothing measured: no answer was judged"),
    ] {
        assert_eq!(verdict(gate, &result), (false, value.to_owned()), "{gate}");
        assert!(!Gate::parse(gate).expect("a gate").is_exceeded(&result), "{gate}");
    }
    result.operations.clear();
    assert!(!verdict("errors > 0", &result).0);
}

#[test]
fn who_had_no_turn_within_the_target_s_limits_is_no_error_of_it() {
    let mut result = result();
    let widget = result.operations.get_mut(WIDGET).expect("there");
    widget.errors.insert(crate::outages::NO_TURN.to_owned(), 500);
    let measured = "0.10% (1 of 1,000 calls)".to_owned();
    assert_eq!(verdict("errors(widget) > 1%", &result), (true, measured));
}

#[test]
fn no_promise_that_is_enough_is_above_every_limit() {
    let mut result = result();
    result.judged.within_enough_ms = None;
    let expected = (false, "no promise would have been enough".to_owned());
    assert_eq!(verdict("within > 60m", &result), expected);
}

#[test]
fn more_of_what_only_grows_makes_no_run_pass() {
    for (gate, is_final) in [
        ("wrong > 0", true),
        ("errors(login) >= 5", true),
        ("max(login) > 2s", true),
        ("p100(login) > 2s", true),
        ("within > 1s", true),
        ("wrong > 1%", false),
        ("p99(login) > 2s", false),
        ("wrong < 1", false),
        ("rate < 99%", false),
    ] {
        assert_eq!(Gate::parse(gate).expect("a gate").is_final(), is_final, "{gate}");
    }
}

/// Texts that are no gates, and what is told of them.
const NO_GATES: &[(&str, &str)] = &[
    ("", "a gate is empty (column 1); write for instance `p99(widget) > 50ms`"),
    ("> 5", "`>` is nothing that is measured (column 1); write for instance `p99(widget) > 50ms`"),
    ("wrnog > 0", "`wrnog` is nothing that is measured (column 1); did you mean `wrong`?"),
    (
        "latency > 0",
        "`latency` is nothing that is measured (column 1); a gate begins with `p99`, `max`, \
             `mean`, `late`, `service.p99`, `wrong`, `errors`, `rate`, `decisive` or `within`",
    ),
    (
        "p99(wigdet) > 50ms",
        "nothing is timed by the name `wigdet` (column 5); did you mean `widget`?",
    ),
    (
        "p99(x) > 50ms",
        "nothing is timed by the name `x` (column 5); there are `widget`, `events`, `message`, \
             `login`, `status`, `logout`, `connect`, `team`, `propagation`, `propagation.poll`, `edge`, \
             `edge.poll`, `sending` or `generator`",
    ),
    (
        "service.p99(light) > 50ms",
        "there is no operation `light` (column 13); there are `widget`, `events`, `message`, \
             `login`, `status`, `logout`, `connect` or `team`",
    ),
    (
        "p99(light) > 300ms",
        "nothing is timed by the name `light` (column 5); it is called `propagation` now",
    ),
    (
        "max(light.poll) > 1s",
        "nothing is timed by the name `light.poll` (column 5); it is called `propagation.poll` \
             now",
    ),
    (
        "wrong(inversion) > 0",
        "there is no class of wrong answers `inversion` (column 7); it is called \
             `non-monotonic-read` now",
    ),
    ("errors(log-in) > 1", "there is no operation `log-in` (column 8); did you mean `login`?"),
    (
        "wrong( stael) > 0",
        "there is no class of wrong answers `stael` (column 8); did you mean `stale`?",
    ),
    (
        "p101(widget) > 1s",
        "there is no percentile `p101` (column 1); write `p50`, `p99`, `p99.9`; `p100` is the \
             longest",
    ),
    (
        "p99 > 50ms",
        "`p99` is of something, which is missing (column 5); write for instance `p99(widget)`",
    ),
    ("rate(widget) < 9%", "`rate` takes no parentheses (column 5); write `rate` alone"),
    ("p99(widget > 50ms", "the parenthesis is not closed (column 4); write `(widget)`"),
    (
        "p99(widget)",
        "expected an operator, found the end (column 12); a gate says when the run fails, with \
             `>`, `>=`, `<` or `<=`",
    ),
    (
        "wrong == 0",
        "expected an operator, found `==` (column 7); a gate says when the run fails, with \
             `>`, `>=`, `<` or `<=`",
    ),
    (
        "max(edge) > ",
        "expected a limit, found the end (column 13); write a length of time with `us`, `ms`, \
             `s` or `m`, e.g. `50ms`",
    ),
    (
        "max(edge) > 5 parsecs",
        "expected a limit, found `5 parsecs` (column 13); write a length of time with `us`, \
             `ms`, `s` or `m`, e.g. `50ms`",
    ),
    (
        "max(edge) > 5",
        "`5` is no limit for a length of time (column 13); write a length of time with `us`, \
             `ms`, `s` or `m`, e.g. `50ms`",
    ),
    (
        "wrong > 50ms",
        "`50ms` is no limit for wrong answers (column 9); write a number or a percentage, e.g. \
             `0` or `0.1%`",
    ),
    (
        "wrong > 0.5",
        "expected a limit, found `0.5` (column 9); write a number or a percentage, e.g. `0` or \
             `0.1%`",
    ),
    (
        "rate < 1000",
        "`1000` is no limit for a rate (column 8); write a percentage of the rate asked for, \
             or a rate, e.g. `99%` or `950/s`",
    ),
];

#[test]
fn what_is_no_gate_is_told_where_and_what_may_have_been_meant() {
    for &(gate, message) in NO_GATES {
        let error = Gate::parse(gate).expect_err(gate);
        assert_eq!(error.to_string(), message, "{gate}");
    }
}

#[test]
fn a_file_has_a_gate_a_line() {
    let text = "\u{feff}# all that matters\n\n  wrong > 0\nerrors > 0.1% # few\r\n";
    let gates = Gate::parse_file(text).expect("gates");
    assert_eq!(
        gates.iter().map(Gate::to_string).collect::<Vec<_>>(),
        ["wrong > 0", "errors > 0.1%"]
    );
    let error = Gate::parse_file("wrong > 0\n  wrong(stael) > 0\n").expect_err("no gate");
    assert_eq!(
        error.to_string(),
        "2:9: there is no class of wrong answers `stael`; did you mean `stale`?"
    );
}

#[test]
fn the_gates_that_every_run_has_are_as_they_would_be_read() {
    assert_eq!(Gate::parse("wrong > 0").expect("a gate"), Gate::nothing_wrong());
    let read = ["errors > 1%", "rate < 95%"].map(|gate| Gate::parse(gate).expect("a gate"));
    assert_eq!(read, Gate::defaults());
}

#[test]
fn a_gate_is_on_the_same_as_another_whatever_its_limit() {
    let [errors, rate] = Gate::defaults();
    let of = |text: &str| Gate::parse(text).expect("a gate");
    assert!(of("errors > 20").is_on_the_same(&errors) && of("rate < 900/s").is_on_the_same(&rate));
    for other in ["errors(login) > 1%", "p99(widget) > 1s", "wrong(stale) > 0"] {
        let other = of(other);
        for gate in [&errors, &rate, &Gate::nothing_wrong()] {
            assert!(!other.is_on_the_same(gate), "{other} {gate}");
        }
    }
}

#[test]
fn a_target_that_was_away_fails_the_gates_that_every_run_has() {
    let mut result = Sample::default().whole();
    let failing = |result: &LoadResult| {
        let all = Gate::defaults().into_iter().filter(|gate| !gate.verdict(result).passed);
        all.map(|gate| gate.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(failing(&result), [""; 0]);
    result.rate.sent = 839;
    result.operations.insert("widget".to_owned(), operation(900, 839, 161));
    assert_eq!(failing(&result), ["errors > 1%", "rate < 95%"]);
}

#[test]
fn no_text_makes_the_parser_panic() {
    for text in
        ["(", ")", "p", "p(", "p.(widget)>1s", "ü(ü) ≥ ü", "p99(widget)>18446744073709551616m"]
    {
        assert!(Gate::parse(text).is_err(), "{text}");
    }
}
