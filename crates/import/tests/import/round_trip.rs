//! There and back: the days of generated worlds, written as each product writes its logs and imported
//! again, give the timelines that the worlds' own traces give.
//!
//! Agents have one device each, which is what these logs know. What a form has no word for is left out of
//! the world first: nobody is invisible where only two logs can say so.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Names, WidgetId};
use lamplighter_core::world::TimelineRow;
use lamplighter_import::mapping::BUILT_IN;
use lamplighter_scenario::play::{self, Options, Outcome};
use lamplighter_scenario::synth::{Knobs, Population, write_trace, write_world};

use crate::common::{Scratch, import_file, in_zone};

const WORLDS: u64 = 200;
/// A zone without clock changes, in which logs of local times are written.
const ZONE: &str = "Asia/Kolkata";
const ZONE_OFFSET_S: i32 = 19_800;

static SHARED_ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// What an agent was from an instant on, in seconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Online,
    Away,
    Invisible,
    Offline,
}

/// What each agent was, from each instant on at which that changed.
type Days = BTreeMap<String, Vec<(i64, State)>>;

/// The days of a generated trace to the second; at their end everybody leaves.
fn days(trace: &str, end_s: i64) -> Days {
    let mut days = Days::new();
    for row in trace.lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        let [at, agent, _, action] = fields[..] else { panic!("{row}") };
        let at: Instant = at.parse().expect("an instant");
        let at_s = at.as_millis().div_euclid(1_000);
        let states = days.entry(agent.to_owned()).or_default();
        let now = states.last().map_or(State::Offline, |(_, state)| *state);
        let then = match action {
            "login" => State::Online,
            "logout" => State::Offline,
            // A sign of life is nothing where nobody goes away by silence.
            "active" => continue,
            _ if now == State::Offline => continue,
            "online" => State::Online,
            "away" => State::Away,
            "invisible" => State::Invisible,
            other => panic!("{other} is of more than one device, or of a clock"),
        };
        // Of several within a second the last one counts, and a second offline is no gap in any log.
        states.retain(|(other_s, state)| *other_s < at_s - i64::from(*state == State::Offline));
        if states.last().map_or(State::Offline, |(_, state)| *state) != then {
            states.push((at_s, then));
        }
    }
    for states in days.values_mut() {
        states.retain(|(at_s, _)| *at_s < end_s);
        states.push((end_s, State::Offline));
        states.dedup_by_key(|(_, state)| *state);
    }
    days
}

/// The same without what a form has no word for.
fn without_invisible(mut days: Days) -> Days {
    for states in days.values_mut() {
        for (_, state) in states.iter_mut().filter(|(_, state)| *state == State::Invisible) {
            *state = State::Away;
        }
        states.dedup_by_key(|(_, state)| *state);
    }
    days
}

/// Every change of everybody in the order of time, with what it was before.
fn changes(days: &Days) -> Vec<(i64, &str, State, State)> {
    let mut all = Vec::new();
    for (agent, states) in days {
        let mut before = State::Offline;
        for (at_s, state) in states {
            all.push((*at_s, agent.as_str(), before, *state));
            before = *state;
        }
    }
    all.sort_by_key(|(at_s, ..)| *at_s);
    all
}

/// Every time in which somebody was something, logged out included: from, to.
fn intervals(days: &Days) -> Vec<(i64, i64, &str, State)> {
    let mut all = Vec::new();
    for (agent, states) in days {
        for pair in states.windows(2) {
            all.push((pair[0].0, pair[1].0, agent.as_str(), pair[0].1));
        }
    }
    all.sort_by_key(|(from_s, ..)| *from_s);
    all
}

fn utc(at_s: i64) -> Instant {
    Instant::from_millis(at_s * 1_000).expect("in range")
}

fn local(at_s: i64, format: &str) -> String {
    utc(at_s).to_local(ZONE_OFFSET_S).format(format).to_string()
}

/// The days as a trace.
fn as_trace(days: &Days) -> String {
    let mut rows = "at,agent,device,action\n".to_owned();
    for (at_s, agent, before, now) in changes(days) {
        let at = utc(at_s);
        if before == State::Offline {
            rows += &format!("{at},{agent},laptop,login\n");
        }
        let action = match now {
            State::Online if before == State::Offline => continue,
            State::Online => "online",
            State::Away => "away",
            State::Invisible => "invisible",
            State::Offline => "logout",
        };
        rows += &format!("{at},{agent},laptop,{action}\n");
    }
    rows
}

fn amazon_connect(days: &Days) -> String {
    let event = |(at_s, agent, before, now): (i64, &str, State, State)| {
        let kind = match (before, now) {
            (State::Offline, _) => "LOGIN",
            (_, State::Offline) => "LOGOUT",
            _ => "STATE_CHANGE",
        };
        let status = match now {
            State::Online => "Available",
            State::Away => "Lunch",
            State::Invisible | State::Offline => "Offline",
        };
        format!(
            r#"{{"EventTimestamp":"{}","EventType":"{kind}","CurrentAgentSnapshot":{{"AgentStatus":{{"Name":"{status}"}},"Configuration":{{"Username":"{agent}"}}}}}}{}"#,
            utc(at_s),
            "\n"
        )
    };
    changes(days).into_iter().map(event).collect()
}

