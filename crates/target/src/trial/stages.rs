//! The stages of a trial with one agent: made, logged in on two devices, each status, lost and back, logged out,
//! cleared up; read after each step.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;
use lamplighter_core::model::{Chosen, Instant, Interval, Scheduler, Settings, Visitor, WeekHours};
use lamplighter_core::world::Timing;
use tokio::time::timeout;

use super::agent_model::AgentModel;
use super::device::TrialDevice;
use super::gaps::{not_run, sections, untold};
use super::listener::{SectionRecorder, TrialListener};
use super::run::{TrialFixtures, TrialRun, seen_words};
use crate::driver::{
    CreatedObjects, Driver, DriverOptions, Endpoint, Leftovers, RunError, WriteOutcome,
};
use crate::file::TargetFile;
use crate::file::section::Section;

/// What a trial may do.
#[derive(Clone, Debug, Default)]
pub struct TrialOptions {
    /// Whether all that was made is left.
    pub keeps: bool,
    /// Where a manual clock is put first.
    pub now: Option<Instant>,
    /// The folder of the target file, in which an adapter is started.
    pub folder: PathBuf,
    /// Set from outside to clear up and end.
    pub stop: Arc<AtomicBool>,
}

/// What a trial came to.
#[derive(Clone, Debug)]
pub struct TrialResult {
    /// How much was not as it must be.
    pub wrong: usize,
    /// Sections that were called, of those that the file has.
    pub sections: (usize, usize),
    /// Sections that the trial did not come to, and why.
    pub not_run: Vec<(Section, &'static str)>,
    /// What the file cannot tell.
    pub untold: Vec<String>,
    /// What could not be deleted; nothing where it was to be left.
    pub left: Option<Leftovers>,
    /// What is missing for a load test, where something is.
    pub warning: Option<String>,
}

/// Tries a target file out with one agent.
///
/// # Errors
/// When the target cannot be reached, or nothing can be made on it.
pub async fn try_out(
    file: TargetFile,
    endpoint: Endpoint,
    listener: Arc<dyn TrialListener>,
    options: &TrialOptions,
) -> Result<TrialResult, RunError> {
    let counted = Arc::new(SectionRecorder::new(Arc::clone(&listener)));
    let driver_options = DriverOptions {
        listener: Some(counted.clone()),
        folder: options.folder.clone(),
        ..DriverOptions::default()
    };
    let driver = Arc::new(Driver::new(file, endpoint, driver_options)?);
    let mut walk = TrialRun {
        driver,
        listener,
        sections: Arc::clone(&counted),
        made: CreatedObjects::default(),
        wrong: 0,
        is_unheld: false,
        warning: None,
    };
    let walked = walk.go(options).await;
    let left = match options.keeps {
        true => None,
        false => {
            walk.listener.stage("clear up");
            Some(walk.driver.clear(&mut walk.made).await)
        }
    };
    let ended = walk.driver.end().await;
    walked.and(ended)?;
    let file = walk.driver.file();
    let ran = counted.ran();
    let all = sections(file).len();
    let not_run = not_run(file, &ran);
    Ok(TrialResult {
        wrong: walk.wrong,
        sections: (all - not_run.len(), all),
        not_run,
        untold: untold(file),
        left,
        warning: walk.warning,
    })
}

impl TrialRun {
    async fn go(&mut self, options: &TrialOptions) -> Result<(), RunError> {
        self.listener.stage("begin");
        let driver = Arc::clone(&self.driver);
        driver.begin(&mut self.made).await?;
        if let Some(now) = options.now {
            driver.put_clock(now).await?;
        }
        if driver.file().steps(Section::ClockRead).is_some() {
            let now = driver.read_clock().await?;
            self.read("the target's clock", now);
        }
        let Some(fixtures) = self.make().await? else { return Ok(()) };
        let mut agent_model = AgentModel::default();
        self.look("nobody is in", &fixtures, &mut agent_model).await?;
        self.hours(&fixtures).await?;
        let stages = self.run_stages(&fixtures, &mut agent_model, options).await;
        // Whatever became of it, nobody stays logged in.
        for there in &fixtures.devices {
            if there.device.is_logged_in() && !options.keeps && driver.abilities().logout {
                self.log_out(there, &mut agent_model).await?;
            }
        }
        self.lost_sessions(&fixtures, &mut agent_model);
        stages
    }

