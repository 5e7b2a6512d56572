//! Addresses of mail: what visitors leave, and by what it is found again.

/// The longest address that is taken, in characters.
const CHARS_MAX: usize = 320;

/// Whether a text can be an address: something on both sides of an `@`, and no blank.
pub fn is_address(text: &str) -> bool {
    let sides = text.split_once('@');
    sides.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
        && text.chars().count() <= CHARS_MAX
        && !text.contains(char::is_whitespace)
}

/// Whether two are the same, in capitals or not.
pub fn is_same(one: &str, other: &str) -> bool {
    folded(one).eq(folded(other))
}

/// Small letters, of which Greek has one that stands at the end of words alone.
fn folded(text: &str) -> impl Iterator<Item = char> {
    let small = text.chars().flat_map(char::to_lowercase);
    small.map(|letter| if letter == 'ς' { 'σ' } else { letter })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_those_of_any_script() {
        for (one, other) in [
            ("Ann@Example.com", "ann@example.COM"),
            ("jäger@example.com", "JÄGER@example.com"),
            ("νίκος@example.com", "ΝΊΚΟΣ@example.com"),
        ] {
            assert!(is_same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("ann@example.com", "an@example.com"),
            ("jäger@example.com", "jager@example.com"),
            ("groß@example.com", "gross@example.com"),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn an_address_has_two_sides_and_no_blank() {
        let long = "x".repeat(320);
        for text in ["ann@example.com", "a@b", "ann+tag@example.com"] {
            assert!(is_address(text), "{text}");
        }
        for text in ["", "@", "a@", "@b", "ann", "ann @b", " a@b", "a@b\n", &format!("a@{long}")] {
            assert!(!is_address(text), "{text:?}");
        }
    }
}
