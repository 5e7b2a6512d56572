//! What an admin sets: properties, widgets, grace and auto-away, a manual clock; and what is noted of it.

use std::collections::HashSet;
use std::sync::Arc;

use super::refusal::Refusal;
use super::state::{Property, State, Widget};
use crate::store::{JournalRow, StoredAudit, Write};
use crate::widgets::VisibilityPolicy;
use lamplighter_core::model::{AgentId, Instant, PropertyId, WidgetId};
use lamplighter_core::world::{Change, Membership};
use lamplighter_target::wire::{
    InvalidField, Name, PropertyDocument, TimingDocument, Versions, WidgetDocument, Written,
};

/// Whether a write made something that was not there before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// It made something that was not there.
    Created,
    /// It changed what was there.
    Changed,
}

/// What becomes of the messages of a property that goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leftover {
    /// They are deleted together with the property.
    Deleted,
    /// There are none up to this number, as somebody has looked.
    NoneUpTo(i64),
}

impl State {
    /// Notes what was written with an admin key.
    pub fn audit(&mut self, by: &str, method: &str, path: &str) {
        self.last_audit += 1;
        self.writes.push(Write::Audit(StoredAudit {
            id: self.last_audit,
            at: self.world.now(),
            by: by.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
        }));
    }

    /// Makes a property, or sets all of it anew.
    ///
    /// # Errors
    /// The field that cannot be.
    pub fn put_property(
        &mut self,
        name: &str,
        document: PropertyDocument,
    ) -> Result<(Put, Written), Refusal> {
        let text = kept(&document);
        let put = self.set_property(name, document)?;
        self.writes.push(Write::Property { name: name.to_owned(), document: text });
        let id = self.property(name)?;
        self.touch(id);
        Ok((put, self.written(id)))
    }

    pub(super) fn set_property(
        &mut self,
        name: &str,
        document: PropertyDocument,
    ) -> Result<Put, Refusal> {
        let members = self.members(&document)?;
        let widget = document.widget();
        // Nothing may have changed when it fails.
        widget.settings(&self.zones)?;
        let id = self.roster.properties.intern(name);
        if id.index() == self.properties.len() {
            let added = self.world.add_property();
            assert_eq!(added, id, "names and the engine count properties alike");
            self.properties.push(Property::default());
        }
        let before = self.properties[id.index()].document.replace(document.clone());
        self.set_widget(id, name, widget)?;
        let team =
            |document: &PropertyDocument| (document.members.clone(), document.suspended.clone());
        if before.as_ref().map(team) != Some(team(&document)) {
            let mut changes = Vec::new();
            self.put_members(id, &members, &mut |change| changes.push(change));
            self.take(changes);
            self.unpublished.teams.insert(id);
        }
        Ok(if before.is_some() { Put::Changed } else { Put::Created })
    }

    /// Sets who the members are, and notes who reads nothing of the property any more.
    fn put_members(
        &mut self,
        property: PropertyId,
        members: &[(AgentId, Membership)],
        changes: &mut impl FnMut(Change),
    ) {
        let before = self.world.members(property).iter().copied();
        let before: Vec<AgentId> =
            before.filter(|agent| self.is_active_member(*agent, property)).collect();
        self.world.put_members(property, members, changes);
        let left = before.into_iter().filter(|agent| !self.is_active_member(*agent, property));
        let left: Vec<_> = left.map(|agent| (property, agent)).collect();
        self.unpublished.left.extend(left);
    }

    /// The members of a property by their ids.
    fn members(&self, document: &PropertyDocument) -> Result<Vec<(AgentId, Membership)>, Refusal> {
        let suspended: HashSet<&Name> = document.suspended.iter().collect();
        let mut members = Vec::with_capacity(document.members.len());
        let mut seen = HashSet::with_capacity(document.members.len());
        for (place, name) in document.members.iter().enumerate() {
            let field = format!("members[{place}]");
            let Ok(agent) = self.agent(&name.0) else {
                let near = self.roster.nearest_agent(&name.0);
                let near =
                    near.map_or(String::new(), |near| format!(", or did you mean `{near}`?"));
                let name = &name.0;
                let detail = format!(
                    "there is no agent `{name}`: make the account with PUT /v1/agents/{name} first{near}"
                );
                return Err(invalid(field, detail));
            };
            if !seen.insert(name) {
                return Err(invalid(field, format!("`{}` is named twice", name.0)));
            }
            let membership = match suspended.contains(name) {
                true => Membership::Suspended,
                false => Membership::Active,
            };
            members.push((agent, membership));
        }
        for (place, name) in document.suspended.iter().enumerate() {
            if !seen.contains(name) {
                let detail = format!("rule P6: only a member can be suspended, not `{}`", name.0);
                return Err(invalid(format!("suspended[{place}]"), detail));
            }
        }
        Ok(members)
    }

    /// Makes a further widget of a property, or sets all of it anew.
    ///
    /// # Errors
    /// When there is no such property; the field that cannot be.
    pub fn put_widget(
        &mut self,
        property: &str,
        widget: &str,
        document: WidgetDocument,
    ) -> Result<(Put, Written), Refusal> {
        let id = self.property(property)?;
        let text = kept(&document);
        let name = format!("{property}/{widget}");
        let put = self.set_widget(id, &name, document)?;
        self.writes.push(Write::Widget { name, document: text });
        self.touch(id);
        Ok((put, self.written(id)))
    }

