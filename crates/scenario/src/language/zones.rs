//! What is to be said of the name of a zone, wherever somebody writes one: in a scenario, in a mapping, in
//! a calendar.

use super::code::Code;
use super::diagnostic::Diagnostic;
use super::span::Span;
use lamplighter_core::hours::{UnknownZone, zone_names};

/// A zone that the release does not know.
pub fn unknown_zone(span: Span, error: &UnknownZone) -> Diagnostic {
    if error.nearest.contains(&error.name) {
        let message = format!("the zone file of `{}` is damaged", error.name);
        return Diagnostic::new(span, message, "it cannot be read as a compiled zone file (TZif)")
            .code(Code::UnknownZone);
    }
    let label = format!("not a zone or link of the IANA database ({})", error.release);
    let message = format!("there is no time zone `{}`", error.name);
    let diagnostic = Diagnostic::new(span, message, label).code(Code::UnknownZone);
    let diagnostic = Diagnostic { help: error.help(), ..diagnostic };
    // What somebody else's name for a zone means, the help says in a sentence.
    let near = error.nearest.iter().filter(|_| error.meant.is_none());
    near.fold(diagnostic, |diagnostic, near| diagnostic.suggest(span, near))
}

/// A zone of the database whose name says something else than it means.
pub fn misleading_zone(zone: &str, span: Span) -> Option<Diagnostic> {
    // What no zone is called is an error, and means nothing that one could be misled about.
    if zone_names::is_unknown(zone) {
        return None;
    }
    if let Some(offset) = zone.strip_prefix("Etc/GMT")
        && let (Some(sign @ ('+' | '-')), Ok(hours @ 1..)) =
            (offset.chars().next(), offset.get(1..)?.parse::<u8>())
    {
        let (side, ours, other) = match sign {
            '+' => ("behind", '-', '+'),
            _ => ("ahead of", '+', '-'),
        };
        let s = if hours == 1 { "" } else { "s" };
        return Some(
            Diagnostic::new(
                span,
                format!("`{zone}` is {hours} hour{s} {side} UTC"),
                "in these names the sign is turned round",
            )
            .code(Code::MisleadingZone)
            .help(format!(
                "write the offset, `{ours}{hours:02}:00`, or `{other}{hours:02}:00` if that was \
                 meant"
            )),
        );
    }
    let (offset, city) = match zone {
        "EST" => ("-05:00", "America/New_York"),
        "MST" => ("-07:00", "America/Denver"),
        "HST" => ("-10:00", "Pacific/Honolulu"),
        "Factory" => {
            let message = "`Factory` is no place";
            let label = "it stands for a machine whose zone nobody has set, and is UTC";
            return Some(
                Diagnostic::new(span, message, label)
                    .code(Code::MisleadingZone)
                    .help("name the zone that is meant"),
            );
        }
        _ => return None,
    };
    let message = format!("the clock of `{zone}` is never changed");
    let label = format!("it is UTC{offset}, in summer, too");
    let help = format!("write `{city}` for the zone of a place, or the offset, `{offset}`");
    Some(Diagnostic::new(span, message, label).code(Code::MisleadingZone).help(help))
}
