use lamplighter_scenario::language::span::Span;
use serde_json::{Value, json};

use super::super::finding::Findings;
use super::super::node::SpannedText;
use super::*;

fn read(text: &str) -> (Template, Vec<String>) {
    let findings = Findings::default();
    let template = Template::read(SpannedText::at(text, Span::default()), &findings);
    let messages = findings.into_sorted().into_iter().map(|found| found.diagnostic.message);
    (template, messages.collect())
}

fn template(text: &str) -> Template {
    let (template, messages) = read(text);
    assert!(messages.is_empty(), "{messages:?}");
    template
}

fn kept(names: &[(&str, Value)]) -> KeptValues {
    let mut kept = KeptValues::new();
    for (name, value) in names {
        kept.put(*name, value.clone());
    }
    kept
}

fn vars(texts: &[(&str, &str)]) -> Vars {
    let mut vars = Vars::default();
    for (name, text) in texts {
        vars.put(*name, template(text));
    }
    vars
}

#[test]
fn t20_four_braces_are_two_and_one_brace_is_itself() {
    let (vars, kept) = (Vars::default(), kept(&[("a", json!("x"))]));
    let mut counters = Counters::default();
    for (written, made) in [
        ("{{a}}", "x"),
        ("{{ a }}-{{a|lower}}", "x-x"),
        ("{{{{", "{{"),
        ("{{{{a}}", "{{a}}"),
        ("{{{{{{a}}", "{{x"),
        ("{\"a\":{\"b\":\"{{a}}\"}}", "{\"a\":{\"b\":\"x\"}}"),
        ("}} and }", "}} and }"),
        ("", ""),
    ] {
        let mut names = Names::new(vec![&kept], Vec::new(), &vars, &mut counters);
        assert_eq!(template(written).text(&mut names).as_deref(), Ok(made), "{written}");
    }
}

#[test]
fn t20_filters_chain_and_all_but_num_give_text() {
    let (vars, kept) = (Vars::default(), kept(&[("t", json!("09:30")), ("n", json!(7))]));
    let mut counters = Counters::default();
    for (written, made) in [
        ("{{n}}", json!(7)),
        ("{{n|lower}}", json!("7")),
        ("{{t|minutes}}", json!("570")),
        ("{{t|minutes|num}}", json!(570)),
        ("{{t|hhmm}} {{n}}", json!("0930 7")),
        ("{{t|b64|url}}", json!("MDk6MzA%3D")),
    ] {
        let mut names = Names::new(vec![&kept], Vec::new(), &vars, &mut counters);
        assert_eq!(template(written).value(&mut names), Ok(made), "{written}");
    }
}

#[test]
fn t10_a_name_alone_keeps_its_type_and_within_a_text_is_text() {
    let kept = kept(&[("list", json!([1, "a"])), ("flag", json!(true)), ("off", Value::Null)]);
    let vars = Vars::default();
    let mut counters = Counters::default();
    for (written, made) in [
        ("{{list}}", json!([1, "a"])),
        ("{{flag}}", json!(true)),
        ("{{off}}", Value::Null),
        ("<{{list}}>", json!("<[1,\"a\"]>")),
        ("{{flag}} ", json!("true ")),
        ("<{{off}}>", json!("<>")),
    ] {
        let mut names = Names::new(vec![&kept], Vec::new(), &vars, &mut counters);
        assert_eq!(template(written).value(&mut names), Ok(made), "{written}");
    }
}

#[test]
fn t16_the_nearest_place_gives_a_name_and_vars_come_last() {
    let (near, far) =
        (kept(&[("a", json!("near"))]), kept(&[("a", json!("far")), ("b", json!("far"))]));
    let vars = vars(&[("c", "var"), ("d", "{{b}}-{{c}}")]);
    let caller = kept(&[("token", json!("t"))]);
    let mut counters = Counters::default();
    let mut names = Names::new(vec![&near, &far], vec![&caller], &vars, &mut counters);
    assert_eq!(
        template("{{a}} {{b}} {{c}} {{d}}").text(&mut names).as_deref(),
        Ok("near far var far-var")
    );
    let not_kept = |name: &str| Err(RenderError::NotKept { name: name.to_owned() });
    assert_eq!(template("{{token}}").text(&mut names), not_kept("token"));
    assert_eq!(template("{{token}}").text(&mut names.of_caller()).as_deref(), Ok("t"));
    assert_eq!(template("{{a}}").text(&mut names.of_caller()), not_kept("a"));
}

