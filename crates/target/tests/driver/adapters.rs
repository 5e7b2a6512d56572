//! Processes that speak for a product: each way in which one can fail has an outcome of its own, and
//! the transcript of the documents is what is said (rules T50, T53 of target files).

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lamplighter_core::model::{Chosen, Settings, Visitor};
use lamplighter_core::world::Timing;
use lamplighter_target::Trust;
use lamplighter_target::driver::{
    CreatedObjects, Device, Driver, DriverOptions, Endpoint, Property, RunError,
};
use lamplighter_target::file::check;
use serde_json::Value;

use super::Heard;

/// A driver of an adapter that is a script of the shell, with half a second for each answer.
fn by(script: &str, options: DriverOptions) -> Arc<Driver> {
    let words = serde_json::json!(["sh", "-c", script]);
    of_words(&words, options)
}

fn of_words(words: &Value, options: DriverOptions) -> Arc<Driver> {
    let text = format!(
        "format = 1\n[target]\nname = \"ours\"\nadapter = {words}\nsecrets = [\"key\"]\n\
         [vars]\ndomain = \"chat.example\"\n[can]\nsuspend = true\npush = true\nhours = {{ zone = \"own\" }}\n"
    );
    let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
    let mut file = checked.file.unwrap_or_else(|| panic!("{:?}", checked.findings));
    file.vars.set("key", "a secret key").expect("a secret");
    file.http.timeout = Duration::from_secs(2);
    let endpoint =
        Endpoint::new("http://chat.example:8008/api", &Trust::Machine).expect("an address");
    Arc::new(Driver::new(file, endpoint, options).expect("a driver"))
}

/// A property of the target; nothing is called.
async fn property(driver: &Driver) -> Result<Property, RunError> {
    let (settings, timing) = (Settings::default(), Timing::default());
    let property = driver.make_property(&settings, timing, &mut CreatedObjects::default()).await?;
    Ok(property.expect("adapters make them"))
}

const HELLO: &str = r#"read line; echo '{"id":1,"done":{"name":"a script"}}'; "#;
const MADE: &str = r#"read line; echo '{"id":2,"done":{}}'; "#;

#[tokio::test]
async fn t53_each_way_to_begin_wrongly_is_told_with_the_log_and_without_secrets() {
    for (script, wanted) in [
        (
            "echo 'no module named chat, a secret key' >&2; exit 3",
            "the adapter has ended: exit status: 3; the last of its log:\n  no module named chat, ***key***",
        ),
        (
            "echo Connecting to chat...; cat",
            "the adapter wrote what is no answer (no JSON: expected value at line 1 column 1): Connecting to chat...",
        ),
        (
            "read line; echo '{\"id\":7,\"done\":{}}'; cat > /dev/null",
            "the adapter wrote what is no answer (`id` 7 was not asked): {\"id\":7,\"done\":{}}",
        ),
        (
            "read line; echo '{\"id\":1,\"done\":{\"protocol\":2}}'; cat > /dev/null",
            "the adapter does not say hello: it speaks protocol 2, and 1 is spoken here",
        ),
        (
            "read line; echo '{\"id\":1,\"refused\":\"not today\"}'; cat > /dev/null",
            "the adapter does not say hello: it refuses: not today",
        ),
        (
            "cat > /dev/null",
            "the adapter does not say hello: the adapter did not answer within 2 s",
        ),
    ] {
        let began = Instant::now();
        let error = property(&by(script, DriverOptions::default())).await.expect_err(script);
        assert_eq!(error.to_string(), wanted, "{script}");
        assert!(began.elapsed() < Duration::from_secs(8), "{script}");
    }
    let nowhere =
        of_words(&serde_json::json!(["./no-such-program", "x"]), DriverOptions::default());
    let error = property(&nowhere).await.expect_err("it is not there").to_string();
    let wanted = "the adapter `./no-such-program x` cannot be started: ";
    assert!(error.starts_with(wanted), "{error}");
}

#[tokio::test]
async fn t6_a_line_without_an_end_is_read_no_further_than_an_answer_may_be_long() {
    let script = "yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | tr -d '\\n'";
    let error = property(&by(script, DriverOptions::default())).await.expect_err("endless");
    let error = error.to_string();
    assert!(error.contains("(a line of more than 1048576 bytes): aaaa"), "{error}");
    assert!(error.len() < 400, "{} bytes", error.len());
}

