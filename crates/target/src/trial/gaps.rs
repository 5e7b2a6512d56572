//! What a target file cannot tell, and which expectations that takes away (rule T41 of target files).

use std::collections::BTreeSet;

use lamplighter_core::model::Chosen;

use crate::file::TargetFile;
use crate::file::clock::Clock;
use crate::file::section::Section;
use crate::file::widget::WidgetColumn;

/// A line for each: what is missing, and what is not tested for it.
pub fn untold(file: &TargetFile) -> Vec<String> {
    let can = file.abilities();
    let mut lines = Vec::new();
    let mut unless = |is_there: bool, line: &str| {
        if !is_there {
            lines.push(line.to_owned());
        }
    };
    if let Some(widget) = &file.widget {
        for (column, line) in [
            (WidgetColumn::Chat, "whether a chat can start: no row of `says` tells `chat`"),
            (WidgetColumn::Form, "forms: no row of `says` tells `form`"),
            (WidgetColumn::Greeting, "greetings: no row of `says` tells `greeting`"),
        ] {
            unless(widget.tells(column), line);
        }
        let shows = widget.tells(WidgetColumn::Visibility) && can.visibility;
        unless(shows, "what hides a widget: `can.visibility` and a row with `shown` would tell");
    }
    unless(file.has_team(), "what team-mates see: there is no `[team]`");
    for (chosen, line) in [
        (Chosen::Away, "who is away: `can.statuses` does not have it"),
        (Chosen::Invisible, "who is invisible: `can.statuses` does not have it"),
    ] {
        unless(can.statuses.contains(&chosen), line);
    }
    unless(can.logout, "logging out: there is no `device.logout`");
    unless(can.suspend, "suspending members: there are no `member.suspend` and `member.reinstate`");
    unless(can.hours.is_some(), "schedulers: there are no `hours.set` and `can.hours`");
    unless(can.messages, "messages: there are no `message.leave` and `message.list`");
    unless(
        can.versions.is_some(),
        "which answer is newer than which: there is no version, and `load` judges by time alone",
    );
    unless(
        file.holds_devices() || file.timing.grace_max.is_none(),
        "lost connections: nothing holds a device (`device.hold`), so none is lost",
    );
    lines
}

/// Sections that the file has and the trial did not come to, and why.
pub fn not_run(file: &TargetFile, ran: &BTreeSet<Section>) -> Vec<(Section, &'static str)> {
    let missing = sections(file).into_iter().filter(|section| !ran.contains(section));
    let statuses = file.abilities().statuses;
    let mut of_statuses = statuses.iter().filter_map(|chosen| file.status_steps(*chosen));
    let is_asked = of_statuses.any(|(section, _)| section == Section::DeviceStatus);
    let why = |section| match (section, &file.clock) {
        (Section::ClockSet, Clock::Manual { .. }) => "`--now INSTANT` puts the clock",
        (Section::DeviceStatus, _) if !is_asked => "every status has steps of its own",
        _ => "the walk did not come to it",
    };
    missing.map(|section| (section, why(section))).collect()
}

/// What a trial can come to: the sections that have steps, and what an adapter can do by what it says.
pub fn sections(file: &TargetFile) -> Vec<Section> {
    // A status that its hold carries has no call of its own.
    let with_steps = file.sections().filter(|(_, steps)| !steps.is_empty());
    let mut sections: Vec<Section> = with_steps.map(|(section, _)| section).collect();
    if file.about.adapter.is_some() {
        let can = file.abilities();
        let does = |section: &Section| match section {
            Section::AgentMake => !file.lends_accounts(),
            Section::PropertyMake | Section::PropertyDelete => !file.lends_properties(),
            Section::MemberSuspend | Section::MemberReinstate => can.suspend,
            Section::HoursSet | Section::HoursOff => can.hours.is_some(),
            Section::MessageLeave | Section::MessageList => can.messages,
            Section::WidgetPush => can.push,
            Section::DeviceLogout => can.logout,
            Section::DeviceStatusOf(_) => false,
            section => section.is_of_adapters(),
        };
        sections.extend(Section::ALL.into_iter().filter(does));
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::builtin::built_in;
    use crate::file::check;

    #[test]
    fn a_device_can_be_lost_whether_calls_or_a_socket_hold_it() {
        let is_untold = |text: &str| {
            let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
            let lines = untold(&checked.file.expect("a target file"));
            lines.iter().any(|line| line.starts_with("lost connections"))
        };
        let by_socket = built_in("reference").expect("it is built in");
        assert!(by_socket.contains("socket = ") && !is_untold(by_socket));
        let by_calls = built_in("synapse").expect("it is built in");
        assert!(by_calls.contains("[device.hold]") && !is_untold(by_calls));
        let (before, hold) = by_socket.split_once("[device.hold]\n").expect("it holds devices");
        let (_, behind) = hold.split_once("\n[").expect("more comes behind it");
        let by_nothing = format!("{before}[{behind}");
        assert!(is_untold(&by_nothing));
    }
}