fn asterisk(days: &Days) -> String {
    let mut log = String::new();
    for (at_s, agent, before, now) in changes(days) {
        let mut say = |event: &str| {
            writeln!(log, "{at_s}|NONE|support|{agent}|{event}|").expect("a text takes everything");
        };
        if before == State::Offline {
            say("ADDMEMBER");
        }
        match now {
            State::Online if before == State::Offline => {}
            State::Online => say("UNPAUSE"),
            State::Away | State::Invisible => say("PAUSE"),
            State::Offline => say("REMOVEMEMBER"),
        }
    }
    log
}

fn bright_pattern(days: &Days) -> String {
    let row = |(from_s, to_s, agent, state): (i64, i64, &str, State)| {
        let activity = if state == State::Online { "Ready" } else { "Not Ready" };
        let from = utc(from_s).to_local(0).format("%Y-%m-%d %H:%M:%S");
        format!("{agent},Ann,Lee,Chat,{from},{activity},{},,\n", to_s - from_s)
    };
    let rows = intervals(days).into_iter().filter(|(.., state)| *state != State::Offline);
    let head =
        "login_id,first_name,last_name,team_name,start_time,activity,duration,detail,talk_time";
    format!("{head}\n{}", rows.map(row).collect::<String>())
}

fn five9(days: &Days) -> String {
    let row = |(at_s, agent, _, now): (i64, &str, State, State)| {
        let state = match now {
            State::Online => "Ready",
            State::Away | State::Invisible => "Not Ready",
            State::Offline => "Logout",
        };
        format!("{},{agent},Ann,Lee,{state},,00:00:00\n", local(at_s, "%Y/%m/%d,%H:%M:%S"))
    };
    let head =
        "DATE,TIME,AGENT,AGENT FIRST NAME,AGENT LAST NAME,STATE,REASON CODE,AGENT STATE TIME";
    let rows: String = changes(days).into_iter().map(row).collect();
    format!("Agent State Details\n\n{head}\n{rows}")
}

