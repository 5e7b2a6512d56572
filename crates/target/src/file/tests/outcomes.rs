//! What answers mean (T1 to T6, T10, T11).

use std::time::Duration;

use serde_json::json;

use super::{answer, kept, read_step, step, with_names};
use crate::file::answer::Answer;
use crate::file::condition::Condition;
use crate::file::outcome::{CommonConditions, IndeterminateCause, StepOutcome, judge};
use crate::file::response_error::ResponseError;
use crate::file::section::Section;
use crate::file::step::Step;
use crate::file::template::{KeptValues, Vars};

fn judged(step: &Step, general: &CommonConditions, answer: &Answer) -> StepOutcome {
    let names = kept(&[("device", json!("d1")), ("number", json!(7))]);
    let cookie = |name: &str| (name == "sid").then(|| "abc".to_owned());
    with_names(&names, &KeptValues::new(), &Vars::default(), |names| {
        judge(step, general, Ok(answer), &cookie, names).expect("names")
    })
}

/// `done`, `refused`, `gone`, `unknown`
fn word(outcome: &StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Done(_) => "done",
        StepOutcome::Refused => "refused",
        StepOutcome::Gone => "gone",
        StepOutcome::Unknown(_) => "unknown",
    }
}

fn general() -> CommonConditions {
    CommonConditions {
        gone: Condition::of_statuses(&[401, 409, 204]),
        ..CommonConditions::default()
    }
}

#[test]
fn t1_the_first_condition_that_holds_decides() {
    for (conditions, status, body, outcome) in [
        ("", 200, "", "done"),
        ("", 302, "", "unknown"),
        ("", 401, "", "gone"),
        ("", 404, "", "refused"),
        // The general `gone` comes before the general `refused` and the general `done`.
        ("", 409, "", "gone"),
        ("", 204, "", "gone"),
        // An own `done` before all, with the status that it names or with a 2xx.
        ("done = { status = [200, 409] }", 409, "", "done"),
        ("done = { regex = 'ok' }", 200, "ok", "done"),
        ("done = { regex = 'ok' }", 404, "ok", "refused"),
        ("done = { status = 302, header = { location = '^/app' } }", 302, "", "refused"),
        // Then the own `gone`, then the own `refused`, both of any status.
        ("gone = { regex = 'bye' }\nrefused = { regex = 'bye' }", 200, "bye", "gone"),
        ("refused = { regex = 'no' }", 200, "no", "refused"),
        ("refused = { status = 401 }", 401, "", "refused"),
        ("done = { regex = 'ok' }\nrefused = { regex = 'ok' }", 200, "ok", "done"),
        // A step with a `done` of its own is never done by the general one.
        ("done = { regex = 'ok' }", 200, "else", "refused"),
    ] {
        let step = step(&format!("post = '/x'\n{conditions}"));
        let found = judged(&step, &general(), &answer(status, &[], body));
        assert_eq!(word(&found), outcome, "{conditions} {status} {body}");
    }
}

#[test]
fn t2_what_meets_nothing_is_refused_below_500_where_the_step_says_what_is_done() {
    for (conditions, status, outcome) in [
        ("done = { status = 201 }", 200, "refused"),
        ("done = { status = 201 }", 302, "refused"),
        ("done = { status = 201 }", 500, "unknown"),
        ("done = { status = 503 }", 503, "done"),
        ("", 302, "unknown"),
        ("", 500, "unknown"),
    ] {
        let step = step(&format!("post = '/x'\n{conditions}"));
        let found = judged(&step, &CommonConditions::default(), &answer(status, &[], ""));
        assert_eq!(word(&found), outcome, "{conditions} {status}");
    }
    let step = step("post = '/x'\ndone = { status = 201 }");
    for broken in [
        ResponseError::Truncated,
        ResponseError::TimedOut { after: Duration::from_secs(10) },
        ResponseError::TooLong { bytes_max: 9 },
        ResponseError::BadEncoding { encoding: "gzip".to_owned() },
    ] {
        with_names(&KeptValues::new(), &KeptValues::new(), &Vars::default(), |names| {
            let found = judge(&step, &CommonConditions::default(), Err(&broken), &|_| None, names);
            assert_eq!(
                found,
                Ok(StepOutcome::Unknown(IndeterminateCause::Response(broken.clone())))
            );
        });
    }
}

