//! What there is, by name, in pages: properties and accounts.

use std::collections::BTreeMap;

use super::state::State;
use lamplighter_core::model::{AgentId, DeviceStatus, PropertyId, WidgetStatus};
use lamplighter_target::wire::{AgentRow, Agents, Properties, PropertyRow};

/// Which page of a list of names, in their order.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct NamesPage {
    /// In small letters what the names hold, in capitals or not.
    pub search: String,
    /// The name behind which the page begins.
    pub after: String,
    /// How many at most.
    pub limit: usize,
}

impl NamesPage {
    /// The names of the page with what they name, and the one behind which the next page begins. As many names are held at
    /// once as the page has: of all that there are, each is looked at once.
    fn of<'n, Id>(
        &self,
        names: impl Iterator<Item = (&'n str, Id)>,
    ) -> (BTreeMap<&'n str, Id>, Option<String>) {
        let mut page = BTreeMap::new();
        let mut goes_on = false;
        for (name, id) in names.filter(|(name, _)| self.has(name)) {
            page.insert(name, id);
            if page.len() > self.limit {
                page.pop_last();
                goes_on = true;
            }
        }
        let last = page.last_key_value().filter(|_| goes_on).map(|(name, _)| (*name).to_owned());
        (page, last)
    }

    fn has(&self, name: &str) -> bool {
        name > self.after.as_str()
            && (self.search.is_empty() || name.to_lowercase().contains(&self.search))
    }
}

impl State {
    /// The properties that there are.
    pub fn list_properties(&self, page: &NamesPage) -> Properties {
        let all = (0..self.properties.len()).map(PropertyId::new);
        let there = all.filter(|id| self.properties[id.index()].document.is_some());
        let (rows, next) = page.of(there.map(|id| (self.roster.properties.name(id), id)));
        let properties = rows.into_iter().map(|(name, id)| self.property_row(name, id));
        Properties { properties: properties.collect(), next }
    }

    fn property_row(&self, name: &str, id: PropertyId) -> PropertyRow {
        let widgets = self.properties[id.index()].widgets.iter();
        let there = widgets.filter(|id| self.widgets[id.index()].document.is_some());
        let names = there.map(|id| self.roster.widgets.name(*id));
        let further = names.filter_map(|widget| widget.split_once('/'));
        let own = self.roster.widgets.get(name);
        PropertyRow {
            property: name.to_owned(),
            status: own.map_or(WidgetStatus::Offline, |id| self.world.answer(id).status),
            members: self.world.members(id).len(),
            widgets: further.map(|(_, widget)| widget.to_owned()).collect(),
        }
    }

    /// The accounts that there are.
    pub fn list_agents(&self, page: &NamesPage) -> Agents {
        let all = (0..self.roster.agents.len()).map(AgentId::new);
        let there = all.filter(|id| !self.gone.contains(id));
        let (rows, next) = page.of(there.map(|id| (self.roster.agents.name(id), id)));
        let agents = rows.into_iter().map(|(name, id)| self.agent_row(name, id));
        Agents { agents: agents.collect(), next }
    }

    fn agent_row(&self, name: &str, id: AgentId) -> AgentRow {
        let devices = self.world.devices_of(id);
        let in_use = devices.filter(|id| self.world.device_status(*id) != DeviceStatus::LoggedOut);
        let properties = self.world.properties_of(id).into_iter();
        AgentRow {
            agent: name.to_owned(),
            status: self.world.agent_status(id),
            devices: in_use.count(),
            properties: properties.map(|id| self.roster.properties.name(id).to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_every_name_once_in_their_order() {
        let names = ["dot", "ann", "Carl", "bob", "anna"];
        let mut page = NamesPage { limit: 2, ..NamesPage::default() };
        let mut seen = Vec::new();
        loop {
            let (rows, next) = page.of(names.into_iter().map(|name| (name, ())));
            assert!(rows.len() <= 2);
            seen.extend(rows.into_keys());
            let Some(next) = next else { break };
            page.after = next;
        }
        assert_eq!(seen, ["Carl", "ann", "anna", "bob", "dot"]);
        let found = NamesPage { search: "ca".to_owned(), limit: 9, ..NamesPage::default() };
        let (rows, next) = found.of(names.into_iter().map(|name| (name, ())));
        assert_eq!((rows.into_keys().collect::<Vec<_>>(), next), (vec!["Carl"], None));
    }
}