fn genesys_cloud(days: &Days) -> String {
    let user = |agent: &String, days: &Days| {
        let presences: Vec<String> = intervals(days)
            .into_iter()
            .filter(|(_, _, of, _)| of == agent)
            .map(|(from_s, to_s, _, state)| {
                let presence = match state {
                    State::Online => "ON_QUEUE",
                    State::Away | State::Invisible => "MEAL",
                    State::Offline => "OFFLINE",
                };
                format!(
                    r#"{{"startTime":"{}","endTime":"{}","systemPresence":"{presence}"}}"#,
                    utc(from_s),
                    utc(to_s)
                )
            })
            .collect();
        format!(r#"{{"userId":"{agent}","primaryPresence":[{}]}}"#, presences.join(","))
    };
    let users: Vec<String> = days.keys().map(|agent| user(agent, days)).collect();
    format!(r#"{{"userDetails":[{}],"totalHits":{}}}"#, users.join(","), users.len())
}

/// The newest event first, as the product lists them.
fn intercom(days: &Days) -> String {
    let mut events = Vec::new();
    for (at_s, agent, before, now) in changes(days) {
        let mut say = |kind: &str, metadata: &str| {
            events.push(format!(
                r#"{{"performed_by":{{"email":"{agent}"}},"metadata":{metadata},"created_at":{at_s},"activity_type":"{kind}"}}"#
            ));
        };
        if before == State::Offline {
            say("admin_login_success", "{}");
        }
        match now {
            State::Online if before == State::Offline => {}
            State::Offline => say("admin_logout", "{}"),
            State::Online => say("admin_away_mode_change", r#"{"away_mode":false}"#),
            State::Away | State::Invisible => {
                say("admin_away_mode_change", r#"{"away_mode":true}"#);
            }
        }
    }
    events.reverse();
    format!(r#"{{"type":"activity_log.list","activity_logs":[{}]}}"#, events.join(","))
}

fn nice_cxone(days: &Days) -> String {
    let row = |(from_s, to_s, agent, state): (i64, i64, &str, State)| {
        let available = i32::from(state == State::Online);
        let from = local(from_s, "%m/%d/%Y %I:%M:%S %p");
        format!("{agent},{from},0,{available},{}\n", to_s - from_s)
    };
    let rows = intervals(days).into_iter().filter(|(.., state)| *state != State::Offline);
    format!(
        "Agent_Name,Start_Date,Working,Available,Duration\n{}",
        rows.map(row).collect::<String>()
    )
}

fn zendesk(days: &Days) -> String {
    let row = |(from_s, to_s, agent, state): (i64, i64, &str, State)| {
        let status = match state {
            State::Online => "online",
            State::Away => "away",
            State::Invisible => "invisible",
            State::Offline => "offline",
        };
        format!(
            r#"{{"agent_id":"{agent}","start_time":"{}","status":"{status}","duration":{}}}"#,
            utc(from_s),
            to_s - from_s
        )
    };
    let rows: Vec<String> = intervals(days).into_iter().map(row).collect();
    format!(r#"{{"agent_timeline":[{}],"count":{}}}"#, rows.join(","), rows.len())
}

fn zoom(days: &Days) -> String {
    let row = |(from_s, to_s, agent, state): (i64, i64, &str, State)| {
        let status = match state {
            State::Online => "Ready",
            State::Away | State::Invisible => "Not Ready",
            State::Offline => "Offline",
        };
        let [from, to] = [from_s, to_s].map(|at_s| local(at_s, "%Y-%m-%dT%H:%M:%S+05:30"));
        format!(
            r#"{{"display_name":"{agent}","status_name":"{status}","start_time":"{from}","end_time":"{to}"}}"#
        )
    };
    let rows: Vec<String> = intervals(days).into_iter().map(row).collect();
    format!(r#"{{"statuses":[{}]}}"#, rows.join(","))
}

/// The days as a product writes them; whether it knows who is invisible.
fn written(key: &str) -> (fn(&Days) -> String, bool) {
    match key {
        "amazon-connect" => (amazon_connect, true),
        "asterisk" => (asterisk, false),
        "bright-pattern" => (bright_pattern, false),
        "five9" => (five9, false),
        "genesys-cloud" => (genesys_cloud, false),
        "intercom" => (intercom, false),
        "nice-cxone" => (nice_cxone, false),
        "zendesk" => (zendesk, true),
        "zoom" => (zoom, false),
        other => panic!("nothing is written as {other}: add it here"),
    }
}

/// What every widget of a world shows when a trace is replayed in it.
fn timeline(world: &Path, bytes: &[u8], trace: &str) -> Vec<String> {
    std::fs::write(world.with_file_name("trace.csv"), trace).expect("a scratch file");
    let mut rows = Vec::new();
    let mut take = |row: TimelineRow, widgets: &Names<WidgetId>| {
        let TimelineRow { at, widget, answer } = row;
        let widget = widgets.name(widget);
        rows.push(format!("{at} {widget} {} {} {}", answer.status, answer.chat, answer.reason));
    };
    let options = Options { timeline: Some(&mut take), ..Options::default() };
    let stop = AtomicBool::new(false);
    let verdict = play::run(world, bytes, &SHARED_ZONES, options, &stop);
    assert_ne!(verdict.outcome(), Outcome::Invalid, "{:#?}", verdict.trace_diagnostics);
    assert_eq!(verdict.anomalies.count, 0, "{:?}", verdict.anomalies.first.first());
    rows
}

#[test]
fn a_day_written_as_each_product_writes_it_is_imported_as_the_same_day() {
    let folder = Scratch::new(b"");
    std::fs::remove_file(&folder.0).expect("it was made");
    std::fs::create_dir(&folder.0).expect("a scratch folder");
    let world_path = folder.0.join("world.scenario");
    let (mut compared, mut rows) = (0, 0);
    for seed in 0..WORLDS {
        let knobs = Knobs {
            seed,
            properties: 2,
            agents: 2,
            devices: 1,
            days: 2,
            flakiness: 0,
            ..Knobs::default()
        };
        let end_s = knobs.end().as_millis() / 1_000;
        let population = Population::new(knobs, &SHARED_ZONES).expect("knobs in range");
        let mut world = Vec::new();
        write_world(&population, &mut world).expect("a vector takes it");
        let mut trace = Vec::new();
        write_trace(population.events(), &mut trace).expect("a vector takes it");
        let all = days(&String::from_utf8(trace).expect("ASCII"), end_s);
        if all.is_empty() {
            continue;
        }
        for built_in in &BUILT_IN {
            let (write, knows_invisible) = written(built_in.key);
            let days = if knows_invisible { all.clone() } else { without_invisible(all.clone()) };
            let log = Scratch::new(write(&days).as_bytes());
            let mapping = match built_in.key {
                "five9" | "nice-cxone" => in_zone(built_in.mapping(), ZONE),
                _ => built_in.mapping(),
            };
            let (imported, told) = import_file(&log.0, &mapping).expect(built_in.key);
            let faults: Vec<_> = told.taken.faults.iter().collect();
            assert!(faults.is_empty(), "{} of seed {seed}: {faults:#?}", built_in.key);
            let own = timeline(&world_path, &world, &as_trace(&days));
            let again = timeline(&world_path, &world, &imported);
            assert_eq!(again, own, "{} of seed {seed}", built_in.key);
            compared += 1;
            rows += own.len();
        }
    }
    std::fs::remove_dir_all(&folder.0).expect("it was made");
    std::fs::write(&folder.0, "").expect("a scratch file");
    assert!(compared > 1_500, "only {compared} logs were compared");
    assert!(rows > 20_000, "only {rows} rows were compared");
}
