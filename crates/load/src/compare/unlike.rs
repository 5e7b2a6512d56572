//! Why runs are not to be compared as they are. That they began at another moment is no reason: no two
//! runs do not.

use crate::figures;
use crate::result::LoadResult;

/// What is unlike, each in a line.
pub fn unlike(before: &[LoadResult], after: &[LoadResult]) -> Vec<String> {
    let mut unlike = Vec::new();
    let (Some(first), Some(other)) = (before.first(), after.first()) else { return unlike };
    pair(first, other, ["before", "after"], &mut unlike);
    for (side, runs) in [("before", before), ("after", after)] {
        let whose = |place: usize| match runs.len() {
            1 => side.to_owned(),
            _ => format!("run {} {side}", place + 1),
        };
        for (place, run) in runs.iter().enumerate().skip(1) {
            pair(&runs[0], run, [&whose(0), &whose(place)], &mut unlike);
        }
        for (place, run) in runs.iter().enumerate() {
            let whose = if runs.len() == 1 { format!("the run {side}") } else { whose(place) };
            if let Some(why) = &run.about.ended_early {
                unlike.push(format!("{whose} was ended early: {why}"));
            }
            for warning in &run.generator.warnings {
                unlike.push(format!("{whose}: {warning}"));
            }
        }
    }
    unlike
}

/// In what two runs are unlike.
fn pair(
    one: &LoadResult,
    other: &LoadResult,
    [first, second]: [&str; 2],
    unlike: &mut Vec<String>,
) {
    let mut say = |what: &str, in_one: String, in_other: String| {
        if in_one != in_other {
            unlike.push(format!("{what}: {in_one} {first}, {in_other} {second}"));
        }
    };
    let (a, b) = (&one.about, &other.about);
    let (mut left, mut right) = (options(&a.arguments), options(&b.arguments));
    let is_same = left == right;
    // A world that is given is known by nothing but the fingerprint.
    let is_given = left.iter().any(|option| option.starts_with("--world "));
    if is_same && is_given {
        say("another world", a.plan.clone(), b.plan.clone());
    }
    let common: Vec<String> = left.iter().filter(|one| right.contains(one)).cloned().collect();
    left.retain(|option| !common.contains(option));
    right.retain(|option| !common.contains(option));
    let named = |options: Vec<String>| match options.is_empty() {
        true => "none of them".to_owned(),
        false => options.join(" "),
    };
    say("other arguments", named(left), named(right));
    say("another product", a.product.clone(), b.product.clone());
    say("other parts of the plan", a.shards.join(", "), b.shards.join(", "));
    let ms = |ms: u64| figures::duration(ms as f64 * 1e3);
    say("another promise (--within)", ms(a.within_ms), ms(b.within_ms));
    say("another length of a stretch", ms(a.interval_ms), ms(b.interval_ms));
    let apart = |one: f64, other: f64| (one - other).abs() > 0.01 * one.max(other);
    let asked = |run: &LoadResult| run.rate.asked as f64 * 1e3 / run.about.lasted_ms.max(1) as f64;
    if apart(asked(one), asked(other)) {
        let rate = |run: &LoadResult| {
            format!("{} asked for", figures::rate(run.rate.asked, run.about.lasted_ms))
        };
        say("another rate", rate(one), rate(other));
    }
    if apart(a.lasted_ms as f64, b.lasted_ms as f64) {
        say("another length", ms(a.lasted_ms), ms(b.lasted_ms));
    }
}

/// The arguments of a run, each option with its value, but for when it starts and which part of the plan
/// it plays.
fn options(arguments: &str) -> Vec<String> {
    let mut options: Vec<String> = Vec::new();
    for word in arguments.split_whitespace() {
        match options.last_mut() {
            Some(option) if !word.starts_with("--") => {
                option.push(' ');
                option.push_str(word);
            }
            _ => options.push(word.to_owned()),
        }
    }
    let tells_nothing = |option: &String| {
        ["--start-at", "--shard"].iter().any(|name| {
            option
                .strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '=']))
        })
    };
    options.retain(|option| !tells_nothing(option));
    options
}
