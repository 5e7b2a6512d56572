//! The clock that a service lives by (rules T47, T51 of target files).

use lamplighter_scenario::language::diagnostic::Diagnostic;

use super::node::Table;
use super::zone::zone;

/// The section `[clock]`; the steps of `set` stand with the others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Clock {
    /// The machine's clock, which nobody puts.
    #[default]
    Real,
    /// It is put by the steps of [`Section::ClockSet`](super::section::Section::ClockSet).
    Manual {
        /// Whether it can be put back.
        back: bool,
    },
    /// A libfaketime timestamp file that the server was started with.
    File {
        /// The file, relative to the target file.
        path: String,
        /// The zone in which the time is written to the file.
        zone: String,
    },
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Real,
    Manual,
    File,
}

impl Clock {
    /// Reads the table; `set` has been asked for already, and `has_steps` says whether it is there.
    pub fn read(table: &mut Table<'_>, has_steps: bool) -> Self {
        let kind = table.get("kind").and_then(|node| {
            node.word(&[("manual", Kind::Manual), ("file", Kind::File), ("real", Kind::Real)])
        });
        let kind = kind.unwrap_or(Kind::Real);
        let back = table.get("back");
        let (path, zone_node) = (table.get("path"), table.get("zone"));
        let unasked = match kind {
            Kind::Real => vec![back, path, zone_node],
            Kind::Manual => vec![path, zone_node],
            Kind::File => vec![back],
        };
        for node in unasked.into_iter().flatten() {
            let kind = match kind {
                Kind::Real => "real",
                Kind::Manual => "manual",
                Kind::File => "file",
            };
            let message = format!("a clock of kind `{kind}` has no `{}`", node.key());
            node.error(message, "not asked for");
        }
        let span = table.span();
        let missing = |key: &str, label: &str| {
            let diagnostic = Diagnostic::new(span, format!("`{key}` is missing"), label);
            table.findings().missing(&[key], diagnostic);
        };
        match kind {
            Kind::Real => Self::Real,
            Kind::Manual => {
                if !has_steps {
                    missing("set", "the steps that put a manual clock to `{{now}}`");
                }
                Self::Manual { back: back.and_then(|node| node.flag()).unwrap_or(false) }
            }
            Kind::File => {
                if path.is_none() {
                    missing("path", "the timestamp file that the server was started with");
                }
                let named = zone_node.and_then(zone);
                let path = path.and_then(|node| node.text()).map(|text| text.text.to_owned());
                Self::File {
                    path: path.unwrap_or_default(),
                    zone: named.unwrap_or_else(|| "UTC".to_owned()),
                }
            }
        }
    }
}