#[tokio::test]
async fn t53_what_is_not_answered_in_time_or_when_the_process_ends_is_unknown() {
    for (rest, wanted) in [
        ("cat > /dev/null", "unknown: the adapter did not answer within 2 s"),
        ("read line; exit 1", "unknown: the adapter has ended: exit status: 1"),
        (
            "read line; echo '{\"id\":3}'; cat > /dev/null",
            "unknown: the adapter's answer is none of `done`, `refused`, `gone`, `unknown`",
        ),
        ("read line; echo '{\"id\":3,\"unknown\":\"who knows\"}'; cat >&2", "unknown: who knows"),
        ("read line; echo '{\"id\":3,\"refused\":\"full\"}'; cat >&2", "refused (full)"),
        ("read line; echo '{\"id\":3,\"gone\":true}'; cat >&2", "gone"),
    ] {
        let driver = by(&format!("{HELLO}{MADE}{rest}"), DriverOptions::default());
        let property = property(&driver).await.expect("made");
        let set = driver.set_property(&property, &Settings::default(), Timing::default()).await;
        let set = set.expect("the run goes on");
        assert_eq!(set.why_not(), wanted, "{rest}");
        let read = driver.read_widget(&property.own_widget(), &[], &Visitor::default()).await;
        if rest.ends_with("exit 1") {
            let error = read.expect_err("it has ended").to_string();
            assert_eq!(error, "the adapter has ended: exit status: 1");
            assert!(driver.end().await.is_err(), "nobody ended it");
        } else {
            // It reads on, and answers nothing more.
            let fault = read.expect("the run goes on").what.expect_err("no answer").to_string();
            assert_eq!(fault, "the adapter did not answer within 2 s");
            driver.end().await.expect("it was there");
        }
    }
}

#[tokio::test]
async fn t53_calls_are_answered_in_any_order_and_what_comes_too_late_is_passed_over() {
    let answers = r#"read line; read line; read line;
        echo '{"id":4,"done":{"status":"away"}}'; echo '{"id":3,"done":{"status":"online"}}';
        sleep 2.4; echo '{"id":5,"done":{"status":"offline"}}';
        read line; echo '{"id":6,"done":{"status":"online"}}'; cat > /dev/null"#;
    let driver = by(&format!("{HELLO}{MADE}{answers}"), DriverOptions::default());
    let widget = property(&driver).await.expect("made").own_widget();
    let visitor = Visitor::default();
    let read = || async {
        let read = driver.read_widget(&widget, &[], &visitor).await.expect("the run goes on");
        assert!(read.sent.monotonic <= read.answered.monotonic);
        match read.what {
            Ok(seen) => seen.status.expect("a status").to_string(),
            Err(fault) => fault.to_string(),
        }
    };
    let all = tokio::join!(read(), read(), read());
    let late = "the adapter did not answer within 2 s".to_owned();
    assert_eq!(all, ("online".to_owned(), "away".to_owned(), late));
    assert_eq!(read().await, "online");
    driver.end().await.expect("it was there");
}

