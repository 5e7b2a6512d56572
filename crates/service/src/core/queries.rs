//! What is asked of the core: documents, teams, and who may ask; and what visitors leave.

use super::refusal::Refusal;
use super::state::{State, TokenHash};
use crate::store::{StoredMessage, Write};
use lamplighter_target::wire::{PropertyDocument, TeamMember, TimingDocument, WidgetDocument};

impl State {
    /// Lets a device of a member of a property pass.
    ///
    /// # Errors
    /// Where nobody is logged in with the token; where the agent is no member, or there is no such
    /// property: who is no member does not learn which.
    pub fn let_member_pass(&mut self, token: &TokenHash, property: &str) -> Result<(), Refusal> {
        let agent = self.device_of(token)?.agent();
        match self.property(property).is_ok() && self.is_member(agent, property) {
            true => Ok(()),
            false => Err(Refusal::NotAMember { property: property.to_owned() }),
        }
    }

    /// Whether a token is, or was until it logged out, that of a device of an agent.
    pub fn is_of(&self, token: &TokenHash, agent: &str) -> bool {
        let device = self.tokens.get(token);
        device.is_some_and(|device| self.agent(agent) == Ok(device.agent()))
    }

    /// What is set on a property.
    ///
    /// # Errors
    /// Where there is none.
    pub fn property_document(&self, name: &str) -> Result<PropertyDocument, Refusal> {
        let id = self.property(name)?;
        Ok(self.properties[id.index()].document.clone().unwrap_or_default())
    }

    /// What is set on a further widget.
    ///
    /// # Errors
    /// Where there is none.
    pub fn widget_document(&self, name: &str) -> Result<WidgetDocument, Refusal> {
        let id = self.widget(name)?;
        Ok(self.widgets[id.index()].document.clone().unwrap_or_default())
    }

    /// Grace and auto-away.
    pub fn timing_document(&self) -> TimingDocument {
        self.timing.clone()
    }

    /// What team-mates see of each other in a property (rule P4).
    ///
    /// # Errors
    /// Where there is none.
    pub fn team_of(&self, property: &str) -> Result<Vec<TeamMember>, Refusal> {
        Ok(self.team(self.property(property)?))
    }

    /// Takes what a visitor left (rules C2, C3); gives its number.
    ///
    /// # Errors
    /// Where there is no such widget.
    pub fn take_message(
        &mut self,
        widget: &str,
        name: String,
        email: String,
        message: String,
    ) -> Result<i64, Refusal> {
        let id = self.widget(widget)?;
        let property = self.world.property_of(id);
        self.last_message += 1;
        self.writes.push(Write::Message(StoredMessage {
            id: self.last_message,
            at: self.world.now(),
            property: self.roster.properties.name(property).to_owned(),
            widget: widget.to_owned(),
            name,
            email,
            message,
        }));
        Ok(self.last_message)
    }
}
