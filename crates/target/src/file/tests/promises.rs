//! What a file says of itself, and what follows where it does not (T3, T6, T22 to T24, T41, T43).

use std::time::Duration;

use lamplighter_core::model::Chosen;
use serde_json::json;

use super::files::{BARE, WIDGET, bare_with, file, found};
use crate::file::Severity;
use crate::file::can::{HoursCan, IntervalsADay, ZoneCan};
use crate::file::clock::Clock;
use crate::file::hold::{Hold, ScriptLine};
use crate::file::rules::Knob;
use crate::file::section::{Caller, Section};
use crate::file::template::{Counters, Names, Vars};
use crate::file::timing::AnswerClock;

#[test]
fn t6_t23_what_is_not_said_is_the_letters() {
    let file = bare_with(WIDGET);
    assert_eq!(file.http.body_bytes_max, 1_048_576);
    assert_eq!(file.http.timeout, Duration::from_secs(10));
    assert_eq!(file.http.hold_timeout, Duration::from_secs(120));
    assert_eq!(
        (file.about.prefix.as_str(), file.about.observer, file.about.tried),
        ("ll", false, true)
    );
    assert_eq!(file.clock, Clock::Real);
    assert!(file.device.hold.is_none());
    assert_eq!(file.steps(Section::AgentMake).map(<[_]>::len), Some(1));
    assert!(file.steps(Section::AgentDelete).is_none());
    assert_eq!(file.headers(Caller::Visitor).iter().count(), 0);
}

#[test]
fn t22_values_keep_their_type_and_a_status_without_one_is_its_own_name() {
    let file = bare_with(&format!("{WIDGET}[device]\nvalues = {{ online = 1, away = true }}\n"));
    let values = [Chosen::Online, Chosen::Away, Chosen::Invisible].map(|c| file.device.value(c));
    assert_eq!(values, [json!(1), json!(true), json!("invisible")]);
}

#[test]
fn t22_steps_of_one_status_stand_in_place_of_those_for_all() {
    let file = bare_with(&format!("{WIDGET}[[device.status_away]]\nput = \"/away\"\n"));
    let section = |chosen| file.status_steps(chosen).expect("steps").0;
    assert_eq!(section(Chosen::Away), Section::DeviceStatusOf(Chosen::Away));
    assert_eq!(section(Chosen::Online), Section::DeviceStatus);
}

#[test]
fn t24_accounts_and_properties_that_are_there_keep_what_else_is_in_their_rows() {
    let making = BARE.find("[[agent.make]]").expect("making");
    let login = BARE.find("[[device.login]]").expect("a login");
    let text = format!(
        "{}accounts = [{{ agent = \"ann\", password = \"{{{{pw}}}}\", id = 7 }}]\n\
         properties = [{{ property = \"shop\", room = \"r1\" }}]\n[vars]\npw = \"secret\"\n{}{}",
        &BARE[..making],
        BARE[login..].replace("\"/logout\"", "\"/logout/{{id}}\""),
        WIDGET.replace("/widget/", "/{{room}}/")
    );
    let file = file(&text);
    let mut counters = Counters::default();
    let mut names = Names::new(Vec::new(), Vec::new(), &file.vars, &mut counters);
    let ann = file.about.accounts[0].kept(&mut names).expect("names");
    let found = ["agent", "password", "id"].map(|name| ann.get(name).cloned());
    assert_eq!(found, [Some(json!("ann")), Some(json!("secret")), Some(json!(7))]);
    let shop = file.about.properties[0].kept(&mut names).expect("names");
    assert_eq!(shop.get("room"), Some(&json!("r1")));
}

#[test]
fn t24_a_team_that_is_read_for_each_member_needs_no_properties() {
    let making = BARE.find("[[property.make]]").expect("making");
    let login = BARE.find("[[device.login]]").expect("a login");
    let without = format!("{}{}", &BARE[..making], &BARE[login..]);
    let team = "[widget]\nfrom = \"team\"\n[team]\nvalues = { a = \"online\" }\n";
    let for_member =
        "for = \"member\"\nread = { get = \"/{{agent}}\", keep.said = { json = \"/s\" } }\n";
    let once = "rows = \"/m\"\nread = { get = \"/t\" }\n";
    let errors = |text: &str| found(text, Severity::Error);
    assert_eq!(errors(&format!("{without}{team}{for_member}")), Vec::<String>::new());
    let missing = ["there are no properties: `property.make` is missing"];
    assert_eq!(errors(&format!("{without}{team}{once}")), missing);
    assert_eq!(errors(&format!("{without}{WIDGET}")), missing);
}

