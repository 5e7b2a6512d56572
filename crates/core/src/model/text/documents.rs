//! Scalars in documents: each is its text.

use super::super::dates::{Dates, Weekdays};
use super::super::hours::Interval;
use super::super::time::{Instant, Millis};
use super::words::{Country, PagePattern};

/// In documents a scalar is its text, which `$write` adds to some bytes.
macro_rules! as_text {
    ($($scalar:ty: $write:expr;)*) => {$(
        impl serde::Serialize for $scalar {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut text = Vec::with_capacity(24);
                let write: fn(&Self, &mut Vec<u8>) = $write;
                write(self, &mut text);
                serializer.serialize_str(str::from_utf8(&text).expect("digits, letters and signs"))
            }
        }

        impl<'de> serde::Deserialize<'de> for $scalar {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Reader;

                impl serde::de::Visitor<'_> for Reader {
                    type Value = $scalar;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$scalar, E> {
                        text.parse().map_err(E::custom)
                    }
                }

                from.deserialize_str(Reader)
            }
        }
    )*};
}

as_text! {
    Instant: |at, text| at.write_to(text);
    Millis: display;
    Interval: display;
    Dates: display;
    Weekdays: display;
    Country: display;
    PagePattern: display;
}

fn display(scalar: &impl std::fmt::Display, text: &mut Vec<u8>) {
    text.extend_from_slice(scalar.to_string().as_bytes());
}