#[test]
fn t3_one_table_of_a_list_must_hold_and_the_default_of_refused_is_the_letters() {
    let either = step("post = '/x'\ndone = [{ status = 201 }, { regex = 'there already' }]");
    for (status, body, outcome) in [
        (201, "", "done"),
        (200, "there already", "done"),
        (400, "there already", "refused"),
        (200, "", "refused"),
    ] {
        let found = judged(&either, &CommonConditions::default(), &answer(status, &[], body));
        assert_eq!(word(&found), outcome, "{status} {body}");
    }
    let plain = step("post = '/x'");
    for status in 400..500 {
        let is_refused = [400, 403, 404, 405, 409, 410, 422, 429].contains(&status);
        let found = judged(&plain, &CommonConditions::default(), &answer(status, &[], ""));
        assert_eq!(word(&found), if is_refused { "refused" } else { "unknown" }, "{status}");
    }
    let never = step("post = '/x'\nrefused = []\ngone = []");
    assert_eq!(word(&judged(&never, &CommonConditions::default(), &answer(200, &[], ""))), "done");
}

#[test]
fn t5_what_is_refused_behind_a_write_is_unknown() {
    let (get, post) = (step("get = '/x'"), step("post = '/x'"));
    for (before, outcome) in [
        (vec![], StepOutcome::Refused),
        (vec![&get], StepOutcome::Refused),
        (vec![&get, &post], StepOutcome::Unknown(IndeterminateCause::HalfDone)),
    ] {
        assert_eq!(StepOutcome::Refused.behind(&before), outcome);
        assert_eq!(StepOutcome::Gone.behind(&before), StepOutcome::Gone);
    }
}

#[test]
fn t10_each_origin_gives_its_value_with_its_type() {
    let headers = [("X-Name", "ann"), ("x-name", "bob"), ("Content-Type", "application/json")];
    let body = r#"{"id":7,"flag":false,"list":[{"s":"a"},{"s":null},{"t":1}],"none":null}"#;
    for (from, value) in [
        ("{ json = '/id' }", json!(7)),
        ("{ json = '/flag' }", json!(false)),
        ("{ json = '/list/*/s' }", json!(["a"])),
        ("{ json = '/nothing/*', else = 'x' }", json!([])),
        ("{ json = '/none', else = 'x' }", json!("x")),
        ("{ json = '/none', else = '{{device}}-1' }", json!("d1-1")),
        ("{ json = '/none', else = '{{number}}' }", json!(7)),
        ("{ json = '' }", serde_json::from_str(body).expect("JSON")),
        ("{ header = 'X-NAME' }", json!("ann, bob")),
        ("{ cookie = 'sid' }", json!("abc")),
        ("{ cookie = 'other', else = 0 }", json!(0)),
        ("{ regex = '\"id\":(\\d+)' }", json!("7")),
        ("{ regex = 'x(y)?', else = false }", json!(false)),
        ("{ status = true }", json!(200)),
        ("{ bytes = true }", json!(71)),
    ] {
        let step = step(&format!("post = '/x'\nkeep.it = {from}"));
        let found = judged(&step, &CommonConditions::default(), &answer(200, &headers, body));
        let StepOutcome::Done(found) = found else { panic!("{from}: {found:?}") };
        assert_eq!(found.get("it"), Some(&value), "{from}");
    }
    let empty = judged(
        &step("post = '/x'\nkeep.it = { sha256 = true }"),
        &CommonConditions::default(),
        &answer(200, &[], ""),
    );
    let StepOutcome::Done(empty) = empty else { panic!("{empty:?}") };
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(empty.get("it"), Some(&json!(digest)));
}

