//! What answers say of agents and widgets (T36 to T39).

use lamplighter_core::model::{AgentStatus, Form, HiddenBecause, WidgetStatus};
use serde_json::{Value, json};

use super::files::bare_with;
use super::{answer, kept, with_names};
use crate::file::possible::{PossibleStatuses, fold};
use crate::file::says::Unreadable;
use crate::file::template::{KeptValues, Vars};
use crate::file::widget::ObservedWidget;

/// What a `[team]` reads of the agent `ann`, where the read kept `said`.
fn team(config: &str, said: Option<Value>, body: &str) -> Result<String, Unreadable> {
    let widget = "[widget]\nfrom = \"team\"\n";
    let read = match said {
        Some(_) => {
            "read = { get = \"/t/{{agent}}\", keep = { said = { json = \"/s\" }, busy = { json = \"/b\" } } }"
        }
        None => "read = { get = \"/t\" }",
    };
    let file = bare_with(&format!("{widget}[team]\n{read}\n{config}"));
    let mut names = kept(&[("agent", json!("ann")), ("busy", json!(true))]);
    if let Some(said) = said {
        names.put("said", said);
    }
    let answer = answer(200, &[], body);
    with_names(&names, &KeptValues::new(), &Vars::default(), |names| {
        file.team.expect("a team").status(&answer, names).map(|status| status.to_string())
    })
}

#[test]
fn t36_what_was_said_of_a_member_is_translated_by_its_text() {
    let config = r#"
for = "member"
none = "invisible"
values = { here = "online", "1" = "away", true = "online", "" = "offline", both = ["online", "away"] }
"#;
    for (said, status) in [
        (json!("here"), Ok("online")),
        (json!(1), Ok("away")),
        (json!(1.0), Ok("away")),
        (json!(true), Ok("online")),
        (json!(""), Ok("offline")),
        (json!("both"), Ok("online or away")),
        // Several are folded by P4; none at all is `none`.
        (json!(["1", "here"]), Ok("online")),
        (json!(["", 1]), Ok("away")),
        (json!(["both", ""]), Ok("online or away")),
        (json!([]), Ok("invisible")),
        (json!("elsewhere"), Err("no row of the table says what `elsewhere` is")),
        (json!(["here", "elsewhere"]), Err("no row of the table says what `elsewhere` is")),
    ] {
        let read = team(config, Some(said.clone()), "").map_err(|error| error.to_string());
        let wanted = status.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(read, wanted, "{said}");
    }
}

