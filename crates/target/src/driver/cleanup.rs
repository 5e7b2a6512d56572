//! What a run has made is deleted at the end (rule T48 of target files).

use std::ops::AddAssign;

use thiserror::Error;

use super::objects::{Agent, CreatedObjects, Member, Property};
use super::perform::{StepsContext, Subject};
use super::shared::Driver;
use crate::file::section::{Scope, Section};

/// Why something that was made is still there.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum DeleteError {
    /// The file has no steps that delete it.
    #[error("the target file does not say how to delete it")]
    NoSteps,
    /// The service does not; why, masked.
    #[error("{0}")]
    Refused(String),
}

/// What could not be deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Leftovers {
    /// Accounts that are still there.
    pub agents: usize,
    /// Properties that are still there.
    pub properties: usize,
    /// Memberships that are still there, and would not have gone with their account or property.
    pub members: usize,
}

impl AddAssign for Leftovers {
    fn add_assign(&mut self, other: Self) {
        self.agents += other.agents;
        self.properties += other.properties;
        self.members += other.members;
    }
}

impl Driver {
    /// Deletes what was made, and gives back what was lent (T48). What cannot be deleted is left.
    pub async fn clear(&self, made: &mut CreatedObjects) -> Leftovers {
        let mut left = Leftovers::default();
        for member in std::mem::take(&mut made.members) {
            let goes_along = self.goes_along(&member, made);
            let gone = self.remove_member(&member).await.is_ok() || goes_along;
            left.members += usize::from(!gone);
        }
        for property in std::mem::take(&mut made.properties) {
            left.properties += usize::from(self.delete_property(&property).await.is_err());
        }
        for agent in std::mem::take(&mut made.agents) {
            left.agents += usize::from(self.delete_agent(&agent).await.is_err());
        }
        self.give_back(made);
        left
    }

    /// Gives back accounts and properties that were there beforehand, and forgets what was made.
    pub fn give_back(&self, made: &mut CreatedObjects) {
        let CreatedObjects { accounts, lent_properties, .. } = std::mem::take(made);
        self.accounts.give_back(&accounts);
        self.properties.give_back(&lent_properties);
    }

    /// Whether a membership needs no deleting: no call has made it, or it goes with its property or its
    /// account when that is deleted.
    pub fn goes_along(&self, member: &Member, made: &CreatedObjects) -> bool {
        let does = |section| self.file().does(section);
        let mut properties = made.properties.iter().map(|property| &property.name);
        let mut agents = made.agents.iter().map(|agent| &agent.name);
        !does(Section::MemberAdd)
            || does(Section::PropertyDelete) && properties.any(|name| *name == member.property.name)
            || does(Section::AgentDelete) && agents.any(|name| *name == member.agent.name)
    }

    /// Ends a membership.
    ///
    /// # Errors
    /// When it is still there.
    pub async fn remove_member(&self, member: &Member) -> Result<(), DeleteError> {
        self.delete(Section::MemberRemove, member.subject()).await
    }

    /// Deletes a property that was made.
    ///
    /// # Errors
    /// When it is still there.
    pub async fn delete_property(&self, property: &Property) -> Result<(), DeleteError> {
        self.delete(Section::PropertyDelete, property.subject()).await
    }

    /// Deletes an account that was made.
    ///
    /// # Errors
    /// When it is still there.
    pub async fn delete_agent(&self, agent: &Agent) -> Result<(), DeleteError> {
        let subject = Subject::new(&agent.name, [(Scope::Agent, &agent.place)]);
        self.delete(Section::AgentDelete, subject).await
    }

    async fn delete(&self, section: Section, subject: Subject) -> Result<(), DeleteError> {
        if !self.file().does(section) {
            return Err(DeleteError::NoSteps);
        }
        let performed =
            self.perform(section, &StepsContext { subject, ..StepsContext::default() }).await;
        match performed {
            Ok(performed) if performed.is_done() => Ok(()),
            // What is not there need not be deleted.
            Ok(performed) if matches!(performed.status(), Some(404 | 410)) => Ok(()),
            Ok(performed) => Err(DeleteError::Refused(self.masked(&performed.why_not()))),
            Err(error) => Err(DeleteError::Refused(self.masked(&error.to_string()))),
        }
    }
}
