//! What an answer's bytes say: through Content-Encoding, then by the charset of Content-Type (rule T13
//! of target files).

use std::io::Read;

use encoding_rs::{Encoding, UTF_8};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::response_error::ResponseError;

/// Undoes what Content-Encoding says was done, up to a length.
///
/// # Errors
/// What is longer, cut off, or packed in a way that nobody here knows.
pub fn unpack(body: Vec<u8>, encoding: &str, bytes_max: usize) -> Result<Vec<u8>, ResponseError> {
    let ways: Vec<String> = encoding.split(',').map(|way| way.trim().to_lowercase()).collect();
    // What was done last is undone first.
    let unpacked = ways.iter().rev().try_fold(body, |body, way| match way.as_str() {
        "" | "identity" => Ok(body),
        _ if body.is_empty() => Ok(body),
        "gzip" | "x-gzip" => read_all(MultiGzDecoder::new(&body[..]), way, bytes_max),
        // The name stands for zlib; some servers send what is inside alone.
        "deflate" => match read_all(ZlibDecoder::new(&body[..]), way, bytes_max) {
            Err(ResponseError::BadEncoding { .. }) => {
                read_all(DeflateDecoder::new(&body[..]), way, bytes_max)
            }
            read => read,
        },
        _ => Err(ResponseError::BadEncoding { encoding: way.clone() }),
    })?;
    if unpacked.len() > bytes_max {
        return Err(ResponseError::TooLong { bytes_max });
    }
    Ok(unpacked)
}

fn read_all(from: impl Read, way: &str, bytes_max: usize) -> Result<Vec<u8>, ResponseError> {
    let mut unpacked = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    match from.take(limit).read_to_end(&mut unpacked) {
        Ok(read) if read > bytes_max => Err(ResponseError::TooLong { bytes_max }),
        Ok(_) => Ok(unpacked),
        Err(_) => Err(ResponseError::BadEncoding { encoding: way.to_owned() }),
    }
}

/// Bytes as text by the charset of a Content-Type, UTF-8 without one; what does not decode is U+FFFD.
pub fn text(body: &[u8], content_type: Option<&str>) -> String {
    let encoding = content_type.and_then(charset).unwrap_or(UTF_8);
    encoding.decode_with_bom_removal(body).0.into_owned()
}

/// `text/html; charset="windows-1252"`, by the names that browsers know.
fn charset(content_type: &str) -> Option<&'static Encoding> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|one| one.split_once('='));
    let (_, label) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    Encoding::for_label(label.trim().trim_matches('"').as_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn packed(way: &str, body: &[u8]) -> Vec<u8> {
        let fast = Compression::fast();
        let written = match way {
            "gzip" => {
                let mut to = GzEncoder::new(Vec::new(), fast);
                to.write_all(body).and_then(|()| to.finish())
            }
            "zlib" => {
                let mut to = ZlibEncoder::new(Vec::new(), fast);
                to.write_all(body).and_then(|()| to.finish())
            }
            _ => {
                let mut to = DeflateEncoder::new(Vec::new(), fast);
                to.write_all(body).and_then(|()| to.finish())
            }
        };
        written.expect("into memory")
    }

    #[test]
    fn t13_bodies_are_read_through_gzip_and_deflate() {
        let body = b"hello, hello, hello".to_vec();
        let twice = packed("gzip", &packed("zlib", &body));
        for (encoding, sent) in [
            ("", body.clone()),
            ("identity", body.clone()),
            ("gzip", packed("gzip", &body)),
            ("X-Gzip", packed("gzip", &body)),
            ("deflate", packed("zlib", &body)),
            ("deflate", packed("raw", &body)),
            ("deflate, gzip", twice),
        ] {
            assert_eq!(unpack(sent, encoding, 100), Ok(body.clone()), "{encoding}");
        }
        assert_eq!(unpack(Vec::new(), "gzip", 100), Ok(Vec::new()));
    }

    #[test]
    fn t6_what_unpacks_to_more_than_is_read_is_broken_and_never_grows() {
        let bomb = packed("gzip", &vec![0; 50_000_000]);
        assert!(bomb.len() < 1_000_000);
        let too_long = Err(ResponseError::TooLong { bytes_max: 1_000 });
        assert_eq!(unpack(bomb, "gzip", 1_000), too_long);
        assert_eq!(unpack(vec![b'x'; 1_001], "", 1_000), too_long);
        assert!(unpack(packed("gzip", &[b'x'; 1_000]), "gzip", 1_000).is_ok());
    }

    #[test]
    fn t6_what_is_cut_off_or_packed_in_an_unknown_way_is_broken() {
        let mut cut = packed("gzip", b"hello, hello, hello");
        cut.truncate(cut.len() - 9);
        let garbled =
            |encoding: &str| Err(ResponseError::BadEncoding { encoding: encoding.to_owned() });
        assert_eq!(unpack(cut, "gzip", 100), garbled("gzip"));
        assert_eq!(unpack(b"no gzip".to_vec(), "gzip", 100), garbled("gzip"));
        assert_eq!(unpack(b"x".to_vec(), "br", 100), garbled("br"));
    }

    #[test]
    fn t13_the_charset_of_the_content_type_decides_and_utf_8_without_one() {
        for (content_type, body, said) in [
            (None, &b"gr\xc3\xbc\xc3\x9fe"[..], "grüße"),
            (Some("text/plain"), b"gr\xc3\xbc\xc3\x9fe", "grüße"),
            (Some("text/html; charset=ISO-8859-1"), b"gr\xfc\xdfe", "grüße"),
            (Some("text/html; Charset=\"windows-1251\""), b"\xcf\xf0\xe8", "При"),
            (Some("application/json; charset=utf-16le"), b"{\0}\0", "{}"),
            (Some("text/plain; charset=nonsense"), b"\xc3\xbc", "ü"),
            (Some("text/plain; charset=utf-8"), b"a\xffb", "a\u{fffd}b"),
            (Some("text/plain"), b"\xef\xbb\xbfa", "a"),
        ] {
            assert_eq!(text(body, content_type), said, "{content_type:?}");
        }
    }
}
