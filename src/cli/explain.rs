//! `lamplighter explain`: why a widget is as it is at an instant.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;

use super::common::Common;
use super::exit::{Exit, Stop, no_widget};
use super::files;
use super::output::{is_stdout, write_report};
use super::same_file::apart;
use super::terminal::printed;
use crate::report::{explain, text};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::text::Country;
use lamplighter_core::model::{DeviceKind, Visitor, WidgetId};
use lamplighter_scenario::language::parse_time_alone;
use lamplighter_scenario::language::span::{Span, Spanned};
use lamplighter_scenario::language::time::{Base, resolve};
use lamplighter_scenario::play::{Facts, Outcome, Verdict, named_row, world_at};

/// `lamplighter explain` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter explain team.scenario --at '2026-03-09 17:02' --widget acme
  lamplighter explain team.scenario --at 2026-03-09T21:02:00Z
  lamplighter explain team.scenario --at +90m --widget acme/sales --on /pricing --in FR --to mobile")]
pub struct ExplainArguments {
    /// The scenario
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// When: a local time in the file's zone, an instant, or relative to the start of the run
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: String,
    /// Which widget (not needed where there is only one)
    #[arg(long, value_name = "NAME")]
    pub widget: Option<String>,
    /// Write it as JSON; `-` is stdout, which then has nothing else
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The page that a visitor is on
    #[arg(long, value_name = "URL", help_heading = "Visitor")]
    pub on: Option<String>,
    /// The visitor's country
    #[arg(long = "in", value_name = "CC", help_heading = "Visitor")]
    pub country: Option<Country>,
    /// The visitor's kind of device: desktop or mobile
    #[arg(long, value_name = "KIND", help_heading = "Visitor")]
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(["desktop", "mobile"]))]
    pub to: Option<String>,
}

/// Runs `lamplighter explain` with its arguments as typed, and gives the exit code.
pub fn run(arguments: ExplainArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let (file, _) = named_row(&arguments.path);
    apart(&[("--json", arguments.json.as_deref())], &[("the scenario", &file)])?;
    let bytes = files::read(&arguments.path)?;
    let time = parse_time_alone(&arguments.at).map_err(|error| {
        Stop::invalid(anyhow!("--at {}: {error}", arguments.at))
            .hint("write a local time such as '2026-03-09 17:02', an instant, or '+90m'")
    })?;
    let mut wrong_time = None;
    let found = world_at(&arguments.path, &bytes, zones, |zone, first| {
        let time = Spanned::new(time, Span::default());
        match resolve(&time, Base::At(first), zone) {
            Ok(Some(at)) if at >= first => Some(at),
            Ok(_) => {
                let first = lamplighter_scenario::language::time::write(first, zone);
                wrong_time = Some((format!("the run begins at {first}"), None));
                None
            }
            Err((diagnostic, _)) => {
                wrong_time = Some((diagnostic.message, diagnostic.help));
                None
            }
        }
    });
    let (world, verdict) = match found {
        Ok(found) => found,
        Err(verdict) if verdict.outcome() == Outcome::Invalid => {
            printed(text::diagnostics(&mut anstream::stderr().lock(), &verdict))?;
            return Ok(Exit::Invalid);
        }
        Err(_) => {
            let (message, help) = wrong_time
                .unwrap_or_else(|| ("the scenario has no `at` and no trace rows".to_owned(), None));
            let stop = Stop::invalid(anyhow!("--at {}: {message}", arguments.at));
            return Err(match help {
                Some(help) => stop.hint(help),
                None => stop,
            });
        }
    };
    let widget = widget(&arguments, &verdict)?;
    let visitor = Visitor {
        page: arguments.on.clone(),
        country: arguments.country,
        device: arguments.to.as_deref().and_then(DeviceKind::from_word),
    };
    let facts = Facts { roster: &verdict.roster, zone: &verdict.zone, world: &world };
    if let Some(path) = &arguments.json {
        write_report(path, |out| Ok(explain::json(out, facts, (widget, &visitor))?))?;
        if is_stdout(path) || common.quiet {
            return Ok(Exit::AllWell);
        }
    }
    let mut out = anstream::stdout().lock();
    printed(
        explain::explain(&mut out, facts, (widget, &visitor), verdict.run)
            .and_then(|()| out.flush()),
    )?;
    Ok(Exit::AllWell)
}

fn widget(arguments: &ExplainArguments, verdict: &Verdict) -> Result<WidgetId, Stop> {
    let widgets = &verdict.roster.widgets;
    let known = || widgets.iter().collect::<Vec<_>>().join(", ");
    let Some(name) = &arguments.widget else {
        if widgets.len() == 1 {
            return Ok(WidgetId::new(0));
        }
        let message = anyhow!("there are {} widgets", widgets.len());
        return Err(Stop::invalid(message).hint(format!("add --widget with one of: {}", known())));
    };
    widgets.get(name).ok_or_else(|| no_widget(name, || widgets.iter()))
}
