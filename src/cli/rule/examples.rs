//! A scenario for each rule, out of those that name the rule as their source.

/// A scenario that shows a rule at work.
pub struct Example {
    /// The rules that it is the example of.
    rules: &'static [&'static str],
    /// The path of the scenario below `scenarios/`, which is named beside it.
    pub path: &'static str,
    /// The text of the whole file, built in so that no checkout is needed.
    pub text: &'static str,
}

macro_rules! examples {
    ($($path:literal: $($rule:literal)*;)*) => {
        &[$(Example {
            rules: &[$($rule),*],
            path: $path,
            text: include_str!(concat!("../../../scenarios/", $path)),
        }),*]
    };
}

const EXAMPLES: &[Example] = examples! {
    "presence/logging-in-puts-you-online.scenario": "P1" "W2";
    "presence/away-for-a-meeting.scenario": "P2" "W3";
    "presence/logged-out-is-offline.scenario": "P3" "W4";
    "presence/highest-device-wins.scenario": "P4";
    "presence/invisible-beside-an-online-colleague.scenario": "P5";
    "presence/suspended-members-do-not-count.scenario": "P6";
    "presence/lost-connection-keeps-its-status-for-the-grace.scenario": "P7" "T2";
    "presence/away-by-itself-after-silence.scenario": "P8";
    "presence/a-status-for-a-time.scenario": "P9";
    "scheduler/off-means-hours-never-matter.scenario": "S1";
    "scheduler/summer-time-needs-no-setting.scenario": "S2";
    "scheduler/from-the-start-minute-to-the-end-minute.scenario": "S3";
    "scheduler/hours-past-midnight.scenario": "S4";
    "scheduler/holidays-replace-the-weekday.scenario": "S5";
    "scheduler/no-hours-are-never-open.scenario": "S6";
    "scheduler/holidays-of-every-year.scenario": "S7";
    "scheduler/an-afternoon-off.scenario": "S8";
    "scheduler/every-other-saturday.scenario": "S9";
    "scheduler/a-clock-that-nobody-changes.scenario": "S10";
    "scheduler/offline-outside-the-hours.scenario": "W1";
    "scheduler/open-hours-without-an-agent.scenario": "W5";
    "content/open-but-nobody-there-looks-online.scenario": "W6";
    "visibility/only-on-listed-pages.scenario": "V1";
    "visibility/only-in-listed-countries.scenario": "V2";
    "visibility/not-on-phones-or-not-on-desktops.scenario": "V3";
    "visibility/hidden-when-offline.scenario": "V4";
    "content/a-greeting-for-each-status.scenario": "C1";
    "content/the-offline-form.scenario": "C2";
    "content/the-pre-chat-form.scenario": "C3";
    "scheduler/events-on-the-edge-of-the-hours.scenario": "T1" "T3";
    "scheduler/the-last-minute-of-the-calendar.scenario": "T4";
};

/// All examples, in the order of the rules.
#[cfg(feature = "serve")]
pub fn all() -> impl Iterator<Item = &'static Example> {
    EXAMPLES.iter()
}

/// The example of a rule.
pub fn example(rule: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.rules.contains(&rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::rule_book::rules;

    #[test]
    fn every_rule_has_an_example_that_names_it_as_its_source() {
        for rule in rules() {
            let example = example(rule.name).unwrap_or_else(|| panic!("none for {}", rule.name));
            let mut sources = example.text.lines().filter_map(|line| line.strip_prefix("source"));
            let names_it = |text: &str| {
                text.split(|c: char| !c.is_alphanumeric()).any(|word| word == rule.name)
            };
            assert!(sources.any(names_it), "{} does not name rule {}", example.path, rule.name);
        }
        let known: Vec<&str> = rules().iter().map(|rule| rule.name).collect();
        let cited = EXAMPLES.iter().flat_map(|example| example.rules);
        assert!(cited.into_iter().all(|rule| known.contains(rule)));
    }
}