#[test]
fn t27_t29_a_hold_is_calls_or_a_socket_with_a_script() {
    let calls = bare_with(&format!(
        "{WIDGET}[device.hold]\ncall = {{ get = \"/poll\" }}\nevery = 2.5\ninterrupt = true\n"
    ));
    let Some(Hold::Calls { every, interrupt }) = calls.device.hold else { panic!("calls") };
    assert_eq!((every, interrupt), (Some(Duration::from_millis(2_500)), true));
    assert_eq!(calls.steps(Section::DeviceHold).map(<[_]>::len), Some(1));
    let socket = bare_with(&format!(
        "{WIDGET}[device.hold]\nsocket = \"/ws?seat={{{{seat}}}}\"\nscript = [{{ send = \"hi {{{{device}}}}\" }}, \
         {{ await = 'seat=(?P<seat>\\d+)' }}, {{ answer = [\"^ping\", \"pong\"] }}, {{ every = 30, send = \"{{{{+n}}}}\" }}]\n"
    ));
    let Some(Hold::Socket(socket)) = socket.device.hold else { panic!("a socket") };
    let kinds: Vec<&str> = socket
        .script
        .iter()
        .map(|line| match line {
            ScriptLine::Send(_) => "send",
            ScriptLine::Await(..) => "await",
            ScriptLine::Answer(..) => "answer",
            ScriptLine::Every(..) => "every",
        })
        .collect();
    assert_eq!(kinds, ["send", "await", "answer", "every"]);
    let kept: Vec<&str> =
        socket.script.iter().flat_map(ScriptLine::keeps).map(|(name, _)| name).collect();
    assert_eq!(kept, ["seat"]);
}

#[test]
fn t24_a_status_that_the_hold_carries_has_an_empty_list() {
    let start = BARE.find("[[device.status]]").expect("a status");
    let end = BARE.find("[[device.logout]]").expect("a logout");
    let without = format!("{}{}{WIDGET}", &BARE[..start], &BARE[end..]);
    let with = |device: &str| found(&format!("{without}{device}"), Severity::Error);
    let carried = "[device]\nstatus = []\n[device.hold]\ncall = { get = \"/poll/{{value}}\" }\n";
    assert_eq!(with(carried), Vec::<String>::new());
    let lost = "[device]\nstatus = []\n[device.hold]\ncall = { get = \"/poll\" }\n";
    let nothing = "nothing sends this status: no call of `device.hold` has `{{value}}` in it";
    assert_eq!(with(lost), [nothing]);
    assert_eq!(with(""), ["`device.status` is missing: how a status is set (rule P2)"]);
}

#[test]
fn t41_what_is_not_said_follows_from_the_steps() {
    let plain = bare_with(WIDGET).abilities();
    assert_eq!(plain.statuses, [Chosen::Online, Chosen::Away, Chosen::Invisible]);
    assert_eq!((plain.logout, plain.suspend, plain.activity), (true, false, false));
    assert_eq!((plain.hours, plain.versions, plain.visibility), (None, None, false));
    assert_eq!((plain.messages, plain.push, plain.reconnect), (false, false, true));
    assert_eq!((plain.memberships_max, plain.devices_max), (None, None));
    let more = r#"
[device]
values = { online = "on", away = "off" }
activity = { post = "/a" }
[member]
suspend = { put = "/s/{{agent}}" }
reinstate = { put = "/r/{{agent}}" }
[message]
leave = { post = "/m", json = { text = "{{text}}" } }
list = { get = "/m", keep.said = { json = "/*/text" } }
"#;
    let able = bare_with(&format!("{WIDGET}{more}")).abilities();
    assert_eq!(able.statuses, [Chosen::Online, Chosen::Away]);
    assert!(able.suspend && able.activity && able.messages);
    let can = "[can]\nsuspend = false\nlogout = false\nmemberships = 1\ndevices = 2\nreconnect = false\nhours = false\n";
    let off = bare_with(&format!("{WIDGET}{more}{can}")).abilities();
    assert!(!off.suspend && !off.logout && !off.reconnect);
    assert_eq!((off.memberships_max, off.devices_max), (Some(1), Some(2)));
}

#[test]
fn t35_hours_that_can_be_said_have_the_letters_defaults() {
    let hours = "[[hours.set]]\nput = \"/h\"\njson = { h = \"{{hours}}\" }\n";
    for (can, wanted) in [
        ("{ zone = \"own\" }", (ZoneCan::Own, IntervalsADay::Most(1), false, false)),
        (
            "{ zone = \"server\", intervals_a_day = 3, overnight = true }",
            (ZoneCan::Server("UTC".to_owned()), IntervalsADay::Most(3), true, false),
        ),
        (
            "{ zone = \"server\", server_zone = \"Europe/Paris\", intervals_a_day = \"any\" }",
            (ZoneCan::Server("Europe/Paris".to_owned()), IntervalsADay::Any, false, false),
        ),
        ("{ zone = \"visitor\" }", (ZoneCan::Visitor, IntervalsADay::Most(1), false, false)),
    ] {
        let file = bare_with(&format!("{WIDGET}{hours}[can]\nhours = {can}\n"));
        let (zone, intervals_a_day, overnight, dates) = wanted;
        let [calendars, weeks, cuts, spans] = [false; 4];
        let wanted =
            HoursCan { zone, intervals_a_day, overnight, dates, calendars, weeks, cuts, spans };
        assert_eq!(file.abilities().hours, Some(wanted), "{can}");
    }
}

