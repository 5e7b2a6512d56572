//! What texts say, as the page gets it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::*;
use crate::cli::rule::examples;

const PASTED: &str = "pasted.scenario";

struct Fixture {
    zones: Arc<Zones>,
    pictures: Pictures,
    folder: Folder,
    path: PathBuf,
}

impl Fixture {
    /// Of a text that stands in no file.
    fn new() -> Self {
        Self::of(PASTED, Folder::default())
    }

    fn of(path: &str, folder: Folder) -> Self {
        let zones = Arc::new(Zones::bundled());
        Self {
            zones,
            pictures: Pictures::new().expect("a template"),
            folder,
            path: PathBuf::from(path),
        }
    }

    fn setting(&self) -> Setting<'_> {
        Setting {
            zones: &self.zones,
            pictures: &self.pictures,
            folder: &self.folder,
            path: &self.path,
            today: "2026-03-09T12:00:00Z".parse().expect("an instant"),
        }
    }

    fn says(&self, text: &str) -> Value {
        self.says_of(&PlayRequest { text, row: None, at: None, width: 600 })
    }

    fn says_of(&self, asked: &PlayRequest<'_>) -> Value {
        let said = says(asked, &self.setting(), &AtomicBool::new(false)).expect("a picture");
        serde_json::to_value(said).expect("JSON")
    }
}

/// The words of a text from one code unit up to another.
fn slice(text: &str, span: &Value) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let at = |name: &str| span[name].as_u64().expect("a number") as usize;
    String::from_utf16(&units[at("start")..at("end")]).expect("whole letters")
}

const FALSE: &str = "\u{feff}scenario 🏮 a lamp\nproperty acme\n  members ann\nat 2026-03-09 09:00\n  \
     ann logs in on laptop\n  expect acme online\n  expect acme away because agent-away\n";

#[test]
fn a_false_expectation_is_told_at_its_words_in_code_units() {
    let said = Fixture::new().says(FALSE);
    assert_eq!((&said["outcome"], &said["title"]), (&json!("failed"), &json!("🏮 a lamp")));
    assert_eq!(said["headline"], "1 of 2 expectations is false");
    let finding = &said["findings"][0];
    assert_eq!(finding["kind"], "false");
    assert_eq!(slice(FALSE, &finding["span"]), "away");
    assert_eq!(finding["span"]["line"], 7);
    assert_eq!(finding["found"], "online (agent-online, rule W2)");
    assert_eq!(
        said["expectations"],
        json!([{ "line": 6, "holds": true }, { "line": 7, "holds": false }])
    );
    assert_eq!(said["steps"][0]["line"], 4);
    let picture = said["picture"]["markup"].as_str().expect("a picture");
    assert!(picture.contains("<figure") && picture.contains("✕ 1"), "{picture}");
}

#[test]
fn a_fault_is_told_with_what_to_do_and_nothing_is_drawn() {
    let text = "scenario a\nproperty acme\n  membres ann\nat noon\n";
    let said = Fixture::new().says(text);
    assert_eq!((&said["outcome"], &said["picture"]), (&json!("invalid"), &Value::Null));
    let found = said["findings"].as_array().expect("a list");
    let of =
        |words: &str| found.iter().find(|one| slice(text, &one["span"]) == words).expect(words);
    assert_eq!(of("membres")["help"], "did you mean `members`?");
    assert_eq!(of("noon")["place"], "4:4");
    assert_eq!(said["expectations"], json!([]));
}

#[test]
fn what_check_warns_of_is_told() {
    let text = "scenario a\nproperty acme\nat 2026-03-09 09:00\n  expect acme offline\n";
    let said = Fixture::new().says(text);
    assert_eq!(
        (&said["outcome"], &said["findings"][0]["code"]),
        (&json!("passed"), &json!("no-members"))
    );
    assert_eq!(said["findings"][0]["kind"], "warning");
}

#[test]
fn every_example_holds_and_is_drawn() {
    let fixture = Fixture::new();
    for example in examples::all() {
        let said = fixture.says(example.text);
        assert_eq!(said["outcome"], "passed", "{}: {said}", example.path);
        assert!(
            said["picture"]["stops"].as_array().is_some_and(|stops| !stops.is_empty()),
            "{}",
            example.path
        );
    }
}