#[test]
fn t36_rows_are_looked_up_by_name_and_others_are_passed_over() {
    let list = r#"{"m":[{"n":"bob","s":"odd"},{"n":"ann","s":"here"},{"n":"ann","s":"away"}]}"#;
    let table = r#"{"m":{"7":{"n":"ann","s":"away"},"8":{"n":"bob","s":"odd"}}}"#;
    let values = "values = { here = \"online\", away = \"away\" }";
    for (config, body, status) in [
        ("rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"", list, Ok("online")),
        ("rows = \"/m/*\"\nname = \"/n\"\nsaid = \"/s\"", list, Ok("online")),
        ("rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"", table, Ok("away")),
        ("rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"", r#"{"m":[]}"#, Ok("offline")),
        ("rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"", r#"{"m":[{"n":"ann"}]}"#, Ok("offline")),
        (
            "rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"",
            r#"{"m":[{"n":"ann","s":null}]}"#,
            Ok("offline"),
        ),
        (
            "rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"",
            r#"{"m":[{"n":"ann","s":["away","here"]}]}"#,
            Ok("online"),
        ),
        (
            "rows = \"/m\"\nname = \"/n\"\nsaid = \"/s/*/x\"",
            r#"{"m":[{"n":"ann","s":[{"x":"away"}]}]}"#,
            Ok("away"),
        ),
        // Without `rows` the whole body is the list; without a name the key of a table is it.
        ("name = \"/n\"\nsaid = \"/s\"", r#"[{"n":"ann","s":"away"}]"#, Ok("away")),
        ("rows = \"\"", r#"{"bob":"odd","ann":"here"}"#, Ok("online")),
        // Where `is` stands without a name, the rows are a table whose keys are the names.
        (
            "rows = \"/m\"\nsaid = \"/s\"\nis = \"{{agent}}\"",
            r#"{"m":{"bob":{"s":"odd"},"ann":{"s":"here"}}}"#,
            Ok("online"),
        ),
        (
            "rows = \"/m\"\nsaid = \"/s\"\nis = \"{{agent}}\"",
            list,
            Err("the rows are a list, and there is no `name` that says whose each is"),
        ),
        (
            "rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"\nis = \"@{{agent}}:x\"",
            r#"{"m":[{"n":"@ann:x","s":"here"}]}"#,
            Ok("online"),
        ),
        (
            "rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"",
            r#"{"m":[{"n":"ann","s":"odd"}]}"#,
            Err("no row of the table says what `odd` is"),
        ),
        (
            "rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"",
            r#"{"x":1}"#,
            Err("the answer has no rows"),
        ),
        (
            "rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"",
            r#"{"m":"ann"}"#,
            Err("the answer has no rows"),
        ),
        ("rows = \"/m\"\nname = \"/n\"\nsaid = \"/s\"", "<html>", Err("the answer is no JSON")),
    ] {
        let read = team(&format!("{config}\n{values}"), None, body);
        let wanted = status.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(read.map_err(|error| error.to_string()), wanted, "{config} {body}");
    }
}

#[test]
fn t36_an_ordered_table_sees_what_was_said_and_what_was_kept() {
    let config = r#"
for = "member"
says = [{ when = { said = ["a", "b"], busy = true }, status = "away" }, { when = { said = "a" }, status = "online" }, { when = { said = 1 }, status = "invisible" }]
"#;
    for (said, status) in [
        (json!("a"), Ok("away")),
        (json!("b"), Ok("away")),
        (json!(1.0), Ok("invisible")),
        (json!("1"), Err("no row of the table says what `1` is")),
    ] {
        let read = team(config, Some(said.clone()), "").map_err(|error| error.to_string());
        assert_eq!(read, status.map(str::to_owned).map_err(str::to_owned), "{said}");
    }
}

/// What a widget shows by a table, for names that were kept.
fn seen(says: &str, names: &[(&str, Value)]) -> Result<ObservedWidget, Unreadable> {
    let keeps: Vec<String> =
        names.iter().map(|(name, _)| format!("{name} = {{ json = \"/{name}\" }}")).collect();
    let keeps = keeps.join(", ");
    let file = bare_with(&format!(
        "[widget]\nread = {{ get = \"/w/{{{{widget}}}}\", keep = {{ {keeps} }} }}\nsays = {says}\n"
    ));
    let widget = file.widget.expect("a widget");
    with_names(&kept(names), &KeptValues::new(), &Vars::default(), |names| widget.seen(names))
}

#[test]
fn t37_the_first_row_that_holds_decides() {
    let says = r#"[{ when = { color = "green", n = [1, 2] }, status = "online", chat = true }, { when = { color = ["green", "red"] }, status = ["away", "online"] }, { status = "offline", form = "offline" }]"#;
    let online = ObservedWidget {
        status: Some(PossibleStatuses::just(WidgetStatus::Online)),
        chat: Some(true),
        ..ObservedWidget::default()
    };
    let either = PossibleStatuses::of([WidgetStatus::Away, WidgetStatus::Online]);
    let away = ObservedWidget { status: either, ..ObservedWidget::default() };
    let offline = ObservedWidget {
        status: Some(PossibleStatuses::just(WidgetStatus::Offline)),
        form: Some(Form::Offline),
        ..ObservedWidget::default()
    };
    for (color, n, wanted) in [
        (json!("green"), json!(1), &online),
        (json!("green"), json!(2.0), &online),
        (json!("green"), json!("1"), &away),
        (json!("red"), json!(1), &away),
        (json!("grey"), json!(1), &offline),
        (json!(["green"]), json!(1), &offline),
    ] {
        let found = seen(says, &[("color", color.clone()), ("n", n)]);
        assert_eq!(found.as_ref(), Ok(wanted), "{color}");
    }
}

#[test]
fn t37_cells_may_be_templates_and_what_hides_implies_not_shown() {
    let says = r#"[{ status = "{{s}}", chat = "{{c}}", shown = "{{v}}", hidden_because = "{{h}}", greeting = "Hi {{g}}", form = "{{f}}" }]"#;
    let names = |s: &str, c: Value, v: Value, h: &str, f: &str| {
        vec![
            ("s", json!(s)),
            ("c", c),
            ("v", v),
            ("h", json!(h)),
            ("g", json!("ann")),
            ("f", json!(f)),
        ]
    };
    let found = seen(says, &names("away", json!(false), json!(true), "", "pre-chat"));
    let shown = ObservedWidget {
        status: Some(PossibleStatuses::just(WidgetStatus::Away)),
        chat: Some(false),
        form: Some(Form::PreChat),
        greeting: Some("Hi ann".to_owned()),
        shown: Some(true),
        hidden_because: None,
    };
    assert_eq!(found, Ok(shown.clone()));
    let found = seen(says, &names("away", json!("false"), json!(false), "page", "pre-chat"));
    let because = Some(HiddenBecause::Page);
    assert_eq!(found, Ok(ObservedWidget { shown: Some(false), hidden_because: because, ..shown }));
    for (names, column, word) in [
        (names("busy", json!(true), json!(true), "", "none"), "status", "busy"),
        (names("away", json!("yes"), json!(true), "", "none"), "chat", "yes"),
        (names("away", json!(true), json!(true), "mood", "none"), "hidden_because", "mood"),
        (names("away", json!(true), json!(true), "", "long"), "form", "long"),
    ] {
        let error = Unreadable::NotOfColumn { column, found: word.to_owned() };
        assert_eq!(seen(says, &names), Err(error), "{column}");
    }
}

#[test]
fn t6_a_widget_that_no_row_describes_is_unreadable() {
    let says = r#"[{ when = { color = "green" }, status = "online" }]"#;
    let error = seen(says, &[("color", json!("pink"))]).expect_err("no row");
    assert_eq!(error.to_string(), "no row of the table says what `color = pink` is");
}

#[test]
fn t39_what_away_and_invisible_count_for_comes_from_the_rules() {
    let folded = |rules: &str, statuses: &[AgentStatus]| {
        let more = "[widget]\nfrom = \"team\"\n[team]\nread = { get = \"/t\" }\nrows = \"\"\nvalues = { a = \"online\" }\n";
        let file = bare_with(&format!("{more}[rules]\n{rules}"));
        let read = statuses.iter().map(|status| PossibleStatuses::just(*status));
        fold(read, file.rules.counts_as()).to_string()
    };
    use AgentStatus::{Away, Invisible, Offline};
    for (rules, statuses, shown) in [
        ("", &[Away, Invisible][..], "away"),
        ("away_is = \"offline\"", &[Away, Offline], "offline"),
        ("away_is = \"online\"", &[Away], "online"),
        ("invisible_is = \"away\"", &[Invisible], "away"),
        ("extend = \"livehelperchat\"", &[Invisible], "online"),
        ("extend = \"livehelperchat\"\ninvisible_is = \"offline\"", &[Invisible, Away], "offline"),
    ] {
        assert_eq!(folded(rules, statuses), shown, "{rules} {statuses:?}");
    }
}
