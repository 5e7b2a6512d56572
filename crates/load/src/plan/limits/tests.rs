use super::*;
use crate::plan::tests::knobs;
use crate::plan::{AgentAction, RunKnobs, RunPlan};
use lamplighter_core::hours::Zones;
use lamplighter_target::file::builtin::built_in;
use lamplighter_target::file::check;

fn file(text: &str) -> TargetFile {
    let checked = check(text.as_bytes(), &|path| Err(format!("there is no {path}")));
    assert!(!checked.has_errors(), "{:?}", checked.findings);
    checked.file.expect("a target file")
}

fn named(name: &str) -> TargetLimits {
    TargetLimits::of(&file(built_in(name).expect("it is built in")))
}

fn plan(limits: &TargetLimits) -> (RunKnobs, RunPlan) {
    let mut knobs = knobs();
    knobs.keep_to(limits.clone());
    let plan = RunPlan::draw(&knobs, &Zones::bundled()).expect("a plan");
    (knobs, plan)
}

/// A product that can hardly do anything.
const POOR: &str = r#"
    format = 1
    [target]
    name = "poor"
    base = "http://127.0.0.1:1"
    accounts = [{ agent = "a", password = "p" }, { agent = "b", password = "q" }]
    properties = [{ property = "one" }]
    [device]
    login = { post = "/in" }
    status_online = { post = "/online" }
    [widget]
    read = { get = "/w", keep.size = { bytes = true } }
    says = [{ when = { size = 7 }, status = "online" }, { status = ["away", "offline"] }]
    [can]
    logout = false
    statuses = ["online"]
"#;

#[test]
fn a_target_that_can_everything_is_given_the_whole_plan() {
    let reference = named("reference");
    assert_eq!(reference.not_tested, Vec::<String>::new());
    let (_, with) = plan(&reference);
    let (_, without) = plan(&TargetLimits::default());
    assert_eq!(format!("{with:?}"), format!("{without:?}"));
}

#[test]
fn what_a_target_cannot_is_not_in_its_plan_and_is_named() {
    let poor = TargetLimits::of(&file(POOR));
    let (knobs, plan) = plan(&poor);
    assert_eq!((knobs.world.properties, knobs.world.agents), (1, 2));
    assert_eq!((knobs.streams, knobs.messages, knobs.storms.len()), (0, 0, 0));
    assert_eq!(plan.widgets.len(), 1, "further widgets cannot be made");
    assert!(plan.widgets.iter().all(|widget| *widget.settings == Settings::default()));
    let online = |what| {
        let chosen = match what {
            AgentAction::Login => return true,
            AgentAction::Status(chosen)
            | AgentAction::StatusEverywhere(chosen)
            | AgentAction::StatusTwice(chosen)
            | AgentAction::StatusLate(chosen, _) => chosen,
            _ => return false,
        };
        chosen == Chosen::Online
    };
    let mut steps = plan.agents.iter().flat_map(|agent| &agent.steps);
    assert!(steps.all(|step| online(step.what)), "no logout, no loss, one status");
    let named = [
        "status away: not in `can.statuses`",
        "status invisible: not in `can.statuses`",
        "logouts: `can.logout` is false",
        "lost connections: nothing holds a device",
        "teams: there is no section `team`",
        "suspended members: there are no steps for them",
        "event streams: there is no `widget.push`",
        "messages: there are no steps for them",
        "schedulers: hours cannot be set",
        "visibility: the target does not tell what hides a widget",
    ];
    assert_eq!(poor.not_tested, named);
}

/// What a product that takes statuses and hours can play by these rules.
fn by_rules(rules: &str) -> TargetLimits {
    let text = POOR.replace("[\"online\"]", "[\"online\", \"away\", \"invisible\"]");
    let text = text.replace("status_online = { post = \"/online\" }", "status = { post = \"/s\" }");
    let text = text.replace(
        "[can]",
        "[can]\nhours = { zone = \"own\", intervals_a_day = \"any\", overnight = true }",
    );
    let hours = "[hours]\nset = { put = \"/h\", json = { week = \"{{hours}}\" } }\n\
                 [agent]\nmake = { post = \"/a\" }\n[property]\nmake = { post = \"/p\" }\n\
                 [member]\nadd = { post = \"/m\" }";
    let own = |line: &&str| !line.contains("accounts =") && !line.contains("properties =");
    let text: String = text.lines().filter(own).map(|line| format!("{line}\n")).collect();
    TargetLimits::of(&file(&format!("{text}\n{hours}\n[rules]\n{rules}\n")))
}

#[test]
fn other_rules_are_played_whole_and_what_they_cannot_show_is_named() {
    let book = by_rules("");
    for rules in [
        "devices = \"one-status\"\nlogin = \"keeps\"",
        "merge = \"newest\"\nlogin = \"away\"",
        "logout = \"account\"",
        "logout = \"never\"",
        "away_is = \"offline\"\ninvisible_is = \"online\"",
        "team_sees_invisible = \"offline\"",
        "hours = \"or-present\"\nopen_and_nobody = \"online-chat\"",
        "hours = \"replace\"\nend_minute = \"open\"\novernight = \"never-opens\"",
    ] {
        let other = by_rules(rules);
        assert_eq!(other.not_tested, book.not_tested, "{rules}");
        assert_eq!(other.statuses.len(), 3, "{rules}");
        let (_, plan) = plan(&other);
        assert!(plan.agents.iter().any(|agent| agent.devices.len() > 1), "{rules}");
        assert!(plan.widgets.iter().any(|widget| widget.settings.scheduler.is_some()), "{rules}");
    }
    let idle = by_rules("idle = \"logged-out\"");
    let why = "idleness: idle = logged-out, and a load test keeps every device active";
    assert!(idle.not_tested.iter().any(|told| told == why), "{:?}", idle.not_tested);
}

#[test]
fn what_is_folded_from_a_team_that_hides_the_invisible_is_played_without_them() {
    let text = POOR.replace("[\"online\"]", "[\"online\", \"invisible\"]");
    let text = text.replace("status_online = { post = \"/online\" }", "status = { post = \"/s\" }");
    let (before, behind) = text.split_once("[widget]").expect("a section");
    let (_, behind) = behind.split_once("[can]").expect("a section");
    let team = "read = { get = \"/t\" }\nrows = \"\"\nname = \"/n\"\nsaid = \"/s\"\n\
                values = { on = \"online\", dnd = \"away\", off = \"offline\" }";
    let of = |rules: &str| {
        let text = format!(
            "{before}[team]\n{team}\n[widget]\nfrom = \"team\"\n[can]{behind}\n[rules]\n{rules}\n"
        );
        TargetLimits::of(&file(&text))
    };
    let hides = "team_sees_invisible = \"offline\"";
    let both = of(&format!("{hides}\ninvisible_is = \"online\""));
    assert_eq!(both.statuses, [Chosen::Online]);
    assert!(both.not_tested.iter().any(|told| told.starts_with("status invisible: team_sees")));
    assert_eq!(of(hides).statuses, [Chosen::Online, Chosen::Invisible]);
}

#[test]
fn presence_servers_get_plans_of_presence_alone() {
    for name in ["synapse", "ejabberd", "prosody"] {
        let (knobs, plan) = plan(&named(name));
        assert!(plan.widgets.iter().all(|widget| widget.settings.scheduler.is_none()), "{name}");
        assert!(knobs.grace >= Millis(30_000), "{name}: its own grace");
        assert!(plan.agents.iter().any(|agent| agent.devices.len() > 1), "{name}");
    }
}
