//! The whole result as one JSON object, and such an object read again. A histogram stands on one line.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter};
use thiserror::Error;

use lamplighter_load::result::{FORMAT, LoadResult};

/// Writes a result. The same result gives the same bytes.
///
/// # Errors
/// When `out` does not take it.
pub fn json(out: &mut dyn Write, result: &LoadResult) -> Result<(), serde_json::Error> {
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut *out, FlatLists(PrettyFormatter::new()));
    result.serialize(&mut serializer)?;
    writeln!(out).map_err(serde_json::Error::io)
}

/// Why a file is no result.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is no JSON at all, or was cut short.
    #[error("it is not JSON")]
    Json(#[source] serde_json::Error),
    /// It is JSON of something else.
    #[error("it is JSON, but not the result of a load test: {0}")]
    Other(&'static str),
    /// It was written by another release.
    #[error("it has format {0}, and this release reads format {FORMAT}")]
    Format(u64),
    /// A member of it is not as it must be.
    #[error("its `{path}` is not as it must be")]
    Member {
        /// The path of the member in the file, such as `rate.asked`.
        path: String,
        /// The reason for which it cannot be read.
        #[source]
        error: serde_json::Error,
    },
}

/// Reads a result.
///
/// # Errors
/// When it is none, or of another format.
pub fn read(bytes: &[u8]) -> Result<LoadResult, ReadError> {
    #[derive(Deserialize)]
    struct Probe {
        format: Option<serde_json::Value>,
        scenarios: Option<serde::de::IgnoredAny>,
    }
    let probe: Result<Probe, _> = serde_json::from_slice(bytes);
    let probe = probe.map_err(|error| match error.is_data() {
        true => ReadError::Other("it is no object"),
        false => ReadError::Json(error),
    })?;
    match probe.format.as_ref().map(serde_json::Value::as_u64) {
        _ if probe.scenarios.is_some() => {
            return Err(ReadError::Other("it is a report of `lamplighter scenario`"));
        }
        None => return Err(ReadError::Other("it has no `format`")),
        Some(None) => return Err(ReadError::Other("its `format` is no number")),
        Some(Some(format)) if format != u64::from(FORMAT) => {
            return Err(ReadError::Format(format));
        }
        Some(Some(_)) => {}
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| ReadError::Member {
        path: error.path().to_string(),
        error: error.into_inner(),
    })
}

/// Objects a member a line, lists in a line.
struct FlatLists(PrettyFormatter<'static>);

impl Formatter for FlatLists {
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use std::error::Error;

    use super::*;
    use lamplighter_load::sample::Sample;

    fn written(result: &LoadResult) -> String {
        let mut out = Vec::new();
        json(&mut out, result).expect("JSON");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn what_is_written_is_read_again_to_the_byte() {
        let result = Sample { is_bad: true, ..Sample::default() }.whole();
        let text = written(&result);
        let back = read(text.as_bytes()).expect("a result");
        assert_eq!(back, result);
        assert_eq!(written(&back), text);
        assert!(text.lines().any(|line| line.starts_with("      \"intended\": [[")), "{text}");
    }

    #[test]
    fn what_is_no_result_is_told_apart() {
        let good = written(&Sample::default().whole());
        let cut = &good[..good.len() / 2];
        let older = good.replacen("\"format\": 2", "\"format\": 1", 1);
        let harmed = good.replacen("\"asked\": 1000", "\"asked\": -1", 1);
        for (text, told, cause) in [
            ("{", "it is not JSON", "EOF while parsing an object at line 1 column 1"),
            (cut, "it is not JSON", "EOF while parsing"),
            ("[1]", "it is JSON, but not the result of a load test: ", ""),
            ("7", "it is JSON, but not the result of a load test: it is no object", ""),
            ("{}", "it is JSON, but not the result of a load test: it has no `format`", ""),
            (
                r#"{"scenarios": []}"#,
                "it is JSON, but not the result of a load test: it is a report of `lamplighter \
                 scenario`",
                "",
            ),
            (&older, "it has format 1, and this release reads format 2", ""),
            (&harmed, "its `rate.asked` is not as it must be", "invalid value: integer `-1`"),
            (r#"{"format":2}"#, "its `.` is not as it must be", "missing field `about`"),
        ] {
            let error = read(text.as_bytes()).expect_err(told);
            assert!(error.to_string().starts_with(told), "{error}");
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            assert!(source.starts_with(cause), "{source}");
        }
    }

    /// The results that the tours of the commands read, by name.
    fn fixtures() -> Vec<(&'static str, LoadResult)> {
        let small = Sample { rate: 20, ..Sample::default() };
        let bad = Sample { is_bad: true, ..small };
        let mut parts = bad.parts(2);
        for part in &mut parts {
            let gates = ["wrong > 0", "p99(widget) > 5s"];
            let gates =
                gates.map(|gate| lamplighter_load::gates::Gate::parse(gate).expect("a gate"));
            part.gates = gates.iter().map(|gate| gate.verdict(part)).collect();
        }
        let [one, two] = <[LoadResult; 2]>::try_from(parts).expect("two");
        let many = Sample { rate: 60, seconds: 12, ..Sample::default() };
        vec![
            ("part-1.json", one),
            ("part-2.json", two),
            ("whole.json", many.whole()),
            ("slower.json", Sample { slower: 1.4, seed: 2, ..many }.whole()),
        ]
    }

    const FOLDER: &str = "tests/commands/full/loading.in";

    #[test]
    fn the_fixtures_are_as_this_release_writes_them() {
        for (name, result) in fixtures() {
            let text = std::fs::read_to_string(format!("{FOLDER}/{name}")).expect("a fixture");
            assert!(text == written(&result), "{name}: write it anew with `{WRITE}`");
        }
    }

    const WRITE: &str = "cargo test --features testing --lib write_the_fixtures -- --ignored";

    #[test]
    #[ignore = "writes the fixtures, and large results to look at into target/"]
    fn write_the_fixtures() {
        for (name, result) in fixtures() {
            std::fs::write(format!("{FOLDER}/{name}"), written(&result)).expect("a fixture");
        }
        let long = Sample { seconds: 300, rate: 1_000, ..Sample::default() };
        for (name, is_bad) in [("good", false), ("bad", true)] {
            let result = Sample { is_bad, ..long }.whole();
            std::fs::write(format!("target/load-{name}.json"), written(&result)).expect("a result");
        }
    }
}
