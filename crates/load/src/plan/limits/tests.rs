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

#[test]
fn what_hangs_on_other_rules_is_not_played_and_is_named() {
    let rules = "[rules]\ndevices = \"one-status\"\naway_is = \"offline\"\nlogin = \"keeps\"\n";
    let text = POOR.replace("[\"online\"]", "[\"online\", \"away\"]");
    let text = text.replace("status_online = { post = \"/online\" }", "status = { post = \"/s\" }");
    let text = format!("{text}\n{rules}");
    let other = TargetLimits::of(&file(&text));
    assert_eq!(other.statuses, [Chosen::Online]);
    let (_, plan) = plan(&other);
    assert!(plan.agents.iter().all(|agent| agent.devices.len() == 1));
    for why in [
        "several devices of an agent: other rules: devices = one-status",
        "status away: other rules: away_is = offline",
    ] {
        assert!(other.not_tested.iter().any(|told| told == why), "{:?}", other.not_tested);
    }
    let judges_nothing = TargetLimits::judges_nothing(&file(&text));
    assert_eq!(judges_nothing.as_deref(), Some("other rules: login = keeps"));
}

#[test]
fn hours_are_played_where_nobody_behind_them_is_offline_by_the_rules_or_by_the_setting() {
    let hours = r#"
        [hours]
        set = { put = "/h", json = { zone = "{{zone}}", week = "{{hours}}" } }
    "#;
    let can = "[can]\nhours = { zone = \"own\", intervals_a_day = \"any\", overnight = true }\n";
    let of = |position: &str| {
        let rules = format!("[rules]\nopen_and_nobody = \"{position}\"\n");
        let text = POOR.replace("[can]", can);
        TargetLimits::of(&file(&format!("{text}\n{hours}\n{rules}")))
    };
    let (_, with) = plan(&of("offline"));
    let own = with.widgets.iter().find(|widget| widget.settings.scheduler.is_some());
    assert!(own.expect("a widget with hours").settings.offline_when_all_agents_offline);
    let other = of("online-chat");
    let (_, without) = plan(&other);
    assert!(without.widgets.iter().all(|widget| widget.settings.scheduler.is_none()));
    let why = "schedulers: other rules: open_and_nobody = online-chat";
    assert!(other.not_tested.iter().any(|told| told == why), "{:?}", other.not_tested);
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
