//! How many visitors a product allows (rule T43 of target files): what agents and what holds devices leave
//! of its calls a second, and how often each widget may be read.

use thiserror::Error;

use super::knobs::RunKnobs;
use super::team_reads;
use lamplighter_target::file::TargetFile;
use lamplighter_target::file::hold::Hold;
use lamplighter_target::file::section::Section;
use lamplighter_target::file::widget::WidgetSection;

/// So much of the calls a second is used at most: where all are, whoever waits for a turn waits for ever
/// longer.
const CALLS_USED: f64 = 0.9;
/// Visitors have so much of them at least.
const SHARE_MIN: f64 = 0.1;
/// So much of the reads of a widget is used: they come when they come, and those of one widget stand in
/// one line, in which each waits for a whole interval.
const POLLS_USED: f64 = 0.5;
/// So often a poll is asked for that is answered when something has changed.
const LONG_POLL_S: f64 = 30.0;

/// A target that allows fewer calls a second than its agents and their devices make.
#[derive(Clone, PartialEq, Debug, Error)]
#[error(
    "the target allows {allowed} calls a second (`calls_per_second`), and without a single visitor this \
     run makes about {needed:.1}: {holds:.1} hold up to {devices} devices, {acts:.1} are made by {agents} \
     agents. That is {over:.1} more than the {left:.1} which leave room for visitors and waits"
)]
pub struct TooManyCalls {
    allowed: f64,
    needed: f64,
    holds: f64,
    devices: u64,
    acts: f64,
    agents: u64,
    over: f64,
    left: f64,
}

impl TooManyCalls {
    /// What to do about it.
    pub const HINT: &str = "ask for fewer with --properties, --agents or --devices, let agents do less with a \
                            longer --pace, or hold devices by calls that go out less often (`every` in \
                            `[device.hold]`)";
}

/// Lowers the rate of visitors to what the target allows; gives what was lowered, in a sentence.
///
/// # Errors
/// When what agents do and what holds their devices is more than the target allows.
pub fn fit_rate(file: &TargetFile, knobs: &mut RunKnobs) -> Result<Option<String>, TooManyCalls> {
    let max = of_calls(file, knobs)?.min(of_polls(file, knobs));
    // In a thousand seconds, as stages have it; one visitor at least.
    let max = (max * 1_000.0).clamp(1.0, u64::MAX as f64) as u64;
    let asked = knobs.visitors.iter().map(|stage| stage.from.max(stage.to)).max().unwrap_or(0);
    if asked <= max {
        return Ok(None);
    }
    for stage in &mut knobs.visitors {
        (stage.from, stage.to) = (stage.from.min(max), stage.to.min(max));
    }
    Ok(Some(format!(
        "the target allows {} visitors a second beside its agents: so many come, not {}",
        max as f64 / 1_000.0,
        asked as f64 / 1_000.0
    )))
}

/// What agents and what holds their devices leave of the calls a second.
fn of_calls(file: &TargetFile, knobs: &RunKnobs) -> Result<f64, TooManyCalls> {
    let Some(allowed) = file.timing.calls_per_second_max else { return Ok(f64::INFINITY) };
    let world = &knobs.world;
    let agents = match &knobs.given {
        Some(given) => given.agents.len() as u64,
        None => u64::from(world.properties) * u64::from(world.agents),
    };
    let devices = agents * u64::from(world.devices);
    let acts = agents as f64 / (knobs.pace.0 as f64 / 1_000.0).max(0.001);
    let acts = match file.has_team() {
        true => {
            let look = calls_of(file, Section::TeamRead, knobs);
            acts * (1.0 + team_reads::WRITES_ADDED + team_reads::TEAM_READS_ADDED * look)
        }
        false => acts,
    };
    let holds = match &file.device.hold {
        Some(Hold::Calls { every, .. }) => {
            let every = every.map_or(LONG_POLL_S, |every| every.as_secs_f64().max(0.1));
            devices as f64 / every
        }
        Some(Hold::Socket(_)) | None => 0.0,
    };
    let (needed, left) = (acts + holds, allowed * (CALLS_USED - SHARE_MIN));
    if needed > left {
        let over = needed - left;
        return Err(TooManyCalls { allowed, needed, holds, devices, acts, agents, over, left });
    }
    Ok((allowed * CALLS_USED - needed) / calls_a_read(file, knobs))
}