#[test]
fn every_stop_has_its_place_and_its_local_time() {
    let text = "scenario a\ntimezone America/New_York\nproperty acme\n  members ann\n\
                at 2026-03-09 09:00\n  ann logs in on laptop\nat +1h\n  ann logs out\nuntil 2026-03-09 12:00\n";
    let said = Fixture::new().says(text);
    let stops = said["picture"]["stops"].as_array().expect("stops");
    let locals: Vec<&str> =
        stops.iter().map(|stop| stop["local"].as_str().expect("a time")).collect();
    assert_eq!(locals, ["2026-03-09 09:00", "2026-03-09 10:00", "2026-03-09 12:00"]);
    let places: Vec<f64> = stops.iter().map(|stop| stop["x"].as_f64().expect("a place")).collect();
    assert_eq!(places[0], 0.0);
    assert!(places.is_sorted() && places[2] <= 600.0, "{places:?}");
    assert_eq!(said["picture"]["width"], 600);
}

#[test]
fn at_an_instant_every_widget_and_agent_is_told_with_why() {
    let fixture = Fixture::new();
    let text = "scenario a\nproperty acme\n  members ann\nwidget acme/shop\n\
                at 2026-03-09 09:00\n  ann logs in on laptop\n  expect acme online\nat +1h\n  ann goes away\n";
    for (at, status, rule) in
        [("2026-03-09T09:30:00Z", "online", "W2"), ("2026-03-09T10:00:00Z", "away", "W3")]
    {
        let asked = PlayRequest { text, row: None, at: at.parse().ok(), width: 600 };
        let told = serde_json::to_value(now(&asked, &fixture.setting(), &AtomicBool::new(false)))
            .expect("JSON");
        assert_eq!(told, fixture.says_of(&asked)["now"], "both ways of asking are one");
        for (index, name) in ["acme", "acme/shop"].iter().enumerate() {
            let widget = &told["widgets"][index];
            assert_eq!(
                (&widget["widget"], &widget["status"], &widget["rule"]),
                (&json!(name), &json!(status), &json!(rule))
            );
            assert!(widget["rules"].as_array().is_some_and(|rules| rules.len() > 3), "{widget}");
        }
        assert_eq!(
            (&told["agents"][0]["name"], &told["agents"][0]["status"]),
            (&json!("ann"), &json!(status))
        );
        assert_eq!(told["local"], format!("2026-03-09 {}", &at[11..16]));
    }
}

#[test]
fn each_row_has_its_verdict_and_the_false_one_is_shown_unless_another_is_asked_for() {
    let fixture = Fixture::new();
    let text = "scenario It is {status}\nexamples\n  | status  |\n  | offline |\n  | online  |\n\
                property acme\n  members ann\nat 2026-03-09 09:00\n  expect acme {status}\n";
    let said = fixture.says(text);
    assert_eq!((&said["headline"], &said["row"]), (&json!("1 of 2 rows hold"), &json!(5)));
    assert_eq!(
        said["rows"][0],
        json!({ "line": 4, "words": "row 4: status offline", "outcome": "passed" })
    );
    assert_eq!(
        (&said["rows"][1]["outcome"], &said["expectations"][0]["holds"]),
        (&json!("failed"), &json!(false))
    );
    let said = fixture.says_of(&PlayRequest { text, row: Some(4), at: None, width: 600 });
    assert_eq!((&said["row"], &said["expectations"][0]["holds"]), (&json!(4), &json!(true)));
    assert_eq!(said["findings"], json!([]), "those of the row that is shown");
}

#[test]
fn of_very_many_rows_the_first_are_played_and_the_others_counted() {
    let rows = "  | offline |\n".repeat(ROWS_MAX + 7);
    let text = format!(
        "scenario It is {{status}}\nexamples\n  | status |\n{rows}property acme\n  members ann\n\
         at 2026-03-09 09:00\n  expect acme {{status}}\n"
    );
    let said = Fixture::new().says(&text);
    assert_eq!(said["rows"].as_array().map(Vec::len), Some(ROWS_MAX));
    assert_eq!((&said["rows_left_out"], &said["outcome"]), (&json!(7), &json!("passed")));
}

