//! Where businesses are: time zones with weights, and the days on which their nations don't work.

/// A time zone with its share of the world's businesses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Market {
    /// The name of its IANA zone, which schedulers of its businesses have.
    pub zone: &'static str,
    /// How many of some ten thousand businesses are here, by which markets are drawn.
    pub weight: u32,
    /// The nation whose holidays its businesses keep, by its ISO 3166-1 alpha-2 code.
    pub nation: &'static str,
}

const fn market(zone: &'static str, weight: u32, nation: &'static str) -> Market {
    Market { zone, weight, nation }
}

/// The markets: businesses that sell on the web, by people online and by how much is sold there. The
/// small ones stand for the rest of the world, and for offsets that are no whole hours. New ones go to
/// the end, and change every world all the same.
pub const MARKETS: [Market; 62] = [
    market("America/New_York", 1_350, "US"),
    market("America/Chicago", 850, "US"),
    market("America/Los_Angeles", 800, "US"),
    market("America/Denver", 220, "US"),
    market("America/Phoenix", 110, "US"),
    market("America/Anchorage", 12, "US"),
    market("Pacific/Honolulu", 25, "US"),
    market("America/Toronto", 280, "CA"),
    market("America/Vancouver", 90, "CA"),
    market("America/Edmonton", 60, "CA"),
    market("America/Halifax", 25, "CA"),
    market("America/St_Johns", 8, "CA"),
    market("America/Mexico_City", 220, "MX"),
    market("America/Bogota", 110, "CO"),
    market("America/Lima", 70, "PE"),
    market("America/Santiago", 70, "CL"),
    market("America/Argentina/Buenos_Aires", 100, "AR"),
    market("America/Sao_Paulo", 420, "BR"),
    market("America/Caracas", 30, "VE"),
    market("America/Havana", 6, "CU"),
    market("Europe/London", 700, "GB"),
    market("Europe/Dublin", 60, "IE"),
    market("Europe/Lisbon", 60, "PT"),
    market("Europe/Madrid", 240, "ES"),
    market("Europe/Paris", 340, "FR"),
    market("Europe/Brussels", 80, "BE"),
    market("Europe/Amsterdam", 180, "NL"),
    market("Europe/Berlin", 480, "DE"),
    market("Europe/Zurich", 80, "CH"),
    market("Europe/Rome", 250, "IT"),
    market("Europe/Vienna", 60, "AT"),
    market("Europe/Prague", 70, "CZ"),
    market("Europe/Warsaw", 150, "PL"),
    market("Europe/Stockholm", 80, "SE"),
    market("Europe/Athens", 50, "GR"),
    market("Europe/Bucharest", 70, "RO"),
    market("Europe/Kyiv", 70, "UA"),
    market("Europe/Istanbul", 170, "TR"),
    market("Europe/Moscow", 170, "RU"),
    market("Africa/Cairo", 70, "EG"),
    market("Africa/Casablanca", 40, "MA"),
    market("Africa/Lagos", 110, "NG"),
    market("Africa/Nairobi", 50, "KE"),
    market("Africa/Johannesburg", 120, "ZA"),
    market("Asia/Jerusalem", 70, "IL"),
    market("Asia/Riyadh", 70, "SA"),
    market("Asia/Dubai", 160, "AE"),
    market("Asia/Karachi", 140, "PK"),
    market("Asia/Kolkata", 700, "IN"),
    market("Asia/Kathmandu", 20, "NP"),
    market("Asia/Dhaka", 90, "BD"),
    market("Asia/Bangkok", 130, "TH"),
    market("Asia/Jakarta", 220, "ID"),
    market("Asia/Singapore", 150, "SG"),
    market("Asia/Kuala_Lumpur", 110, "MY"),
    market("Asia/Manila", 200, "PH"),
    market("Asia/Shanghai", 330, "CN"),
    market("Asia/Tokyo", 260, "JP"),
    market("Australia/Adelaide", 25, "AU"),
    market("Australia/Sydney", 240, "AU"),
    market("Australia/Lord_Howe", 2, "AU"),
    market("Pacific/Auckland", 70, "NZ"),
];

/// What becomes of a day that is not like others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    /// Nobody works at all.
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
    // Asked on few days of the year: this is called for each day of each property.
    let is_christian = || !OTHER_CALENDARS.contains(&nation);
    match (month, day, nation) {
        (1, 1, _) if is_christian() => Some(Closed),
        (12, 25, _) if is_christian() && !matches!(nation, "JP" | "TH" | "TR") => Some(Closed),
        (12, 26, "GB" | "IE" | "CA" | "AU" | "NZ" | "ZA" | "DE" | "AT" | "CH" | "NL" | "PL") => {
            Some(Closed)
        }
        (12, 24 | 31, _) if is_christian() => Some(Short),
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
        for market in MARKETS {
            assert!(zones.get(market.zone).is_ok(), "{}", market.zone);
            assert!(market.weight > 0 && market.nation.len() == 2, "{}", market.zone);
        }
    }
}