/// How many calls a visitor's read is.
fn calls_a_read(file: &TargetFile, knobs: &RunKnobs) -> f64 {
    let section = match file.widget {
        Some(WidgetSection::Folded) => Section::TeamRead,
        _ => Section::WidgetRead,
    };
    calls_of(file, section, knobs)
}

/// How many calls a read of a section is.
fn calls_of(file: &TargetFile, section: Section, knobs: &RunKnobs) -> f64 {
    let steps = file.steps(section).map_or(1, <[_]>::len).max(1) as f64;
    let is_for_members =
        section == Section::TeamRead && file.team.as_ref().is_some_and(|team| team.for_member);
    if is_for_members { steps * f64::from(knobs.world.agents.max(1)) } else { steps }
}

/// How often all widgets together are read at most.
fn of_polls(file: &TargetFile, knobs: &RunKnobs) -> f64 {
    let every = file.timing.poll_every_min.as_secs_f64();
    let properties = match &knobs.given {
        Some(given) => given.property_count() as f64,
        None => f64::from(knobs.world.properties),
    };
    if every > 0.0 { POLLS_USED * properties / every } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::knobs::Stage;
    use crate::plan::tests::knobs;
    use lamplighter_core::model::Millis;
    use lamplighter_target::file::check;

    /// The rate that is left of 200 visitors a second, in a thousand seconds, and whether it is said; or
    /// why there can be no run.
    fn fitted(hold: &str, timing: &str) -> Result<(u64, bool), String> {
        let text = format!(
            r#"
            format = 1
            [target]
            name = "limited"
            base = "http://127.0.0.1:1"
            accounts = [{{ agent = "a", password = "p" }}]
            properties = [{{ property = "one" }}]
            [device]
            login = {{ post = "/in" }}
            logout = {{ post = "/out" }}
            status = {{ post = "/status" }}
            {hold}
            [widget]
            read = [{{ get = "/w" }}, {{ get = "/x", keep.size = {{ bytes = true }} }}]
            says = [{{ when = {{ size = 7 }}, status = "online" }}, {{ status = "offline" }}]
            [timing]
            {timing}
            "#
        );
        let checked = check(text.as_bytes(), &|_| Err(String::new()));
        let file = checked.file.unwrap_or_else(|| panic!("{:?}", checked.findings));
        let mut knobs = knobs();
        (knobs.world.properties, knobs.world.agents, knobs.world.devices) = (10, 4, 2);
        knobs.pace = Millis(20_000);
        knobs.visitors = vec![Stage { length: Millis(0), from: 10_000, to: 200_000 }];
        let said = fit_rate(&file, &mut knobs).map_err(|error| error.to_string())?;
        Ok((knobs.visitors[0].to, said.is_some()))
    }

    #[test]
    fn t43_visitors_have_what_agents_and_holds_leave_and_reads_cost() {
        assert_eq!(fitted("", ""), Ok((200_000, false)));
        // 40 agents act every 20 s, which leaves 16 of 18 calls a second, of which a read takes two.
        assert_eq!(fitted("", "calls_per_second = 20"), Ok((8_000, true)));
        let polls = r#"hold = { call = { get = "/poll" }, every = 10 }"#;
        assert_eq!(fitted(polls, "calls_per_second = 20"), Ok((4_000, true)));
        // A tenth at least.
        assert_eq!(fitted("", "calls_per_second = 2.5"), Ok((125, true)));
    }

    #[test]
    fn t43_reads_of_a_widget_are_fewer_than_it_may_be_read_so_that_no_line_grows() {
        assert_eq!(fitted("", "poll_every_min = 2"), Ok((2_500, true)));
    }

    #[test]
    fn t43_a_target_that_allows_fewer_calls_than_hold_its_devices_is_not_loaded() {
        let polls = r#"hold = { call = { get = "/poll" }, every = 1 }"#;
        let why = fitted(polls, "calls_per_second = 5").expect_err("too many");
        assert_eq!(
            why,
            "the target allows 5 calls a second (`calls_per_second`), and without a single visitor this \
             run makes about 82.0: 80.0 hold up to 80 devices, 2.0 are made by 40 agents. That is 78.0 \
             more than the 4.0 which leave room for visitors and waits"
        );
        assert!(fitted("", "calls_per_second = 2").is_err(), "agents alone take all");
    }
}
