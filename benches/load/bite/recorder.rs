//! What went through the proxy, written down as it was told: what devices did as a trace, and what was said of
//! widgets and team-mates as recordings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::body::Bytes;
use lamplighter_core::model::{Instant, Millis};

use super::answer::{self, DeviceBody, LoginBody, MemberBody, StatusBody, WidgetBody};
use super::clock::now_ms;

/// The trace of the devices.
pub const TRACE: &str = "trace.csv";
/// What was said of widgets.
pub const WIDGETS: &str = "widgets.csv";
/// What was said of team-mates.
pub const AGENTS: &str = "agents.csv";

/// Takes rows in the order of time, which is that of its lock.
pub struct Recorder(Mutex<Recording>);

struct Recording {
    /// Rows of the trace, in the order in which they were noticed.
    trace: Vec<TraceRow>,
    widgets: BufWriter<File>,
    agents: BufWriter<File>,
    /// By token, the devices that are logged in.
    devices: BTreeMap<String, Device>,
    /// Properties that were put, and the further widgets of each.
    properties: BTreeMap<String, BTreeSet<String>>,
    /// Rows of recordings.
    rows: u64,
}

struct TraceRow {
    at_ms: i64,
    /// When a connection that comes back was lost.
    lost_ms: Option<i64>,
    /// All behind the instant.
    text: String,
}

struct Device {
    agent: String,
    device: String,
    /// How many sockets it has, and when it lost its last one.
    sockets: usize,
    lost_ms: Option<i64>,
}

/// A connection that the service took back so little behind the end of the grace, by this clock, was back within it by
/// its own: it learns of a loss somewhat later.
const TAKEN_BACK_WITHIN_MS: i64 = 1_000;

/// What was recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    /// Properties that were put, and the further widgets of each.
    pub properties: BTreeMap<String, BTreeSet<String>>,
    /// Rows of recordings.
    pub rows: u64,
}