#[tokio::test]
async fn t53_cells_that_say_nothing_that_can_be_judged_are_unreadable() {
    for (done, wanted) in [
        (r#"{"status":"asleep"}"#, Err("`asleep` is no `status`")),
        (r#"{"chat":true}"#, Err("the answer says no `status`")),
        (r#"{"status":"online","chat":17}"#, Err("`17` is no `chat`")),
        (r#"{"status":["online","away"]}"#, Ok("online or away")),
        (r#"{"hidden_because":"offline"}"#, Ok("hidden")),
        ("[]", Err("the answer says no `status`")),
    ] {
        let answer = format!("read line; echo '{{\"id\":3,\"done\":{done}}}'; cat > /dev/null");
        let driver = by(&format!("{HELLO}{MADE}{answer}"), DriverOptions::default());
        let widget = property(&driver).await.expect("made").own_widget();
        let read = driver.read_widget(&widget, &[], &Visitor::default()).await;
        let said = read.expect("the run goes on").what.map(|seen| match seen.status {
            Some(status) => status.to_string(),
            None => "hidden".to_owned(),
        });
        let said = said.map_err(|fault| fault.to_string());
        assert_eq!(said.as_deref().map_err(String::as_str), wanted, "{done}");
        driver.end().await.expect("it was there");
    }
}

#[tokio::test]
async fn an_adapter_that_does_not_end_by_itself_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let script =
        format!("echo $$ > pid; trap '' TERM; {HELLO}{MADE}while true; do sleep 0.1; done");
    let options = DriverOptions { folder: folder.path().to_owned(), ..DriverOptions::default() };
    let driver = by(&script, options);
    property(&driver).await.expect("it began");
    driver.end().await.expect("it was there");
    let pid = std::fs::read_to_string(folder.path().join("pid")).expect("it began there");
    let process = Path::new("/proc").join(pid.trim());
    let began = Instant::now();
    // What the machine has not taken back yet stands there for a moment.
    while process.exists() && Path::new("/proc").exists() {
        assert!(began.elapsed() < Duration::from_secs(10), "it goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The lines of the transcript in the documents: what is asked, and what is said.
fn transcript() -> (Vec<Value>, Vec<String>) {
    let page = include_str!("../../../../docs/targets.md");
    let section = page.split("\n## Adapters\n").nth(1).expect("a section of adapters");
    let section = section.split("\n## ").next().expect("a section");
    let lines = |mark: &str| -> Vec<String> {
        section.lines().filter_map(|line| Some(line.strip_prefix(mark)?.to_owned())).collect()
    };
    let read = |line: String| serde_json::from_str(&line).expect("a line is JSON");
    (lines("→ ").into_iter().map(read).collect(), lines("← "))
}

/// A line with the names of the documents in place of those that were made.
fn as_documented(line: &str, names: &[(&str, &str)]) -> Value {
    let line = names.iter().fold(line.to_owned(), |line, (made, shown)| line.replace(made, shown));
    let mut line: Value = serde_json::from_str(&line).expect("JSON");
    for hidden in ["password", "now"] {
        if line.get(hidden).is_some() {
            line[hidden] = Value::from("…");
        }
    }
    line
}

#[tokio::test]
async fn t53_the_transcript_of_the_documents_is_what_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let (asked, said) = transcript();
    // Each request is answered by the next line of the documents; a push goes before the next answer.
    std::fs::write(folder.path().join("said"), said.join("\n") + "\n").expect("written");
    let script = r#"exec 3< said; while read -r line; do printf '%s\n' "$line" >> asked
        while read -r answer <&3; do
            case "$answer" in
                *'"push"'*) name=$(sed -n 's/.*"widget":"\([^"]*\)".*/\1/p' asked | head -1)
                    printf '%s\n' "$answer" | sed "s/\"acme\"/\"$name\"/" ;;
                *'"agent":"ann"'*) name=$(sed -n 's/.*"agent":"\([^"]*\)".*/\1/p' asked | head -1)
                    printf '%s\n' "$answer" | sed "s/\"ann\"/\"$name\"/"; break ;;
                *) printf '%s\n' "$answer"; break ;;
            esac
        done
    done"#;
    let heard = Arc::new(Heard::default());
    let options = DriverOptions {
        folder: folder.path().to_owned(),
        listener: Some(heard.clone()),
        ..DriverOptions::default()
    };
    let driver = by(script, options);
    let mut made = CreatedObjects::default();
    let property = property(&driver).await.expect("made");
    let agents = driver.make_agents(1, &mut made).await.expect("made").expect("there");
    let member = driver.add_member(&agents[0], &property, &mut made).await.expect("added");
    let (device, widget) = (Device::new(&agents[0], 1), property.own_widget());
    let mut pushes = driver.listen(&widget, &Visitor::default(), None).await.expect("listens");
    assert!(driver.log_in(&device).await.expect("goes on").is_done());
    let write = driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    assert!(write.is_done() && write.sent.monotonic <= write.answered.monotonic);
    let pushed = pushes.next().await.expect("pushed").what.expect("readable");
    assert_eq!(pushed.status.expect("a status").to_string(), "away");
    let team = driver.read_team(&property, std::slice::from_ref(&member)).await.expect("goes on");
    assert_eq!(team.what.expect("readable")[0].to_string(), "away");
    let seen = driver.read_widget(&widget, &[], &Visitor::default()).await.expect("goes on");
    let seen = seen.what.expect("readable");
    assert_eq!((seen.chat, seen.shown), (Some(true), Some(true)));
    driver.lose(&device).await;
    driver.reconnect(&device).await;
    assert_eq!(device.take_ended(), None);
    let full = driver.suspend(&member, true).await.expect("goes on");
    assert_eq!(full.why_not(), "refused (the last member cannot be suspended)");
    let gone = driver.log_out(&device).await.expect("goes on");
    assert_eq!(gone.why_not.as_deref(), Some("gone"));
    let set = driver.put_scheduler(&widget, None).await.expect("goes on").expect("said");
    assert_eq!(set.why_not(), "unknown: timed out");
    driver.end().await.expect("it was there");
    let requests = std::fs::read_to_string(folder.path().join("asked")).expect("asked");
    let names = [(agents[0].name.as_str(), "ann"), (property.name.as_str(), "acme")];
    let found: Vec<Value> = requests.lines().map(|line| as_documented(line, &names)).collect();
    assert_eq!(found, asked);
    let shown = heard.all().iter().map(|exchange| exchange.body.clone()).collect::<String>();
    assert!(shown.contains("***password***") && !shown.contains("\"7\""), "{shown}");
}
