//! Coverage as CSV: a row for each widget and hour of the week.

use std::io::Write;

use super::words::weekday;
use lamplighter_coverage::class::Class;
use lamplighter_coverage::figures::Coverage;

/// Writes a row for each widget and hour of the week, in the widget's zone; lengths are milliseconds.
///
/// # Errors
/// When `out` does not take it.
pub fn write(out: &mut dyn Write, coverage: &Coverage) -> csv::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record([
        "widget",
        "timezone",
        "day",
        "hour",
        "staffed_ms",
        "away_only_ms",
        "empty_ms",
        "after_hours_ms",
        "closed_ms",
        "staffed_share",
        "members_online",
        "members_away",
        "visitors",
        "visitors_empty",
    ])?;
    for widget in &coverage.widgets {
        for (index, hour) in widget.hours.iter().enumerate() {
            let mut row = vec![
                coverage.roster.widgets.name(widget.widget).to_owned(),
                widget.zone.name().to_owned(),
                weekday(index / 24),
                format!("{:02}", index % 24),
            ];
            row.extend(Class::ALL.map(|class| hour.times.of(class).to_string()));
            let mean = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.4}"));
            row.extend(
                [hour.staffed_share(), hour.members_online(), hour.members_away()].map(mean),
            );
            row.extend(match coverage.has_visitors {
                true => [hour.visitors.to_string(), hour.visitors_empty.to_string()],
                false => [String::new(), String::new()],
            });
            rows.write_record(row)?;
        }
    }
    rows.flush()?;
    Ok(())
}
