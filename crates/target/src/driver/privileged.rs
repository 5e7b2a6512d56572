//! The admin and the observer, who log in by themselves: whose session is over logs in again (rules T4,
//! T30 of target files).

use std::sync::Arc;

use super::call::{CompletedCall, is_official};
use super::error::RunError;
use super::perform::{BoundStep, StepsContext, Subject};
use super::session::Session;
use super::shared::{Driver, PrivilegedCaller};
use crate::file::outcome::StepOutcome;
use crate::file::section::{Caller, Scope, Section};
use crate::file::template::KeptValues;
use lamplighter_core::model::Chosen;

impl Driver {
    /// One call; the admin and the observer log in again where their session is over, once (T4).
    pub(super) async fn officially(
        &self,
        section: Section,
        planned: &BoundStep<'_>,
        context: &StepsContext<'_>,
        names: (&KeptValues, &KeptValues),
        visitor: &Session,
    ) -> Result<CompletedCall, RunError> {
        let caller = planned.step.caller;
        let logins = [Section::AdminLogin, Section::ObserverLogin];
        if !is_official(caller) || logins.contains(&section) {
            return self.once(section, planned, context, names, visitor).await;
        }
        let official = self.official(caller)?;
        let count = *official.logins.lock().await;
        let called = self.once(section, planned, context, names, visitor).await?;
        if called.outcome != StepOutcome::Gone {
            return Ok(called);
        }
        self.log_in_again(caller, count).await?;
        let called = self.once(section, planned, context, names, visitor).await?;
        match called.outcome {
            StepOutcome::Gone => {
                Err(RunError::GoneAgain { caller: caller.word(), section: section.address() })
            }
            _ => Ok(called),
        }
    }

    /// The admin or the observer.
    pub(super) fn official(&self, caller: Caller) -> Result<&PrivilegedCaller, RunError> {
        match caller {
            Caller::Observer => self.observer.get().ok_or_else(|| RunError::NotDone {
                section: Section::ObserverLogin.address(),
                what: "asked for, and `observer = true` does not stand in `[target]`".to_owned(),
                whom: None,
            }),
            _ => Ok(&self.admin),
        }
    }

    /// Logs the admin in, as everything else begins with (`admin.login`).
    ///
    /// # Errors
    /// When it is not done.
    pub async fn log_in_admin(&self) -> Result<(), RunError> {
        self.log_in_again(Caller::Admin, 0).await
    }

    /// Logs a privileged caller in, unless somebody has since they had logged in so often.
    pub(super) async fn log_in_again(&self, caller: Caller, count: u64) -> Result<(), RunError> {
        let official = self.official(caller)?;
        let mut logins = official.logins.lock().await;
        if *logins != count {
            return Ok(());
        }
        let session = &*official.session;
        let has_own = self.file().steps(Section::ObserverLogin).is_some();
        let section = match caller {
            Caller::Admin => Section::AdminLogin,
            _ if has_own => Section::ObserverLogin,
            _ => Section::DeviceLogin,
        };
        if section != Section::AdminLogin {
            session.begin(self.observer_names());
        } else {
            session.begin(KeptValues::new());
        }
        let mut subject = Subject::new(caller.word(), [(Scope::Device, &session.place)]);
        subject.places.extend(official.account.iter().map(|a| (Scope::Agent, Arc::clone(a))));
        let context = StepsContext { subject, device: Some(session), ..StepsContext::default() };
        // A login may call as the other privileged caller, who may have to log in first.
        Box::pin(self.must(section, &context)).await?;
        *logins += 1;
        Ok(())
    }

    /// What the observer's login is given.
    fn observer_names(&self) -> KeptValues {
        let mut names = KeptValues::new();
        names.put("device", "d1");
        names.put("value", self.file().device.value(Chosen::Online));
        names
    }
}
