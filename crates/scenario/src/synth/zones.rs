//! Where businesses are: time zones with weights, and the days on which their nations don't work.

/// A time zone with its share of the world's businesses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The IANA name.
    pub zone: &'static str,
    /// How many businesses of ten thousand or so.
    pub weight: u32,
    /// The nation, ISO 3166-1 alpha-2.
    pub nation: &'static str,
}

const fn place(zone: &'static str, weight: u32, nation: &'static str) -> Place {
    Place { zone, weight, nation }
}

/// The places: businesses that sell on the web, by people online and by how much is sold there. The
/// small ones stand for the rest of the world, and for offsets that are no whole hours. New ones go to
/// the end, and change every world all the same.
pub const PLACES: [Place; 62] = [
    place("America/New_York", 1_350, "US"),
    place("America/Chicago", 850, "US"),
    place("America/Los_Angeles", 800, "US"),
    place("America/Denver", 220, "US"),
    place("America/Phoenix", 110, "US"),
    place("America/Anchorage", 12, "US"),
    place("Pacific/Honolulu", 25, "US"),
    place("America/Toronto", 280, "CA"),
    place("America/Vancouver", 90, "CA"),
    place("America/Edmonton", 60, "CA"),
    place("America/Halifax", 25, "CA"),
    place("America/St_Johns", 8, "CA"),
    place("America/Mexico_City", 220, "MX"),
    place("America/Bogota", 110, "CO"),
    place("America/Lima", 70, "PE"),
    place("America/Santiago", 70, "CL"),
    place("America/Argentina/Buenos_Aires", 100, "AR"),
    place("America/Sao_Paulo", 420, "BR"),
    place("America/Caracas", 30, "VE"),
    place("America/Havana", 6, "CU"),
    place("Europe/London", 700, "GB"),
    place("Europe/Dublin", 60, "IE"),
    place("Europe/Lisbon", 60, "PT"),
    place("Europe/Madrid", 240, "ES"),
    place("Europe/Paris", 340, "FR"),
    place("Europe/Brussels", 80, "BE"),
    place("Europe/Amsterdam", 180, "NL"),
    place("Europe/Berlin", 480, "DE"),
    place("Europe/Zurich", 80, "CH"),
    place("Europe/Rome", 250, "IT"),
    place("Europe/Vienna", 60, "AT"),
    place("Europe/Prague", 70, "CZ"),
    place("Europe/Warsaw", 150, "PL"),
    place("Europe/Stockholm", 80, "SE"),
    place("Europe/Athens", 50, "GR"),
    place("Europe/Bucharest", 70, "RO"),
    place("Europe/Kyiv", 70, "UA"),
    place("Europe/Istanbul", 170, "TR"),
    place("Europe/Moscow", 170, "RU"),
    place("Africa/Cairo", 70, "EG"),
    place("Africa/Casablanca", 40, "MA"),
    place("Africa/Lagos", 110, "NG"),
    place("Africa/Nairobi", 50, "KE"),
    place("Africa/Johannesburg", 120, "ZA"),
    place("Asia/Jerusalem", 70, "IL"),
    place("Asia/Riyadh", 70, "SA"),
    place("Asia/Dubai", 160, "AE"),
    place("Asia/Karachi", 140, "PK"),
    place("Asia/Kolkata", 700, "IN"),
    place("Asia/Kathmandu", 20, "NP"),
    place("Asia/Dhaka", 90, "BD"),
    place("Asia/Bangkok", 130, "TH"),
    place("Asia/Jakarta", 220, "ID"),
    place("Asia/Singapore", 150, "SG"),
    place("Asia/Kuala_Lumpur", 110, "MY"),
    place("Asia/Manila", 200, "PH"),
    place("Asia/Shanghai", 330, "CN"),
    place("Asia/Tokyo", 260, "JP"),
    place("Australia/Adelaide", 25, "AU"),
    place("Australia/Sydney", 240, "AU"),
    place("Australia/Lord_Howe", 2, "AU"),
    place("Pacific/Auckland", 70, "NZ"),
];

/// What becomes of a day that is not like others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    /// Nobody works.
    Closed,
    /// The first three hours only.
    Short,
}

/// The days of the year on which a nation works less, as far as they have a date of their own.
pub fn national_day(nation: &str, month: u32, day: u32) -> Option<Closing> {
    use Closing::{Closed, Short};
    /// Where neither the New Year nor Christmas closes a business.
    const OTHER_CALENDARS: [&str; 9] = ["AE", "BD", "CN", "EG", "IL", "MA", "NP", "PK", "SA"];
    /// Where the first of May does.
    const LABOUR_DAY: [&str; 25] = [
        "AR", "AT", "BE", "BR", "CH", "CL", "CN", "CO", "CZ", "DE", "ES", "FR", "GR", "IN", "IT",
        "MX", "MY", "PE", "PH", "PL", "PT", "RO", "SE", "SG", "TH",
    ];
    let christian = !OTHER_CALENDARS.contains(&nation);
    match (month, day, nation) {
        (1, 1, _) if christian => Some(Closed),
        (12, 25, _) if christian && !matches!(nation, "JP" | "TH" | "TR") => Some(Closed),
        (12, 26, "GB" | "IE" | "CA" | "AU" | "NZ" | "ZA" | "DE" | "AT" | "CH" | "NL" | "PL") => {
            Some(Closed)
        }
        (12, 24 | 31, _) if christian => Some(Short),
        (5, 1, _) if LABOUR_DAY.contains(&nation) => Some(Closed),
        (7, 4, "US")
        | (7, 1, "CA")
        | (7, 14, "FR")
        | (10, 3, "DE")
        | (11, 11, "FR" | "BE" | "PL")
        | (8, 15, "FR" | "IT" | "ES" | "IN")
        | (1, 26, "IN" | "AU")
        | (9, 7, "BR")
        | (9, 16, "MX")
        | (5, 3..=5, "JP")
        | (10, 1..=3, "CN")
        | (4, 27, "ZA" | "NL")
        | (12, 2, "AE")
        | (9, 23, "SA") => Some(Closed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::hours::Zones;

    #[test]
    fn every_place_has_a_zone_of_the_database_and_a_weight() {
        let zones = Zones::bundled();
        for place in PLACES {
            assert!(zones.get(place.zone).is_ok(), "{}", place.zone);
            assert!(place.weight > 0 && place.nation.len() == 2, "{}", place.zone);
        }
    }
}