    pub(super) fn set_widget(
        &mut self,
        property: PropertyId,
        name: &str,
        document: WidgetDocument,
    ) -> Result<Put, Refusal> {
        let settings = document.settings(&self.zones)?;
        let unknown = |error: lamplighter_core::hours::UnknownZone| {
            invalid("scheduler.timezone".to_owned(), error.to_string())
        };
        let policy = Arc::new(VisibilityPolicy::new(&settings));
        let id = self.roster.widgets.intern(name);
        if id.index() == self.widgets.len() {
            let added = self.world.add_widget(property, settings).map_err(unknown)?;
            assert_eq!(added, id, "names and the engine count widgets alike");
            self.properties[property.index()].widgets.push(id);
            self.widgets.push(Widget { document: Some(document), policy });
            return Ok(Put::Created);
        }
        let mut changes = Vec::new();
        let replaced = self.world.replace_settings(id, settings, &mut |c| changes.push(c));
        replaced.map_err(unknown)?;
        self.take(changes);
        let widget = &mut self.widgets[id.index()];
        widget.policy = policy;
        let before = widget.document.replace(document);
        Ok(if before.is_some() { Put::Changed } else { Put::Created })
    }

    /// Takes a property away, with its widgets, and with its messages where these go, too.
    ///
    /// # Errors
    /// Where there is none; where messages came that nobody has decided on.
    pub fn delete_property(&mut self, name: &str, messages: Leftover) -> Result<Written, Refusal> {
        let id = self.property(name)?;
        match messages {
            Leftover::Deleted => self.delete_messages_of(name),
            Leftover::NoneUpTo(last)
                if self.last_messages.get(&id).is_none_or(|id| *id <= last) => {}
            Leftover::NoneUpTo(_) => {
                return Err(Refusal::MessagesLeft { property: name.to_owned() });
            }
        }
        self.writes.push(Write::PropertyGone(name.to_owned()));
        for widget in self.properties[id.index()].widgets.clone() {
            self.drop_widget(widget);
        }
        self.properties[id.index()].document = None;
        self.put_members(id, &[], &mut |_| {});
        self.touch(id);
        Ok(self.written(id))
    }

    /// Takes a further widget away.
    ///
    /// # Errors
    /// Where there is none.
    pub fn delete_widget(&mut self, property: &str, widget: &str) -> Result<Written, Refusal> {
        let id = self.property(property)?;
        let name = format!("{property}/{widget}");
        let widget = self.widget(&name)?;
        self.writes.push(Write::WidgetGone(name));
        self.drop_widget(widget);
        self.touch(id);
        Ok(self.written(id))
    }

    /// The id stays the name's: should a widget of that name be made again, it is this one.
    fn drop_widget(&mut self, id: WidgetId) {
        if self.widgets[id.index()].document.take().is_some() {
            self.unpublished.gone.push(self.roster.widgets.name(id).to_owned());
            let dropped = self.world.replace_settings(id, Default::default(), &mut |_| {});
            dropped.expect("settings without a scheduler name no zone");
        }
    }

    /// Rules P7 and P8 for the whole service.
    pub fn put_timing(&mut self, document: TimingDocument) -> Written {
        self.world.put_timing(document.read());
        self.seq += 1;
        let text = kept(&document);
        self.writes.push(Write::Journal(JournalRow {
            seq: self.seq,
            at: self.world.now(),
            action: JournalRow::SETTINGS.into(),
            agent: text,
            device: None,
        }));
        self.timing = document;
        for id in (0..self.properties.len()).map(PropertyId::new) {
            if self.properties[id.index()].document.is_some() {
                self.touch(id);
            }
        }
        Written { version: self.all_versions() }
    }

    /// Puts a manual clock forward, through everything that the clock does until then.
    ///
    /// # Errors
    /// When it would go back.
    pub fn put_clock(&mut self, to: Instant) -> Result<Instant, Refusal> {
        let now = self.world.now();
        if to < now {
            return Err(Refusal::ClockGoesBack { now });
        }
        self.advance(to);
        self.writes.push(Write::Fact(CLOCK_FACT, to.as_millis().to_string()));
        self.unpublished.clock = Some(to);
        Ok(to)
    }

    fn written(&self, property: PropertyId) -> Written {
        let name = self.roster.properties.name(property).to_owned();
        Written { version: [(name, self.properties[property.index()].version)].into() }
    }

    fn all_versions(&self) -> Versions {
        let all = self.properties.iter().enumerate();
        all.filter(|(_, property)| property.document.is_some())
            .map(|(index, property)| {
                let name = self.roster.properties.name(PropertyId::new(index)).to_owned();
                (name, property.version)
            })
            .collect()
    }
}

fn invalid(field: String, detail: String) -> Refusal {
    Refusal::Invalid(InvalidField { field, detail })
}

/// A document as it is kept.
pub(super) fn kept(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).expect("documents have no keys but texts")
}

/// The name under which a manual clock is kept.
pub const CLOCK_FACT: &str = "clock";