#[test]
fn a_run_of_thousands_of_years_is_stopped_with_a_word() {
    let text = "scenario a\nproperty acme\n  members ann\n  scheduler Europe/Berlin\n    daily 09:00-12:00 13:00-17:00\n\
                at 2026-01-01 00:00\n  expect acme offline\nuntil 9000-01-01 00:00\n";
    let fixture = Fixture::new();
    let said = fixture.says(text);
    assert_eq!((&said["outcome"], &said["picture"]), (&json!("stopped"), &Value::Null));
    assert_eq!(said["headline"], "It goes on for too long to be shown here");
    assert!(said["facts"][0].as_str().is_some_and(|word| word.contains("lamplighter scenario")));
    let asked = PlayRequest { text, row: None, at: Some(Instant::MAX), width: 600 };
    assert!(now(&asked, &fixture.setting(), &AtomicBool::new(false)).is_none());
}

#[test]
fn who_asks_to_stop_is_heard() {
    let fixture = Fixture::new();
    let asked = PlayRequest { text: FALSE, row: None, at: None, width: 600 };
    let said = says(&asked, &fixture.setting(), &AtomicBool::new(true)).expect("says so");
    assert_eq!(said.outcome, "stopped");
}

#[test]
fn pasted_text_reads_no_file_of_the_machine() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = || Folder::of(&here.join("scenarios/presence/any.scenario")).expect("a folder");
    let world = "property acme\n  members ann\n";
    let lines = |name: &str| {
        [
            format!("scenario a\ninclude \"{name}\"\n{world}"),
            format!("scenario a\nrules \"{name}.toml\"\n{world}"),
            format!("scenario a\nproperty acme\n  scheduler UTC\n    dates \"{name}\" closed\n"),
            format!("scenario a\n{world}replay \"{name}\"\n"),
            format!("scenario a\n{world}at 2026-03-09 09:00\nobserved \"{name}\" within 2s\n"),
        ]
    };
    let path = here.join("scenarios/presence/any.scenario").display().to_string();
    let manifest = here.join("Cargo.toml").display().to_string();
    for (fixture, name) in [
        (Fixture::new(), "Cargo.toml"),
        (Fixture::new(), "/etc/passwd"),
        (Fixture::of(&path, folder()), "../../Cargo.toml"),
        (Fixture::of(&path, folder()), "/etc/passwd"),
        (Fixture::of(&path, folder()), &manifest),
        (Fixture::of(&path, folder()), "/dev/zero"),
    ] {
        for text in lines(name) {
            let said = fixture.says(&text);
            assert_eq!(said["outcome"], "invalid", "{text}");
            let found = said["findings"].to_string();
            let refused =
                found.contains("stands in no file") || found.contains("only files of the folder");
            assert!(refused, "{text}{found}");
            assert!(!found.contains("root:") && !found.contains("[workspace"), "{found}");
        }
    }
}

#[test]
fn a_file_is_played_with_what_lies_beside_it() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = here.join("scenarios/presence/a-recorded-day.scenario");
    let text = std::fs::read_to_string(&path).expect("a scenario");
    let fixture = Fixture::of(&path.display().to_string(), Folder::of(&path).expect("a folder"));
    let said = fixture.says(&text);
    assert_eq!(said["outcome"], "passed", "{said}");
    assert!(said["picture"]["stops"].as_array().is_some_and(|stops| stops.len() > 10));
}

#[test]
fn what_the_rows_of_a_trace_have_wrong_is_told_without_a_place_in_the_text() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = here.join("tests/invalid/trace-with-an-unknown-action.scenario");
    let text = std::fs::read_to_string(&path).expect("a scenario");
    let fixture = Fixture::of(&path.display().to_string(), Folder::of(&path).expect("a folder"));
    let said = fixture.says(&text);
    let finding = &said["findings"][0];
    assert_eq!((&finding["code"], &finding["span"]), (&json!("trace-row"), &Value::Null));
    assert!(
        finding["place"].as_str().is_some_and(|place| place.contains("unknown-action.csv:2:")),
        "{finding}"
    );
}
