//! Properties of nobody, and hours in which nobody is.

use std::collections::BTreeMap;

use chrono::{Days, Timelike};

use super::warnings::Warnings;
use super::written::{Written, lines};
use crate::language::ast::{BlockLine, Declares, Document, Line};
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::span::Span;
use crate::play::picture::DrawnWidget;
use crate::play::verdict::Verdict;
use lamplighter_core::hours::Zone;
use lamplighter_core::model::{
    Chat, DAY_MINUTES, Event, INTERVAL_DAYS_MAX, Instant, Millis, SchedulerState,
};

/// A property in which nobody can ever be present.
pub fn without_members(document: &Document, warnings: &mut Warnings) {
    for block in &document.blocks {
        let Declares::Property(name) = &block.declares else { continue };
        if !block.lines.iter().any(|line| matches!(line.node, BlockLine::Members(_))) {
            warnings.push(
                Diagnostic::new(
                    name.span,
                    format!("property `{}` has no members", name.node),
                    "nobody can ever be present (rule P5)",
                )
                .code(Code::NoMembers)
                .help("name them in a `members` line"),
            );
        }
    }
}

/// A property all of whose members are suspended, for ever.
pub fn all_suspended(document: &Document, warnings: &mut Warnings) {
    for block in &document.blocks {
        let Declares::Property(property) = &block.declares else { continue };
        let (mut members, mut suspended) = (Vec::new(), Vec::new());
        for line in &block.lines {
            match &line.node {
                BlockLine::Members(names) => members.extend(names),
                BlockLine::Suspended(names) => suspended.extend(names),
                BlockLine::Setting(_) | BlockLine::SchedulerAs(_) | BlockLine::Hours(_) => {}
            }
        }
        let is_suspended = |member: &&crate::language::ast::Name| {
            suspended.iter().any(|name| name.node == member.node)
        };
        let Some(last) = suspended.last().filter(|_| members.iter().all(is_suspended)) else {
            continue;
        };
        let comes_back = |line: &Line| matches!(line, Line::Event(Event::Reinstate(_, of)) if of.node == property.node);
        if !lines(document).any(|line| comes_back(&line.node)) {
            warnings.push(
                Diagnostic::new(
                    last.span,
                    format!("all members of `{}` are suspended", property.node),
                    "rule P6: who is suspended counts nowhere in that property",
                )
                .code(Code::AllSuspended),
            );
        }
    }
}

/// Hours of which somebody was there for less than one part in so many are hours of nobody.
const HARDLY: u64 = 100;
/// Before so much was open, little presence means nothing.
const ENOUGH: Millis = Millis(40 * 3_600_000);
/// Hours that began before the run, or end behind it, are judged if they were seen for so long.
const LONG: Millis = Millis(86_400_000);

/// How much of some hours came by, and how much of that somebody was there.
#[derive(Default)]
struct Met {
    /// How often they came by as a whole.
    times: u32,
    /// Whether they were seen for long, if never as a whole.
    long: bool,
    open: Millis,
    present: Millis,
    /// Whether anybody was there, be it for an instant.
    someone: bool,
}

/// Hours that came by during the run, always without anyone present, or nearly so.
pub fn nobody_present(
    scheduler: &Written<'_>,
    widget: &str,
    zone: &Zone,
    verdict: &Verdict,
    warnings: &mut Warnings,
) {
    let (Some(picture), Some(run)) = (&verdict.picture, verdict.run) else { return };
    let mut rows = picture.widgets.iter();
    let Some((_, shown)) = rows.find(|(id, _)| verdict.roster.widgets.name(*id) == widget) else {
        return;
    };
    // By interval as written.
    let mut met: BTreeMap<Span, Met> = BTreeMap::new();
    for period in open_periods(shown, run.last) {
        let local = zone.local(period.from);
        let minute = (local.hour() * 60 + local.minute()) as u16;
        let under_way = (0..=u16::from(INTERVAL_DAYS_MAX)).find_map(|days_ago| {
            let date = local.date().checked_sub_days(Days::new(days_ago.into()))?;
            let minute = days_ago * DAY_MINUTES + minute;
            scheduler.starting_on(date).into_iter().find(|interval| {
                let (start, end) = scheduler.span(interval.node);
                start <= minute && minute < end
            })
        });
        if let Some(interval) = under_way {
            let met = met.entry(interval.span).or_default();
            met.times += u32::from(period.whole);
            met.long |= period.open >= LONG;
            met.open.0 += period.open.0;
            met.present.0 += period.present.0;
            met.someone |= period.someone;
        }
    }
    for (span, met) in met {
        if let Some(warning) = of_nobody(span, &met) {
            warnings.push(warning);
        }
    }
}

fn of_nobody(span: Span, met: &Met) -> Option<Diagnostic> {
    let came = match met.times {
        0 if !met.long => return None,
        0 => format!("they were open for {} of the run", met.open),
        1 => "they came by once during the run".to_owned(),
        times => format!("they came by {times} times during the run"),
    };
    if met.someone {
        let hardly = met.open >= ENOUGH && met.present.0.saturating_mul(HARDLY) < met.open.0;
        return hardly.then(|| {
            let label = format!("{} of {}", met.present, met.open);
            Diagnostic::new(span, "hardly anybody was present in these hours", label)
                .code(Code::NobodyPresent)
                .help("a visitor waits for nobody nearly always: is somebody missing?")
        });
    }
    let message = "nobody has ever been present in these hours";
    Some(
        Diagnostic::new(span, message, came)
            .code(Code::NobodyPresent)
            .help("a visitor waits for nobody: does someone work then?"),
    )
}

/// A time during which hours were open.
struct Period {
    from: Instant,
    /// How long it was seen.
    open: Millis,
    /// For how long of it someone was present.
    present: Millis,
    /// Whether someone was present at any time of it, be it for an instant.
    someone: bool,
    /// Whether the run saw it from its beginning to its end.
    whole: bool,
}

fn open_periods(shown: &[(Instant, DrawnWidget)], last: Instant) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    let mut current: Option<Period> = None;
    for (index, (at, now)) in shown.iter().enumerate() {
        if now.scheduler != SchedulerState::Open {
            periods.extend(current.take());
            continue;
        }
        let until = shown.get(index + 1).map_or(last, |(at, _)| *at);
        let length = until.since(*at);
        let someone = now.answer.chat == Chat::Possible;
        let period = current.get_or_insert(Period {
            from: *at,
            open: Millis::ZERO,
            present: Millis::ZERO,
            someone,
            whole: index > 0,
        });
        period.someone |= someone;
        period.open.0 += length.0;
        period.present.0 += if someone { length.0 } else { 0 };
    }
    // The run ended within it.
    periods.extend(current.map(|period| Period { whole: false, ..period }));
    periods
}
