//! What is set on the widgets of a scenario there: settings, and schedulers, moved to the present where
//! the clock is real.

use std::time::Duration;

use lamplighter_core::model::{Instant, Scheduler, Setting, Settings, WidgetId};
use lamplighter_core::world::World;

use super::on_target::ScenarioOnTarget;
use super::testable::Testable;
use crate::driver::{RunError, StepsResult};

/// What can be set on a widget, and by which rule.
type Settable = (&'static str, &'static str);
const SETTING: Settable = ("a setting", "a setting can be set");
const SCHEDULER: Settable = ("a scheduler", "a scheduler can be set (rule S1)");

impl ScenarioOnTarget {
    /// What is set on a widget at the beginning.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn set_up(
        &mut self,
        widget: WidgetId,
        settings: &Settings,
        is_own: bool,
        world: &World,
        testable: &Testable,
    ) -> Result<(), RunError> {
        if !is_own {
            let there = self.widgets[&widget].clone();
            let made = self.driver.make_widget(&there, settings, world.timing()).await?;
            self.set(widget, &made, Duration::ZERO, SETTING);
        }
        match &settings.scheduler {
            Some(scheduler) if testable.says_hours(scheduler).is_ok() => {
                let put = self.put_scheduler(widget, scheduler, world.now()).await?;
                if let Some(put) = put {
                    let within = self.driver.file().timing.edge_shows_within;
                    self.set(widget, &put, within, SCHEDULER);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Sets something on a widget, while the scenario goes on.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn configure(
        &mut self,
        widget: WidgetId,
        setting: &Setting,
        world: &World,
    ) -> Result<(), RunError> {
        let Some(there) = self.widgets.get(&widget).cloned() else { return Ok(()) };
        let timing = self.driver.file().timing.clone();
        if let Setting::Scheduler(scheduler) = setting {
            let put = match scheduler.as_deref() {
                Some(scheduler) => self.put_scheduler(widget, scheduler, world.now()).await?,
                None => self.driver.put_scheduler(&there, None).await?.ok(),
            };
            if let Some(put) = put {
                let within = timing.edge_shows_within.max(timing.shows_within);
                self.set(widget, &put, within, SCHEDULER);
            }
            return Ok(());
        }
        let mut settings = world.settings(widget).clone();
        settings.set(setting.clone());
        let done = match there.is_further() {
            true => self.driver.make_widget(&there, &settings, world.timing()).await?,
            false => self.driver.set_property(&there.property, &settings, world.timing()).await?,
        };
        self.set(widget, &done, timing.shows_within, SETTING);
        // What makes a further widget may set all of it anew, and take its hours along.
        let scheduler = settings.scheduler.as_deref().filter(|_| there.is_further());
        if let Some(scheduler) = scheduler
            && let Some(put) = self.put_scheduler(widget, scheduler, world.now()).await?
        {
            self.set(widget, &put, timing.edge_shows_within, SCHEDULER);
        }
        Ok(())
    }

    /// What became of setting something on a widget.
    fn set(&mut self, widget: WidgetId, done: &StepsResult, within: Duration, what: Settable) {
        let (what, rules) = what;
        let why_not = self.performed(done, within, rules);
        self.unknown_writes.widget(widget, what, &done.outcome, &why_not);
    }

    /// Puts a scheduler on a widget, moved where it must be; nothing where the target cannot be told it.
    async fn put_scheduler(
        &mut self,
        widget: WidgetId,
        scheduler: &Scheduler,
        at: Instant,
    ) -> Result<Option<StepsResult>, RunError> {
        let Some(there) = self.widgets.get(&widget).cloned() else { return Ok(None) };
        self.unmoved.remove(&widget);
        let moved = match &self.shift {
            None => Ok(scheduler.clone()),
            Some(shift) => shift.scheduler(scheduler, at),
        };
        let put = match moved {
            Ok(moved) => self.driver.put_scheduler(&there, Some(&moved)).await?,
            Err(why) => {
                self.unmoved.insert(widget, why);
                return Ok(None);
            }
        };
        match put {
            Ok(put) => Ok(Some(put)),
            Err(why) => {
                self.unmoved.insert(widget, why.to_string());
                Ok(None)
            }
        }
    }
}
