//! Offsets from UTC that are not written as fixed ones (rule S10), and zones named by one.

/// What a fixed offset looks like and how far it goes, for whoever wrote another.
const FORM: &str = "a fixed offset is a sign, two digits, a colon and two digits, at most 18:00 either way \
    (rule S10), such as `+05:30`";
/// An offset is the same all year, which is seldom what people mean by it.
const SUMMER: &str =
    "; where summer time counts, name the zone of a place, such as `Europe/London`";

/// Whether an offset is ahead of UTC.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Ahead,
    Behind,
}

impl Side {
    fn sign(self) -> char {
        if self == Self::Ahead { '+' } else { '-' }
    }

    fn words(self) -> &'static str {
        if self == Self::Ahead { "ahead of" } else { "behind" }
    }

    fn other(self) -> Self {
        if self == Self::Ahead { Self::Behind } else { Self::Ahead }
    }
}

/// What is written in front of an offset.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stem {
    Nothing,
    /// `GMT` or `UTC`, as people write them.
    Utc,
    /// `Etc/GMT` of the database, whose signs are turned round.
    EtcGmt,
}

const STEMS: [(&str, Stem); 6] = [
    ("ETC/GMT", Stem::EtcGmt),
    ("ETC/UTC", Stem::Utc),
    ("ETC/UCT", Stem::Utc),
    ("GMT", Stem::Utc),
    ("UTC", Stem::Utc),
    ("", Stem::Nothing),
];

/// What to write for `GMT+2`, `UTC-05:00`, `+0200`, `+2`, `Etc/GMT+13`; `None` where it is no offset.
/// `names` are those of the database in use.
pub fn meant(written: &str, names: &[String]) -> Option<String> {
    let upper = written.to_ascii_uppercase().replace(' ', "").replace('\u{2212}', "-");
    let stem = |&(text, stem): &(&str, Stem)| Some((upper.strip_prefix(text)?, stem));
    let (rest, stem) = STEMS.iter().find_map(stem)?;
    let side = match rest.chars().next()? {
        '+' => Side::Ahead,
        '-' => Side::Behind,
        _ => return None,
    };
    let digits = &rest[1..];
    let is_of_digits = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    if !is_of_digits || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let Some((hours, minutes)) = hours_and_minutes(digits) else { return Some(FORM.to_owned()) };
    let offset = |side: Side| format!("{}{hours:02}:{minutes:02}", side.sign());
    if hours == 0 && minutes == 0 && stem != Stem::Nothing {
        return Some("write `UTC`".to_owned());
    }
    if stem == Stem::EtcGmt {
        let turned = side.other();
        return Some(format!(
            "write the offset as `{}`, {} UTC: in names such as `Etc/GMT+5` the sign is turned round; or \
             as `{}` if that was meant",
            offset(turned),
            turned.words(),
            offset(side)
        ));
    }
    let right = offset(side);
    if right == written {
        return None;
    }
    let mut help = format!("write the offset as `{right}`, always {} UTC by that", side.words());
    let misread = format!("Etc/GMT{}{hours}", side.sign());
    // Only of a zone that there is can be said where it is.
    if stem == Stem::Utc && minutes == 0 && names.contains(&misread) {
        let s = if hours == 1 { "" } else { "s" };
        help.push_str(&format!(" (`{misread}` is {hours} hour{s} {} UTC)", side.other().words()));
    }
    Some(help + SUMMER)
}

/// The hours and minutes of `2`, `02`, `0530`, `5:30` and `05:30:00`, up to 18 hours (rule S10).
fn hours_and_minutes(digits: &str) -> Option<(u8, u8)> {
    let parts: Vec<&str> = digits.split(':').collect();
    let (hours, minutes) = match (&parts[..], digits.len()) {
        ([hours, minutes] | [hours, minutes, "00"], _) => (*hours, *minutes),
        ([_], 3 | 4) => digits.split_at(digits.len() - 2),
        ([hours], _) => (*hours, "00"),
        _ => return None,
    };
    let number = |digits: &str, of: std::ops::RangeInclusive<usize>| -> Option<u8> {
        digits.parse().ok().filter(|_| of.contains(&digits.len()))
    };
    let (hours, minutes) = (number(hours, 1..=2)?, number(minutes, 2..=2)?);
    let is_within = hours < 18 && minutes < 60 || hours == 18 && minutes == 0;
    is_within.then_some((hours, minutes))
}

#[cfg(test)]
mod tests {
    use super::super::super::Zones;
    use super::*;

    #[test]
    fn an_offset_is_told_as_rule_s10_has_it_and_of_zones_only_what_is() {
        let names = Zones::bundled().names();
        for (written, said) in [
            ("GMT+2", "`+02:00`, always ahead of UTC by that (`Etc/GMT+2` is 2 hours behind UTC)"),
            ("UTC-1", "`-01:00`, always behind UTC by that (`Etc/GMT-1` is 1 hour ahead of UTC)"),
            (
                "Etc/UTC+2",
                "`+02:00`, always ahead of UTC by that (`Etc/GMT+2` is 2 hours behind UTC)",
            ),
            ("UTC+05:30", "`+05:30`, always ahead of UTC by that; where summer time"),
            ("GMT+14", "`+14:00`, always ahead of UTC by that; where summer time"),
            ("GMT+15", "`+15:00`, always ahead of UTC by that; where summer time"),
            ("+0530", "`+05:30`, always"),
            ("-5", "`-05:00`, always"),
            ("\u{2212}05:00", "`-05:00`, always"),
            ("+02:00:00", "`+02:00`, always"),
            ("Etc/GMT+13", "`-13:00`, behind UTC: in names such as `Etc/GMT+5` the sign is turned"),
            ("Etc/GMT-5:30", "or as `-05:30` if that was meant"),
            ("UTC+00:00", "write `UTC`"),
            ("+18:01", FORM),
            ("+19:00", FORM),
            ("+25", FORM),
            ("UTC-19", FORM),
            ("+02:00:30", FORM),
            ("+02:60", FORM),
            ("+1:2:3:4", FORM),
        ] {
            let found = meant(written, &names).expect(written);
            assert!(found.contains(said), "{written}: {found}");
        }
        for written in ["+02:00", "-18:00", "GMT+2x", "", "+", "UTC", "Europe/London", "+:"] {
            assert_eq!(meant(written, &names), None, "{written}");
        }
    }
}