#[test]
fn t10_a_name_that_is_not_there_leaves_the_step_unknown_and_names_what_it_looked_for() {
    for (from, body, by, is_json) in [
        ("{ json = '/a' }", r#"{"b":1}"#, "json", true),
        ("{ json = '/a' }", "<html>", "json", false),
        ("{ json = '/a/*' }", "<html>", "json", false),
        ("{ regex = 'a(b)' }", "c", "regex", true),
        ("{ header = 'Location' }", "", "header", true),
        ("{ cookie = 'other' }", "", "cookie", true),
    ] {
        let step = step(&format!("post = '/x'\nkeep.it = {from}"));
        let found = judged(&step, &CommonConditions::default(), &answer(200, &[], body));
        let doubt = IndeterminateCause::NotFound { name: "it".to_owned(), by, is_json };
        assert_eq!(found, StepOutcome::Unknown(doubt), "{from} {body}");
    }
    // Nothing is kept of what is not done.
    let step = step("post = '/x'\nkeep.it = { json = '/a' }");
    assert_eq!(
        judged(&step, &CommonConditions::default(), &answer(404, &[], "")),
        StepOutcome::Refused
    );
}

#[test]
fn t11_conditions_compare_with_types_and_look_into_json_headers_and_text() {
    let headers = [("Set-Cookie", "a=1"), ("Set-Cookie", "sid=2")];
    let body = r#"{"ok":true,"n":1,"name":"d1","tags":["a","b"],"one":{"x":[1]}}"#;
    for (done, is_done) in [
        ("{ json = { '/ok' = true } }", true),
        ("{ json = { '/ok' = 'true' } }", false),
        ("{ json = { '/n' = 1.0, '/ok' = true } }", true),
        ("{ json = { '/n' = '1' } }", false),
        ("{ json = { '/n' = [1, 2] } }", false),
        ("{ json = { '/tags' = ['a', 'b'] } }", true),
        ("{ json = { '/tags/*' = ['a', 'b'] } }", true),
        ("{ json = { '/tags/*' = 'a' } }", false),
        ("{ json = { '/one' = { x = [1] } } }", true),
        ("{ json = { '/name' = '{{device}}' } }", true),
        ("{ json = { '/none' = '' } }", false),
        ("{ header = { set-cookie = '^sid=' } }", true),
        ("{ header = { location = '' } }", false),
        ("{ regex = '\"n\":1' }", true),
        ("{ status = [201, 200], regex = 'tags' }", true),
        ("{ status = 201, regex = 'tags' }", false),
    ] {
        let step = step(&format!("post = '/x'\ndone = {done}"));
        let found = judged(&step, &CommonConditions::default(), &answer(200, &headers, body));
        assert_eq!(word(&found), if is_done { "done" } else { "refused" }, "{done}");
    }
}

#[test]
fn t49_what_is_wrong_with_a_condition_or_a_keep_is_said() {
    for (text, error) in [
        ("done = { statuss = 200 }", "`done` has no key `statuss`: unknown"),
        ("done = { status = 99 }", "`status` takes a whole number from 100 to 599: out of range"),
        (
            "done = { status = '200' }",
            "`status` takes a whole number from 100 to 599: this is a text",
        ),
        ("done = { regex = '(' }", "this is no regular expression: unclosed group"),
        (
            "done = { regex = 'x{{agent}}' }",
            "this is no regular expression: repetition quantifier expects a valid decimal",
        ),
        (
            "done = { json = { 'a' = 1 } }",
            "`a` is no JSON pointer: it begins with `/`, or is empty",
        ),
        ("done = { json = { '/a' = 2026-03-09 } }", "JSON has no dates: a date of TOML"),
        (
            "keep.it = { regex = 'x' }",
            "what is kept is the one group of its regular expression: it has no group",
        ),
        (
            "keep.it = { regex = '(x)(y)' }",
            "what is kept is the one group of its regular expression: it has 2 groups",
        ),
        (
            "keep.it = { else = 1 }",
            "`it` is kept from nowhere: one of `json`, `header`, `cookie`, `regex`, `status`, `bytes` or `sha256`",
        ),
        (
            "keep.it = { json = '/a', status = true }",
            "`it` is kept from several places: one of `json`, `header`, `cookie`, `regex`, `status`, `bytes` or `sha256`",
        ),
        (
            "keep.it = { status = false }",
            "`status` takes `true`, or is left out: this keeps nothing",
        ),
        (
            "keep.'a b' = { status = true }",
            "`a b` is no name: a letter, then letters, digits, `_` and `-`",
        ),
    ] {
        let (_, errors) = read_step(&format!("post = '/x'\n{text}"), Section::AgentMake);
        assert_eq!(errors, [error], "{text}");
    }
}