#[test]
fn t16_what_its_own_step_keeps_is_empty_before() {
    let (vars, mut kept) = (Vars::default(), KeptValues::new());
    let mut counters = Counters::default();
    let since = template("{{since|url}}");
    {
        let mut names = Names::new(vec![&kept], Vec::new(), &vars, &mut counters);
        assert!(since.text(&mut names).is_err());
        assert_eq!(since.text(&mut names.of_step_that_keeps(["since"])).as_deref(), Ok(""));
    }
    kept.put("since", "s 1");
    let mut names = Names::new(vec![&kept], Vec::new(), &vars, &mut counters);
    assert_eq!(since.text(&mut names.of_step_that_keeps(["since"])).as_deref(), Ok("s+1"));
}

#[test]
fn t15_vars_are_expanded_where_they_are_used_and_what_was_kept_never() {
    let vars = vars(&[
        ("sasl", "\0{{agent}}\0{{password}}"),
        ("round", "{{trip}}"),
        ("trip", "{{round}}"),
    ]);
    let (ann, bob) = (
        kept(&[("agent", json!("ann")), ("password", json!("{{agent}}"))]),
        kept(&[("agent", json!("bob")), ("password", json!("pw"))]),
    );
    let mut counters = Counters::default();
    let sasl = template("{{sasl}}");
    let mut names = Names::new(vec![&ann], Vec::new(), &vars, &mut counters);
    assert_eq!(sasl.text(&mut names).as_deref(), Ok("\0ann\0{{agent}}"));
    let circle = template("{{round}}").text(&mut names);
    assert!(matches!(circle, Err(RenderError::Circle { .. })), "{circle:?}");
    let mut names = Names::new(vec![&bob], Vec::new(), &vars, &mut counters);
    assert_eq!(template("{{sasl|b64}}").text(&mut names).as_deref(), Ok("AGJvYgBwdw=="));
}

#[test]
fn t19_counters_begin_at_one_and_the_name_alone_is_the_last_number() {
    let (vars, kept) = (Vars::default(), KeptValues::new());
    let mut counters = Counters::default();
    let mut names = Names::new(vec![&kept], Vec::new(), &vars, &mut counters);
    assert!(template("{{rid}}").text(&mut names).is_err());
    assert_eq!(template("{{+rid}}").value(&mut names), Ok(json!(1)));
    assert_eq!(template("{{+rid}} {{rid}} {{+rid}}").text(&mut names).as_deref(), Ok("2 2 3"));
    assert_eq!(template("{{rid}}").value(&mut names), Ok(json!(3)));
    assert_eq!(counters.last("rid"), Some(3));
    // Another login has counters of its own.
    assert_eq!(Counters::default().take("rid"), 1);
}

#[test]
fn t25_what_the_command_line_gives_is_taken_as_it_is() {
    let mut vars = vars(&[("domain", "{{agent}}.example")]);
    vars.declare_secret("admin_key");
    assert_eq!(vars.missing_secrets().collect::<Vec<_>>(), ["admin_key"]);
    assert_eq!(vars.set("admin_key", "k{{x}}"), Ok(()));
    assert_eq!(vars.set("domain", "a.test"), Ok(()));
    assert_eq!(vars.set("nothing", "x"), Err(NoSuchVar));
    assert_eq!(vars.missing_secrets().count(), 0);
    let mut counters = Counters::default();
    let mut names = Names::new(Vec::new(), Vec::new(), &vars, &mut counters);
    assert_eq!(
        template("{{admin_key}}@{{domain}}").text(&mut names).as_deref(),
        Ok("k{{x}}@a.test")
    );
}

#[test]
fn what_is_wrong_between_braces_is_said() {
    for (text, message) in [
        ("{{a", "these braces are never closed"),
        ("{{}}", "there is no name between these braces"),
        ("{{a b}}", "`a b` is no name"),
        ("{{1a}}", "`1a` is no name"),
        ("{{a|hmm}}", "there is no filter `hmm`"),
        ("{{+}}", "`+` is no name"),
    ] {
        assert_eq!(read(text).1, [message], "{text}");
    }
}

#[test]
fn a_value_that_a_filter_cannot_read_is_named_without_its_text() {
    let (vars, kept) = (Vars::default(), kept(&[("end", json!("hush"))]));
    let mut counters = Counters::default();
    let mut names = Names::new(vec![&kept], Vec::new(), &vars, &mut counters);
    let error = template("{{end|hhmm}}").text(&mut names).expect_err("no time");
    assert_eq!(
        error.to_string(),
        "`end` cannot go through `hhmm`: it is not a time such as `09:30`"
    );
}
