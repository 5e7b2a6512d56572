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

/// What is still there: for want of steps that delete it, and because the service does not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Leftovers {
    /// Accounts that no steps delete.
    pub agents: usize,
    /// Properties that no steps delete.
    pub properties: usize,
    /// Memberships that no steps delete, and that would not have gone with their account or property.
    pub members: usize,
    /// How many of all of them the service has not deleted though there are steps.
    pub refused: usize,
    /// Why not the first of these, masked.
    pub why: Option<String>,
}

impl Leftovers {
    /// Takes what became of deleting something; gives how many are left for want of steps.
    fn without_steps(&mut self, section: Section, deleted: Result<(), DeleteError>) -> usize {
        match deleted {
            Ok(()) => 0,
            Err(DeleteError::NoSteps) => 1,
            Err(DeleteError::Refused(why)) => {
                self.refused += 1;
                self.why.get_or_insert_with(|| format!("`{}` is {why}", section.address()));
                0
            }
        }
    }
}

impl AddAssign for Leftovers {
    fn add_assign(&mut self, other: Self) {
        self.agents += other.agents;
        self.properties += other.properties;
        self.members += other.members;
        self.refused += other.refused;
        self.why = self.why.take().or(other.why);
    }
}

impl Driver {
    /// Deletes what was made, and gives back what was lent (T48). What cannot be deleted is left.
    pub async fn clear(&self, made: &mut CreatedObjects) -> Leftovers {
        let mut left = Leftovers::default();
        for member in std::mem::take(&mut made.members) {
            let goes_along = self.goes_along(&member, made);
            let removed = self.remove_member(&member).await;
            if !goes_along {
                left.members += left.without_steps(Section::MemberRemove, removed);
            }
        }
        for property in std::mem::take(&mut made.properties) {
            let deleted = self.delete_property(&property).await;
            left.properties += left.without_steps(Section::PropertyDelete, deleted);
        }
        for agent in std::mem::take(&mut made.agents) {
            let deleted = self.delete_agent(&agent).await;
            left.agents += left.without_steps(Section::AgentDelete, deleted);
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
        let context = StepsContext { subject, ..StepsContext::default() };
        // Whoever cleans up may find the service as busy as whoever makes something.
        match self.perform_patiently(section, &context).await {
            Ok(performed) if performed.is_done() => Ok(()),
            // What is not there need not be deleted.
            Ok(performed) if matches!(performed.status(), Some(404 | 410)) => Ok(()),
            Ok(performed) => Err(DeleteError::Refused(self.masked(&performed.why_not()))),
            Err(error) => Err(DeleteError::Refused(self.masked(&error.to_string()))),
        }
    }
}
