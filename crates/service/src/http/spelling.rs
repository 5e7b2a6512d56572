//! The one spelling of a path among those that mean the same (RFC 3986, 6.2.2).

/// A path as text: what need not be escaped is not, and what must be is escaped in capitals.
pub fn normal_path(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, behind @ ..] = rest {
        match escaped(rest) {
            Some(byte) if stays_escaped(byte) => {
                bytes.extend(format!("%{byte:02X}").bytes());
                rest = &rest[3..];
            }
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[3..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    // What is no text is no path of any call.
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// Whether a path is text where its escapes are read.
pub fn is_text(path: &str) -> bool {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, behind @ ..] = rest {
        let byte = escaped(rest);
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &rest[3..] } else { behind };
    }
    std::str::from_utf8(&bytes).is_ok()
}

/// The byte that an escape at the beginning stands for.
fn escaped(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = *text else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// What would end a segment or the path, begin an escape, or disturb who reads it.
fn stays_escaped(byte: u8) -> bool {
    matches!(byte, b'/' | b'?' | b'#' | b'%' | b' ') || byte.is_ascii_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_mean_the_same_are_the_same() {
        for (sent, normal) in [
            ("/v1/properties/%61cme", "/v1/properties/acme"),
            ("/v1/properties/l%c3%a4den", "/v1/properties/läden"),
            ("/v1/properties/läden", "/v1/properties/läden"),
            ("/a%2fb%2Fc%3f%25", "/a%2Fb%2Fc%3F%25"),
            ("/ann%40x%20y%0a", "/ann@x%20y%0A"),
            ("/100%", "/100%"),
            ("/%zz%4", "/%zz%4"),
            ("", ""),
        ] {
            assert_eq!(normal_path(sent), normal, "{sent}");
            assert_eq!(normal_path(normal), normal, "once");
        }
        assert_eq!(normal_path("/%ff"), "/%ff");
        assert!(is_text("/l%c3%a4den/%zz") && !is_text("/%ff") && !is_text("/%C3%28"));
    }
}
