//! The knobs of a synthetic world as options: their names, ranges and defaults come from the world's
//! own table.

use clap::builder::RangedI64ValueParser;
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use lamplighter_core::model::text::write_date;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::synth::{Knob, Knobs};

/// What was typed, or the default, for every knob.
#[derive(Debug)]
pub struct KnobArguments(pub Knobs);

/// Knobs that say how large the world is; the others say what it is like.
const SIZES: [&str; 4] = ["properties", "agents", "devices", "days"];

impl Args for KnobArguments {
    fn augment_args(command: Command) -> Command {
        let defaults = Knobs::default();
        let option = |name: &'static str| Arg::new(name).long(name);
        let numbers = Knob::ALL.iter().map(|knob| {
            let range = i64::from(*knob.range.start())..=i64::from(*knob.range.end());
            let heading = if SIZES.contains(&knob.name) { None } else { Some("Knobs") };
            option(knob.name)
                .value_name("N")
                .help(knob.help.trim())
                .help_heading(heading)
                .value_parser(RangedI64ValueParser::<u32>::new().range(range))
                .default_value(knob.default.to_string())
        });
        command
            .args(numbers)
            .arg(
                option("start")
                    .value_name("DATE")
                    .help("The day in UTC on which the run starts (or an instant)")
                    .value_parser(start)
                    .default_value(write_date(defaults.start.to_local(0).date())),
            )
            .arg(
                option("seed")
                    .value_name("N")
                    .help("What everything is drawn from")
                    .value_parser(clap::value_parser!(u64))
                    .default_value(defaults.seed.to_string()),
            )
            .arg(
                option("grace")
                    .value_name("TIME")
                    .help("For how long a lost connection counts as logged in")
                    .help_heading("Knobs")
                    .value_parser(duration)
                    .default_value(defaults.grace.to_string()),
            )
            .arg(
                option("auto-away")
                    .value_name("TIME")
                    .help("After how long an idle device goes away, or `off`")
                    .help_heading("Knobs")
                    .value_parser(duration_or_off)
                    .default_value("off"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for KnobArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut knobs = Self(Knobs::default());
        knobs.update_from_arg_matches(matches)?;
        Ok(knobs)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        let Self(knobs) = self;
        for knob in Knob::ALL {
            if let Some(&value) = matches.get_one(knob.name) {
                (knob.set)(knobs, value);
            }
        }
        if let Some(&start) = matches.get_one("start") {
            knobs.start = start;
        }
        if let Some(&seed) = matches.get_one("seed") {
            knobs.seed = seed;
        }
        if let Some(&grace) = matches.get_one("grace") {
            knobs.grace = grace;
        }
        if let Some(AutoAway(length)) = matches.get_one("auto-away") {
            knobs.auto_away = *length;
        }
        Ok(())
    }
}

fn start(text: &str) -> Result<Instant, String> {
    Knobs::start_from(text).ok_or_else(|| {
        "expected a date, e.g. `2026-03-02`, or an instant, e.g. `2026-03-02T06:30:00Z`".to_owned()
    })
}

/// A duration of the scenario language.
fn duration(text: &str) -> Result<Millis, String> {
    text.parse().map_err(|_| "expected a duration, e.g. `90s`, `2m` or `1h30m`".to_owned())
}

/// Clap keeps values by their type, and an option of a type is not one.
#[derive(Clone, Debug)]
struct AutoAway(Option<Millis>);

fn duration_or_off(text: &str) -> Result<AutoAway, String> {
    match text {
        "off" => Ok(AutoAway(None)),
        _ => duration(text).map(|length| AutoAway(Some(length))),
    }
}