#[test]
fn t43_what_is_not_said_of_timing_follows_from_what_is() {
    let timing = |more: &str| bare_with(&format!("{WIDGET}{more}")).timing;
    let seconds = |number| Duration::from_secs(number);
    let none = timing("");
    assert_eq!((none.shows_within, none.edge_shows_within), (Duration::ZERO, Duration::ZERO));
    assert_eq!((none.grace_min, none.grace_max), (Some(seconds(120)), Some(seconds(120))));
    assert_eq!((none.clock, none.calls_per_second_max), (AnswerClock::Date, None));
    let some = timing("[timing]\nshows_within = 3\nlogout_shows_within = 36\ngrace_max = 150\n");
    assert_eq!((some.login_shows_within, some.edge_shows_within), (seconds(3), seconds(3)));
    assert_eq!(some.logout_shows_within, seconds(36));
    assert_eq!((some.grace_min, some.grace_max), (Some(seconds(120)), Some(seconds(150))));
    let of_rules =
        timing("[rules]\nextend = \"synapse\"\n[timing]\ngrace_min = 30\nclock = \"same-host\"\n");
    assert_eq!((of_rules.grace_min, of_rules.grace_max), (Some(seconds(30)), Some(seconds(36))));
    assert_eq!(of_rules.clock, AnswerClock::SameHost);
    let never = timing("[rules]\ngrace = \"never\"\n");
    assert_eq!((never.grace_min, never.grace_max), (None, None));
    let steps = timing("[timing]\nclock = { get = \"/time\", keep.now = { json = \"/t\" } }\n");
    assert_eq!(steps.clock, AnswerClock::Steps);
}

#[test]
fn rules_extend_what_is_built_in_and_files_beside() {
    let beside = |name: &str| match name {
        "ours.toml" => Ok("[rules]\nextend = \"tiledesk\"\nlogin = \"away\"\n".to_owned()),
        _ => Err("no such file".to_owned()),
    };
    let text = format!("{BARE}{WIDGET}[rules]\nextend = \"ours.toml\"\nhours = \"none\"\n");
    let checked = crate::file::check(text.as_bytes(), &beside);
    let rules = checked.file.expect("no errors").rules;
    for (knob, position) in [
        (Knob::Login, Some("away")),
        (Knob::Hours, Some("none")),
        (Knob::Devices, Some("one-status")),
        (Knob::Merge, None),
    ] {
        assert_eq!(rules.position(knob).as_deref(), position);
    }
    assert_eq!(rules.grace(), None);
}

#[test]
fn t50_an_adapter_stands_with_what_it_can_and_promises_alone() {
    let text = "format = 1\n[target]\nname = \"x\"\nadapter = [\"python3\", \"chat.py\"]\n\
                [vars]\na = \"b\"\n[can]\nlogout = false\nhours = { zone = \"own\" }\n[timing]\nshows_within = 1\n";
    let file = file(text);
    assert_eq!(file.about.adapter, Some(vec!["python3".to_owned(), "chat.py".to_owned()]));
    let able = file.abilities();
    assert_eq!(able.statuses.len(), 3);
    assert!(!able.logout && able.hours.is_some() && !able.messages);
}

#[test]
fn t47_t51_clocks_are_of_three_kinds() {
    for (clock, wanted) in [
        ("kind = \"real\"", Clock::Real),
        (
            "kind = \"manual\"\nset = { put = \"/c\", json = { t = \"{{now}}\" } }",
            Clock::Manual { back: false },
        ),
        (
            "kind = \"manual\"\nback = true\nset = { put = \"/c/{{now|unix}}\" }",
            Clock::Manual { back: true },
        ),
        (
            "kind = \"file\"\npath = \"faketime\"",
            Clock::File { path: "faketime".to_owned(), zone: "UTC".to_owned() },
        ),
        (
            "kind = \"file\"\npath = \"faketime\"\nzone = \"Europe/Paris\"",
            Clock::File { path: "faketime".to_owned(), zone: "Europe/Paris".to_owned() },
        ),
    ] {
        assert_eq!(bare_with(&format!("{WIDGET}[clock]\n{clock}\n")).clock, wanted, "{clock}");
    }
}

#[test]
fn t25_secrets_are_names_whose_texts_come_from_elsewhere() {
    let text = BARE.replace(
        "[[agent.make]]",
        "secrets = [\"admin_key\"]\n[admin]\nheaders = { K = \"{{admin_key}}\" }\n[[agent.make]]",
    );
    let mut file = file(&format!("{text}{WIDGET}"));
    assert_eq!(file.vars.missing_secrets().collect::<Vec<_>>(), ["admin_key"]);
    assert_eq!(file.vars.set("admin_key", "k"), Ok(()));
    assert_eq!(file.vars.missing_secrets().count(), 0);
    assert_ne!(file.vars, Vars::default());
}

#[test]
fn t49_warnings_alone_are_no_error() {
    let text = format!(
        "{BARE}{WIDGET}[vars]\napi_key = \"k\"\n[visitor]\nheaders = {{ K = \"{{{{api_key}}}}\" }}\n"
    );
    let warning = "the variable `api_key` is written into the file: whoever has the file has it";
    assert_eq!(found(&text, Severity::Warning), [warning]);
    assert_eq!(found(&text, Severity::Error), Vec::<String>::new());
    file(&text);
}
