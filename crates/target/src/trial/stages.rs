//! The stages of a trial with one agent: made, logged in on two devices, each status, lost and back, logged out,
//! cleared up; read after each step.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::NaiveDate;
use lamplighter_core::model::{Chosen, Instant, Interval, Scheduler, Settings, Visitor, WeekHours};
use lamplighter_core::world::Timing;
use tokio::time::{sleep_until, timeout};

use super::agent_model::AgentModel;
use super::gaps::{not_run, sections, untold};
use super::listener::{SectionRecorder, TrialListener};
use super::run::{TrialFixtures, TrialRun, seen_words};
use crate::driver::{
    CreatedObjects, Device, Driver, DriverOptions, Endpoint, Leftovers, RunError, WriteOutcome,
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
        made: CreatedObjects::default(),
        wrong: 0,
        listened: None,
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
    let mut ran = counted.ran();
    ran.extend(walk.listened);
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
        self.look("nobody is in", &fixtures, &agent_model).await?;
        self.hours(&fixtures).await?;
        let devices = [Device::new(&fixtures.agent, 1), Device::new(&fixtures.agent, 2)];
        devices.iter().for_each(|device| device.is_member_of(&fixtures.members));
        let stages = self.run_stages(&fixtures, &devices, &mut agent_model, options).await;
        // Whatever became of it, nobody stays logged in.
        for (number, device) in devices.iter().enumerate() {
            if device.is_logged_in() && !options.keeps && driver.abilities().logout {
                self.log_out(device, number, &mut agent_model).await?;
            }
        }
        stages
    }

    async fn run_stages(
        &mut self,
        fixtures: &TrialFixtures,
        devices: &[Arc<Device>; 2],
        agent_model: &mut AgentModel,
        options: &TrialOptions,
    ) -> Result<(), RunError> {
        let is_stopped = || options.stop.load(Ordering::Relaxed);
        for number in 0..self.device_count() {
            if is_stopped() {
                return Ok(());
            }
            if !self.log_in(devices, number, agent_model).await? {
                return Ok(());
            }
            self.look(&format!("logged in on d{}", number + 1), fixtures, agent_model).await?;
        }
        for chosen in self.driver.abilities().statuses.clone().into_iter().rev() {
            if is_stopped() {
                return Ok(());
            }
            for number in (0..self.device_count()).rev() {
                self.set_status(devices, number, chosen, agent_model).await?;
                let what = format!("{} on d{}", chosen.word(), number + 1);
                self.look(&what, fixtures, agent_model).await?;
            }
        }
        if is_stopped() {
            return Ok(());
        }
        self.activity(devices).await?;
        self.suspend(fixtures, agent_model).await?;
        self.listen(fixtures).await?;
        self.messages(fixtures).await?;
        self.lose(fixtures, devices, agent_model).await?;
        if self.driver.abilities().logout && !is_stopped() {
            for number in (0..self.device_count()).rev() {
                self.log_out(&devices[number], number, agent_model).await?;
                self.look(&format!("logged out on d{}", number + 1), fixtures, agent_model).await?;
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
            self.done("property.set", set.is_done(), &set.why_not());
        }
        if driver.file().steps(Section::WidgetMake).is_some() {
            let widget = driver.name_widget(&property);
            let made = driver.make_widget(&widget, &settings, timing).await?;
            self.done("widget.make", made.is_done(), &made.why_not());
            widgets.push(widget);
        }
        Ok(Some(TrialFixtures { property, members: vec![member], widgets, agent }))
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
                        let name = if scheduler.is_some() { "hours.set" } else { "hours.off" };
                        let (is_done, why_not) = (put.is_done(), put.why_not());
                        self.done(name, is_done, &why_not);
                    }
                    Err(why) => self.wrong(&why.to_string()),
                }
            }
        }
        Ok(())
    }

    async fn log_in(
        &mut self,
        devices: &[Arc<Device>; 2],
        number: usize,
        agent_model: &mut AgentModel,
    ) -> Result<bool, RunError> {
        self.listener.stage(&format!("log in on d{} (P1)", number + 1));
        let write = self.driver.log_in(&devices[number]).await?;
        self.written("device.login", &write);
        if write.is_done() {
            agent_model.is(number, Chosen::Online);
            self.wait(&write, self.driver.file().timing.login_shows_within).await;
        }
        Ok(write.is_done())
    }

    async fn set_status(
        &mut self,
        devices: &[Arc<Device>; 2],
        number: usize,
        chosen: Chosen,
        agent_model: &mut AgentModel,
    ) -> Result<(), RunError> {
        self.listener.stage(&format!("{} on d{} (P2)", chosen.word(), number + 1));
        let write = self.driver.set_status(&devices[number], chosen, None).await?;
        self.written("device.status", &write);
        if write.is_done() {
            agent_model.is(number, chosen);
            self.wait(&write, self.driver.file().timing.shows_within).await;
        }
        Ok(())
    }

    async fn activity(&mut self, devices: &[Arc<Device>; 2]) -> Result<(), RunError> {
        if self.driver.abilities().activity {
            self.listener.stage("be active on d1 (P8)");
            let write = self.driver.be_active(&devices[0]).await?;
            self.written("device.activity", &write);
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
            self.done(what, done.is_done(), &done.why_not());
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
        self.done("message.leave", left.is_done(), &left.why_not());
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

    async fn lose(
        &mut self,
        fixtures: &TrialFixtures,
        devices: &[Arc<Device>; 2],
        agent_model: &mut AgentModel,
    ) -> Result<(), RunError> {
        let (driver, timing) = (Arc::clone(&self.driver), self.driver.file().timing.clone());
        if !driver.file().holds_devices() {
            return Ok(());
        }
        self.listener.stage("lose the connection on d1 (P7)");
        driver.lose(&devices[0]).await;
        self.listener.seen("what held it is reset; nothing calls for it any more");
        if timing.grace_min.is_none_or(|grace| grace > Duration::from_secs(2)) {
            self.look("lost, within the grace", fixtures, agent_model).await?;
        }
        if driver.abilities().reconnect {
            self.listener.stage("reconnect d1 (P7)");
            let settled = driver.reconnect(&devices[0]).await;
            sleep_until(settled.monotonic.into()).await;
        } else {
            self.log_in(devices, 0, agent_model).await?;
        }
        self.look("back again", fixtures, agent_model).await
    }

    async fn log_out(
        &mut self,
        device: &Arc<Device>,
        number: usize,
        agent_model: &mut AgentModel,
    ) -> Result<(), RunError> {
        self.listener.stage(&format!("log out on d{} (P3)", number + 1));
        let write = self.driver.log_out(device).await?;
        self.written("device.logout", &write);
        if write.is_done() {
            agent_model.is_out(number);
            let timing = &self.driver.file().timing;
            let within = timing.logout_shows_within.max(timing.logout_unsettles);
            self.wait(&write, within).await;
        }
        Ok(())
    }
}
