//! Which rows are of the properties that are asked for, and whether any is.

use std::collections::{BTreeSet, HashSet};

use crate::mapping::Properties;

/// The properties that are asked for.
pub struct Only<'m> {
    property: &'m Properties,
    /// All properties that rows name.
    known: HashSet<String>,
    met: MetProperties,
}

/// Properties that rows name, where some alone are asked for.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct MetProperties {
    /// Those that are asked for.
    pub wanted: BTreeSet<String>,
    /// All others.
    pub others: BTreeSet<String>,
}

impl<'m> Only<'m> {
    /// Those of a mapping, none of which was met.
    pub fn new(property: &'m Properties) -> Self {
        Self { property, known: HashSet::new(), met: MetProperties::default() }
    }

    /// Whether all properties are asked for.
    #[inline]
    pub fn is_all(&self) -> bool {
        self.property.only.is_empty()
    }

    /// Whether a row is of a property that is asked for, or of none, by what it has there.
    pub fn has(&mut self, written: &str) -> bool {
        self.is_none(written) || self.wants(written)
    }

    /// Whether a row names a property that is asked for, by what it has there.
    pub fn has_named(&mut self, written: &str) -> bool {
        !self.is_none(written) && self.wants(written)
    }

    fn is_none(&self, written: &str) -> bool {
        written.is_empty() || self.property.none.iter().any(|none| none == written)
    }

    fn wants(&mut self, written: &str) -> bool {
        let is_wanted = self.property.only.iter().any(|one| one == written);
        if !self.known.contains(written) {
            self.known.insert(written.to_owned());
            let MetProperties { wanted, others } = &mut self.met;
            (if is_wanted { wanted } else { others }).insert(written.to_owned());
        }
        is_wanted
    }

    /// The properties that were met since this was last asked for.
    pub fn take_met(&mut self) -> MetProperties {
        std::mem::take(&mut self.met)
    }
}

impl MetProperties {
    /// Adds those of other rows.
    pub fn add(&mut self, mut met: Self) {
        self.wanted.append(&mut met.wanted);
        self.others.append(&mut met.others);
    }
}