    async fn run_stages(
        &mut self,
        fixtures: &TrialFixtures,
        agent_model: &mut AgentModel,
        options: &TrialOptions,
    ) -> Result<(), RunError> {
        let is_stopped = || options.stop.load(Ordering::Relaxed);
        let devices = &fixtures.devices[..self.device_count()];
        for there in devices {
            if is_stopped() || !self.log_in(fixtures, there, agent_model).await? {
                return Ok(());
            }
            self.look(&format!("logged in on {}", there.name()), fixtures, agent_model).await?;
        }
        for chosen in self.driver.abilities().statuses.clone().into_iter().rev() {
            if is_stopped() {
                return Ok(());
            }
            for there in devices.iter().rev().filter(|there| there.device.is_logged_in()) {
                self.set_status(there, chosen, agent_model).await?;
                let what = format!("{} on {}", chosen.word(), there.name());
                self.look(&what, fixtures, agent_model).await?;
            }
        }
        if is_stopped() {
            return Ok(());
        }
        self.activity(&fixtures.devices[0]).await?;
        self.suspend(fixtures, agent_model).await?;
        self.listen(fixtures).await?;
        self.messages(fixtures).await?;
        self.lose(fixtures, agent_model).await?;
        self.await_holds(fixtures, agent_model).await;
        if self.driver.abilities().logout && !is_stopped() {
            for there in devices.iter().rev().filter(|there| there.device.is_logged_in()) {
                self.log_out(there, agent_model).await?;
                self.look(&format!("logged out on {}", there.name()), fixtures, agent_model)
                    .await?;
            }
        }
        Ok(())
    }

    fn device_count(&self) -> usize {
        match self.driver.abilities().devices_max {
            Some(1) => 1,
            _ => 2,
        }
    }

    async fn make(&mut self) -> Result<Option<TrialFixtures>, RunError> {
        self.listener.stage("make a property and an agent");
        let (driver, settings, timing) =
            (Arc::clone(&self.driver), Settings::default(), Timing::default());
        let Some(property) = driver.make_property(&settings, timing, &mut self.made).await? else {
            self.wrong("the file names no property");
            return Ok(None);
        };
        let agents = driver.make_agents(1, &mut self.made).await?;
        let Some(agent) = agents.and_then(|agents| agents.into_iter().next()) else {
            self.wrong("the file names no account");
            return Ok(None);
        };
        let member = driver.add_member(&agent, &property, &mut self.made).await?;
        let mut widgets = vec![property.own_widget()];
        if driver.file().does(Section::PropertySet) {
            let set = driver.set_property(&property, &settings, timing).await?;
            self.done(Section::PropertySet, "property.set", set.is_done(), &set.why_not());
        }
        if driver.file().steps(Section::WidgetMake).is_some() {
            let widget = driver.name_widget(&property);
            let made = driver.make_widget(&widget, &settings, timing).await?;
            self.done(Section::WidgetMake, "widget.make", made.is_done(), &made.why_not());
            widgets.push(widget);
        }
        let members = vec![member];
        let devices = TrialDevice::both(&agent);
        devices.iter().for_each(|there| there.device.is_member_of(&members));
        Ok(Some(TrialFixtures { property, members, widgets, agent, devices }))
    }

    async fn hours(&mut self, fixtures: &TrialFixtures) -> Result<(), RunError> {
        let Some(can) = self.driver.abilities().hours.clone() else { return Ok(()) };
        self.listener.stage("put a scheduler, and take it away (S1)");
        let zone = match &can.zone {
            crate::file::can::ZoneCan::Server(zone) => zone.clone(),
            _ => "UTC".to_owned(),
        };
        let mut hours = WeekHours::default();
        if let Some(day) = Interval::new(9 * 60, 17 * 60) {
            hours.weekdays.iter_mut().take(5).for_each(|weekday| *weekday = vec![day]);
        }
        if let (true, Some(date)) = (can.dates, NaiveDate::from_ymd_opt(2030, 12, 25)) {
            hours.dates.insert(date, Vec::new());
        }
        let scheduler = Scheduler { zone, hours };
        for scheduler in [Some(&scheduler), None] {
            if scheduler.is_none() && !self.driver.abilities().hours_off {
                self.listener.seen("it stays: there is no `hours.off`, and widgets follow it now");
                continue;
            }
            for widget in &fixtures.widgets {
                match self.driver.put_scheduler(widget, scheduler).await? {
                    Ok(put) => {
                        let is_set = scheduler.is_some();
                        let section = if is_set { Section::HoursSet } else { Section::HoursOff };
                        self.done(section, section.address(), put.is_done(), &put.why_not());
                    }
                    Err(why) => self.wrong(&why.to_string()),
                }
            }
        }
        Ok(())
    }

