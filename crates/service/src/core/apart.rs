//! A property apart from everything else, as it is set now: what the journal can be played into once more
//! without the core.

use std::sync::Arc;

use super::admin::kept;
use super::liveness::Liveness;
use super::refusal::Refusal;
use super::restore::RestoreError;
use super::state::State;
use crate::store::Stored;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_core::world::World;
use lamplighter_scenario::language::Roster;

/// A property with its members and widgets as they are set now.
#[derive(Debug)]
pub struct Apart {
    /// As a store would keep it if there were nothing else.
    stored: Stored,
    zones: Arc<Zones>,
}

impl State {
    /// A property apart from everything else.
    ///
    /// # Errors
    /// Where there is none.
    pub fn apart(&self, name: &str) -> Result<Apart, Refusal> {
        let id = self.property(name)?;
        let property = &self.properties[id.index()];
        let document = property.document.clone().unwrap_or_default();
        let accounts =
            document.members.iter().map(|member| (member.0.clone(), "none that fits".to_owned()));
        let widgets = property.widgets.iter().filter_map(|widget| {
            let document = self.widgets[widget.index()].document.as_ref()?;
            let widget = self.roster.widgets.name(*widget);
            // Its own widget stands in its own document.
            (widget != name).then(|| (widget.to_owned(), kept(document)))
        });
        let stored = Stored {
            accounts: accounts.collect(),
            properties: vec![(name.to_owned(), kept(&document))],
            widgets: widgets.collect(),
            ..Stored::default()
        };
        Ok(Apart { stored, zones: Arc::clone(&self.zones) })
    }
}

impl Apart {
    /// A world with nothing else in it, in which nothing has happened until an instant, and its names.
    ///
    /// # Errors
    /// When the property does not fit together, which is a mistake in the program.
    pub fn begin(self, at: Instant) -> Result<(World, Roster), RestoreError> {
        // Nobody is connected: what connections did is in the journal.
        let nobody = Liveness::new(Millis::ZERO);
        let state = State::restore(self.stored, &self.zones, at, nobody, None)?;
        Ok((state.world, state.roster))
    }
}
