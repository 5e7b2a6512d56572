//! Schedulers on a target (rules T32 to T35 of target files).

use chrono::{DateTime, NaiveDate};
use lamplighter_core::model::Scheduler;

use super::by_adapter::week;
use super::error::RunError;
use super::objects::Widget;
use super::perform::{StepsContext, StepsResult};
use super::shared::Driver;
use crate::file::hours::{HoursError, UnsupportedHours};
use crate::file::section::Section;
use crate::file::template::{Counters, KeptValues, Names};

impl Driver {
    /// Puts a scheduler on a widget, or takes it away.
    ///
    /// # Errors
    /// When the run cannot go on; within, when the target cannot be told these hours.
    pub async fn put_scheduler(
        &self,
        widget: &Widget,
        scheduler: Option<&Scheduler>,
    ) -> Result<Result<StepsResult, UnsupportedHours>, RunError> {
        let section = match scheduler {
            Some(_) => Section::HoursSet,
            None => Section::HoursOff,
        };
        let can = &self.abilities().hours;
        match (scheduler, can) {
            (Some(scheduler), Some(can)) => {
                if let Err(why) = can.say(scheduler) {
                    return Ok(Err(why));
                }
            }
            (None, _) if self.abilities().hours_off => {}
            _ => return Ok(Err(UnsupportedHours::NoHours)),
        }
        let (file, subject) = (self.file(), widget.subject());
        if self.is_by_adapter(section) {
            let mut given = KeptValues::new();
            if let Some(scheduler) = scheduler {
                given.put("zone", scheduler.zone.as_str());
            }
            given.put("week", week(scheduler));
            let context = StepsContext { subject, given, ..StepsContext::default() };
            return self.perform(section, &context).await.map(Ok);
        }
        let steps = file.steps(section).unwrap_or_default();
        let places: Vec<_> = subject.places.iter().rev().map(|(_, place)| place.names()).collect();
        let mut counters = Counters::default();
        let mut names = Names::new(
            places.iter().map(|kept| &**kept).collect(),
            Vec::new(),
            &file.vars,
            &mut counters,
        );
        let calls = match scheduler {
            Some(scheduler) => file.hours.set(steps, scheduler, self.today(), &mut names),
            None => file.hours.off(steps, self.today(), &mut names),
        };
        let calls = match calls {
            Ok(calls) => calls,
            Err(HoursError::Unsayable(why)) => return Ok(Err(why)),
            Err(HoursError::Render(cause)) => {
                return Err(RunError::CannotJudge { section: "hours.shape", step: 1, cause });
            }
        };
        let context = StepsContext { subject, hours: Some(calls), ..StepsContext::default() };
        self.perform(section, &context).await.map(Ok)
    }

    /// The day that dated hours are counted from.
    fn today(&self) -> NaiveDate {
        let now = DateTime::from_timestamp_millis(self.now().as_millis()).unwrap_or_default();
        now.date_naive()
    }
}
