//! What is asked of the core: documents, teams, and who may ask; and what visitors leave.

use super::refusal::Refusal;
use super::state::{State, TokenHash};
use crate::store::{LAST_MESSAGE_FACT, StoredMessage, Write};
use lamplighter_core::model::{Instant, Millis};
use lamplighter_core::world::Membership;
use lamplighter_target::wire::{
    MessageAnswer, PropertyDocument, TeamMember, TimingDocument, WidgetDocument,
};

impl State {
    /// Lets a device of a member of a property pass.
    ///
    /// # Errors
    /// Where nobody is logged in with the token; where the agent is suspended (rule P6), or no member, or there is no such
    /// property: who is no member does not learn which.
    pub fn let_member_pass(&mut self, token: &TokenHash, property: &str) -> Result<(), Refusal> {
        let agent = self.device_of(token)?.agent();
        let membership =
            self.property(property).ok().and_then(|id| self.world.membership(agent, id));
        match membership {
            Some(Membership::Active) => Ok(()),
            Some(Membership::Suspended) => {
                Err(Refusal::Suspended { property: property.to_owned() })
            }
            None => Err(Refusal::NotAMember { property: property.to_owned() }),
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

    /// Grace and auto-away of the whole service, as they are set (rules P7, P8).
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
        self.last_messages.insert(property, self.last_message);
        let at = self.world.now();
        self.unpublished.messages.push((
            property,
            MessageAnswer {
                id: self.last_message,
                at,
                widget: widget.to_owned(),
                name: name.clone(),
                email: email.clone(),
                message: message.clone(),
            },
        ));
        self.writes.push(Write::Message(StoredMessage {
            id: self.last_message,
            at,
            property: self.roster.properties.name(property).to_owned(),
            widget: widget.to_owned(),
            name,
            email,
            message,
        }));
        Ok(self.last_message)
    }

    /// The number of the last message that anybody left.
    pub fn last_message(&self) -> i64 {
        self.last_message
    }

    /// Deletes messages by their numbers, which nobody gets again; gives how many.
    pub fn delete_messages(&mut self, ids: Vec<i64>) -> usize {
        let count = ids.len();
        self.keep_last_message();
        self.writes.push(Write::MessagesGone(ids));
        count
    }

    /// Deletes all messages of a property.
    pub(super) fn delete_messages_of(&mut self, property: &str) {
        self.keep_last_message();
        self.writes.push(Write::MessagesOf(property.to_owned()));
    }

    /// Deletes messages that are older than they may be.
    pub fn expire_messages(&mut self, keep: Millis) {
        let now = self.world.now().as_millis();
        let before = i64::try_from(keep.0).ok().and_then(|keep| now.checked_sub(keep));
        if let Some(before) = before.and_then(Instant::from_millis)
            && self.last_message > 0
        {
            self.keep_last_message();
            self.writes.push(Write::MessagesBefore(before));
        }
    }

    fn keep_last_message(&mut self) {
        self.writes.push(Write::Fact(LAST_MESSAGE_FACT, self.last_message.to_string()));
    }
}