impl Recorder {
    /// Writes into a folder that is there.
    pub fn new(folder: &Path) -> std::io::Result<Self> {
        let begin = |name: &str, header: &str| -> std::io::Result<BufWriter<File>> {
            let mut file = BufWriter::new(File::create(folder.join(name))?);
            writeln!(file, "{header}")?;
            Ok(file)
        };
        Ok(Self(Mutex::new(Recording {
            trace: Vec::new(),
            widgets: begin(WIDGETS, "at,widget,status,chat,shown,page,device,country")?,
            agents: begin(AGENTS, "at,agent,status")?,
            devices: BTreeMap::new(),
            properties: BTreeMap::new(),
            rows: 0,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Recording> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A property, or a further widget of one, was put.
    pub fn put(&self, path: &str) {
        let mut parts = path.trim_start_matches("/v1/properties/").split('/');
        let (property, kind, widget) = (parts.next(), parts.next(), parts.next());
        let mut recording = self.lock();
        let property = decoded(property.unwrap_or_default());
        let widgets = recording.properties.entry(property).or_default();
        if let (Some("widgets"), Some(widget)) = (kind, widget) {
            widgets.insert(decoded(widget));
        }
    }

    /// A device was told that it is logged in.
    pub fn login(&self, body: &Bytes) {
        let Some(LoginBody { token, agent, device, .. }) = answer::read(body) else { return };
        let mut recording = self.lock();
        recording.devices.retain(|_, known| (&known.agent, &known.device) != (&agent, &device));
        recording.device(&agent, &device, "login");
        let device = Device { agent, device, sockets: 0, lost_ms: None };
        recording.devices.insert(token, device);
    }

    /// A device was told that it has the status for which it asked.
    pub fn status(&self, asked: &Bytes, body: &Bytes) {
        let (Some(StatusBody { status }), Some(DeviceBody { agent, device, .. })) =
            (answer::read(asked), answer::read(body))
        else {
            return;
        };
        self.lock().device(&agent, &device, &status);
    }

    /// A device was told that it is logged out.
    pub fn logout(&self, token: &str) {
        let mut recording = self.lock();
        if let Some(Device { agent, device, .. }) = recording.devices.remove(token) {
            recording.device(&agent, &device, "logout");
        }
    }

    /// A socket of a device has opened.
    pub fn opened(&self, token: &str) {
        let mut recording = self.lock();
        let Some(known) = recording.devices.get_mut(token) else { return };
        known.sockets += 1;
        if let Some(lost_ms) = known.lost_ms.take() {
            let text = format!("{},{},reconnect", known.agent, known.device);
            recording.trace.push(TraceRow { at_ms: now_ms(), lost_ms: Some(lost_ms), text });
        }
    }

    /// A socket of a device has gone.
    pub fn gone(&self, token: &str) {
        let mut recording = self.lock();
        // Of one that is logged out it means nothing.
        let Some(known) = recording.devices.get_mut(token) else { return };
        known.sockets -= 1;
        if known.sockets == 0 {
            known.lost_ms = Some(now_ms());
            let (agent, device) = (known.agent.clone(), known.device.clone());
            recording.device(&agent, &device, "disconnect");
        }
    }

    /// A visitor was told what a widget shows, the one for which was asked.
    pub fn read(&self, widget: &str, query: &BTreeMap<String, String>, body: &Bytes) {
        let Some(said) = answer::read::<WidgetBody>(body) else { return };
        let of = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let (page, device, country) = (of("page"), of("device"), of("country"));
        let word = |is: bool| if is { "yes" } else { "no" };
        let page = page.replace('"', "\"\"");
        let mut recording = self.lock();
        recording.rows += 1;
        let row = format!(
            "{},{},{},{},{},\"{page}\",{device},{country}",
            now(),
            widget,
            said.status,
            word(said.chat),
            word(said.shown)
        );
        put(&mut recording.widgets, &row);
    }

    /// A team-mate was told how the others are.
    pub fn team(&self, body: &Bytes) {
        let Some(team) = answer::read::<Vec<MemberBody>>(body) else { return };
        let mut recording = self.lock();
        let now = now();
        for MemberBody { agent, status } in team {
            recording.rows += 1;
            put(&mut recording.agents, &format!("{now},{agent},{status}"));
        }
    }

    /// All that was recorded, once it is in the files, on a service of this grace.
    pub fn finish(&self, folder: &Path, grace: Millis) -> std::io::Result<Recorded> {
        let mut recording = self.lock();
        let Recording { trace, widgets, agents, .. } = &mut *recording;
        for file in [widgets, agents] {
            file.flush()?;
        }
        let grace_ms = i64::try_from(grace.0).unwrap_or(i64::MAX);
        for row in &mut *trace {
            let ends_ms = row.lost_ms.map(|lost_ms| lost_ms.saturating_add(grace_ms));
            if let Some(ends_ms) = ends_ms
                && (ends_ms..ends_ms + TAKEN_BACK_WITHIN_MS).contains(&row.at_ms)
            {
                row.at_ms = ends_ms - 1;
            }
        }
        trace.sort_by_key(|row| row.at_ms);
        let mut file = BufWriter::new(File::create(folder.join(TRACE))?);
        writeln!(file, "at,agent,device,action")?;
        for row in &*trace {
            writeln!(file, "{},{}", instant(row.at_ms), row.text)?;
        }
        file.flush()?;
        Ok(Recorded { properties: recording.properties.clone(), rows: recording.rows })
    }
}

impl Recording {
    fn device(&mut self, agent: &str, device: &str, action: &str) {
        let text = format!("{agent},{device},{action}");
        self.trace.push(TraceRow { at_ms: now_ms(), lost_ms: None, text });
    }
}

/// A row; names of load tests have nothing in them that CSV would quote. A disk that is full shows when all is
/// flushed.
fn put(file: &mut BufWriter<File>, row: &str) {
    drop(writeln!(file, "{row}"));
}

/// A name as it stands in a path.
pub fn decoded(text: &str) -> String {
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs.next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// The wall clock, as in traces.
fn now() -> String {
    instant(now_ms())
}

fn instant(ms: i64) -> String {
    Instant::from_millis(ms).map(|at| at.to_string()).unwrap_or_default()
}
