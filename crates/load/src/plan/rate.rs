//! How many visitors a product allows (rule T43 of target files): what agents and what holds devices leave
//! of its calls a second, and how often each widget may be read.

use super::team_reads;

use super::knobs::RunKnobs;
use lamplighter_target::file::TargetFile;
use lamplighter_target::file::hold::Hold;
use lamplighter_target::file::section::Section;
use lamplighter_target::file::widget::WidgetSection;

/// Visitors have so much of the calls at least, whatever agents do.
const SHARE_MIN: f64 = 0.1;
/// So often a poll is asked for that is answered when something has changed.
const LONG_POLL_S: f64 = 30.0;

/// Lowers the rate of visitors to what the target allows; gives what was lowered, in a sentence.
pub fn fit_rate(file: &TargetFile, knobs: &mut RunKnobs) -> Option<String> {
    let max = of_calls(file, knobs).min(of_polls(file, knobs));
    // In a thousand seconds, as stages have it; one visitor at least.
    let max = (max * 1_000.0).clamp(1.0, u64::MAX as f64) as u64;
    let asked = knobs.visitors.iter().map(|stage| stage.from.max(stage.to)).max()?;
    if asked <= max {
        return None;
    }
    for stage in &mut knobs.visitors {
        (stage.from, stage.to) = (stage.from.min(max), stage.to.min(max));
    }
    Some(format!(
        "the target allows {} visitors a second beside its agents: so many come, not {}",
        max as f64 / 1_000.0,
        asked as f64 / 1_000.0
    ))
}

/// What agents and what holds their devices leave of the calls a second.
fn of_calls(file: &TargetFile, knobs: &RunKnobs) -> f64 {
    let Some(calls) = file.timing.calls_per_second_max else { return f64::INFINITY };
    let world = &knobs.world;
    let agents = match &knobs.given {
        Some(given) => given.agents.len() as f64,
        None => f64::from(world.properties) * f64::from(world.agents),
    };
    let acts = agents / (knobs.pace.0 as f64 / 1_000.0).max(0.001);
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
            agents * f64::from(world.devices) / every
        }
        Some(Hold::Socket(_)) | None => 0.0,
    };
    (calls - acts - holds).max(calls * SHARE_MIN) / calls_a_read(file, knobs)
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

/// How often all widgets together may be read.
fn of_polls(file: &TargetFile, knobs: &RunKnobs) -> f64 {
    let every = file.timing.poll_every_min.as_secs_f64();
    let properties = match &knobs.given {
        Some(given) => given.property_count() as f64,
        None => f64::from(knobs.world.properties),
    };
    if every > 0.0 { properties / every } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::knobs::Stage;
    use crate::plan::tests::knobs;
    use lamplighter_core::model::Millis;
    use lamplighter_target::file::check;

    /// The rate that is left of 200 visitors a second, in a thousand seconds, and whether it is said.
    fn fitted(hold: &str, timing: &str) -> (u64, bool) {
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
        let is_said = fit_rate(&file, &mut knobs).is_some();
        (knobs.visitors[0].to, is_said)
    }

    #[test]
    fn t43_visitors_have_what_agents_and_holds_leave_and_reads_cost() {
        assert_eq!(fitted("", ""), (200_000, false));
        // 40 agents act every 20 s, which leaves 18 calls a second, of which a read takes two.
        assert_eq!(fitted("", "calls_per_second = 20"), (9_000, true));
        let polls = r#"hold = { call = { get = "/poll" }, every = 10 }"#;
        assert_eq!(fitted(polls, "calls_per_second = 20"), (5_000, true));
        // Agents alone would take all: visitors have a tenth.
        assert_eq!(fitted("", "calls_per_second = 2"), (100, true));
        assert_eq!(fitted("", "poll_every_min = 2"), (5_000, true));
    }
}
