//! The one spelling of a path among those that mean the same (RFC 3986, 6.2.2).

use std::str::Utf8Error;

use percent_encoding::{percent_decode_str, percent_encode_byte};

/// A path as text: what need not be escaped is not, and what must be is escaped in capitals. A `%` that begins no
/// escape stands for itself, as whoever reads paths takes it, and has the one spelling that a `%` may have (RFC 3986, 2.4).
pub fn normal_path(path: &str) -> String {
    // A slash that is escaped ends no segment.
    let segments: Result<Vec<String>, Utf8Error> = path.split('/').map(normal_segment).collect();
    // What is no text is no path of any call.
    segments.map_or_else(|_| path.to_owned(), |segments| segments.join("/"))
}

fn normal_segment(segment: &str) -> Result<String, Utf8Error> {
    let text = percent_decode_str(segment).decode_utf8()?;
    let mut normal = String::with_capacity(segment.len());
    for character in text.chars() {
        match u8::try_from(character) {
            Ok(byte) if stays_escaped(byte) => normal.push_str(percent_encode_byte(byte)),
            // Letters of all alphabets stay readable.
            _ => normal.push(character),
        }
    }
    Ok(normal)
}

/// Whether a path is text where its escapes are read.
pub fn is_text(path: &str) -> bool {
    percent_decode_str(path).decode_utf8().is_ok()
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
            ("/100%", "/100%25"),
            ("/%zz%4", "/%25zz%254"),
            ("/%%41", "/%25A"),
            ("", ""),
        ] {
            assert_eq!(normal_path(sent), normal, "{sent}");
            assert_eq!(normal_path(normal), normal, "once");
        }
        assert_eq!(normal_path("/%ff"), "/%ff");
        assert!(is_text("/l%c3%a4den/%zz") && !is_text("/%ff") && !is_text("/%C3%28"));
    }
}