    async fn set_status(
        &mut self,
        there: &TrialDevice,
        chosen: Chosen,
        agent_model: &mut AgentModel,
    ) -> Result<(), RunError> {
        self.listener.stage(&format!("{} on {} (P2)", chosen.word(), there.name()));
        let write = self.driver.set_status(&there.device, chosen, None).await?;
        let steps = self.driver.file().status_steps(chosen);
        let section = steps.map_or(Section::DeviceStatus, |(section, _)| section);
        self.written(section, &write);
        if write.is_done() {
            agent_model.is(there.number, chosen);
            self.wait(&write, self.driver.file().timing.shows_within).await;
        }
        Ok(())
    }

    async fn activity(&mut self, there: &TrialDevice) -> Result<(), RunError> {
        if self.driver.abilities().activity && there.device.is_logged_in() {
            self.listener.stage("be active on d1 (P8)");
            let write = self.driver.be_active(&there.device).await?;
            self.written(Section::DeviceActivity, &write);
        }
        Ok(())
    }

    async fn suspend(
        &mut self,
        fixtures: &TrialFixtures,
        agent_model: &mut AgentModel,
    ) -> Result<(), RunError> {
        if !self.driver.abilities().suspend {
            return Ok(());
        }
        for is_suspended in [true, false] {
            let what = if is_suspended { "suspended" } else { "reinstated" };
            self.listener.stage(&format!("{what} (P6)"));
            let done = self.driver.suspend(&fixtures.members[0], is_suspended).await?;
            let section = match is_suspended {
                true => Section::MemberSuspend,
                false => Section::MemberReinstate,
            };
            self.done(section, what, done.is_done(), &done.why_not());
            agent_model.is_suspended = is_suspended;
            let write = WriteOutcome::of(done, str::to_owned);
            self.wait(&write, self.driver.file().timing.shows_within).await;
            self.look(what, fixtures, agent_model).await?;
        }
        Ok(())
    }

    async fn listen(&mut self, fixtures: &TrialFixtures) -> Result<(), RunError> {
        if !self.driver.abilities().push {
            return Ok(());
        }
        self.listener.stage("listen to a widget");
        let mut pushes =
            self.driver.listen(&fixtures.widgets[0], &Visitor::default(), None).await?;
        self.sections.add(Section::WidgetPush);
        match timeout(self.driver.file().http.timeout, pushes.next()).await {
            Ok(Some(pushed)) => match pushed.what {
                Ok(seen) => self.listener.seen(&format!("pushed   {}", seen_words(&seen))),
                Err(fault) => self.wrong(&format!("what was pushed is unreadable: {fault}")),
            },
            Ok(None) => self.wrong("the stream ended before anything was pushed"),
            // Some say nothing before something changes.
            Err(_) => self.listener.seen("nothing was pushed while nothing changed"),
        }
        Ok(())
    }

    async fn messages(&mut self, fixtures: &TrialFixtures) -> Result<(), RunError> {
        if !self.driver.abilities().messages {
            return Ok(());
        }
        self.listener.stage("leave a message, and list it (C2)");
        let text = format!("Lamplighter tried this target: {}", fixtures.property.name);
        let left = self.driver.leave_message(&fixtures.widgets[0], &text).await?;
        self.done(Section::MessageLeave, "message.leave", left.is_done(), &left.why_not());
        let write = WriteOutcome::of(left, str::to_owned);
        self.wait(&write, self.driver.file().timing.shows_within).await;
        let listed = self.driver.list_messages(&fixtures.widgets[0]).await?;
        match listed.what {
            Ok(texts) if texts.contains(&text) => self.listener.seen("the message is there"),
            Ok(texts) => self.wrong(&format!("lost message: it is not among {}", texts.len())),
            Err(fault) => self.wrong(&format!("unreadable: {fault}")),
        }
        Ok(())
    }

    async fn log_out(
        &mut self,
        there: &TrialDevice,
        agent_model: &mut AgentModel,
    ) -> Result<(), RunError> {
        self.listener.stage(&format!("log out on {} (P3)", there.name()));
        let write = self.driver.log_out(&there.device).await?;
        self.written(Section::DeviceLogout, &write);
        if write.is_done() {
            agent_model.is_out(there.number);
            let timing = &self.driver.file().timing;
            let within = timing.logout_shows_within.max(timing.logout_unsettles);
            self.wait(&write, within).await;
        }
        Ok(())
    }
}
