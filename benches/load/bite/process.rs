//! The service, and the load test, as processes of their own.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The key of every service that is started here.
pub const KEY: &str = "a key for biting only";
/// How much longer than its duration a load test may take: what it puts there, and takes away.
const BESIDE: Duration = Duration::from_secs(180);

/// How large the load test of each fault is.
#[derive(Clone, Debug)]
pub struct LoadSize {
    /// How long it lasts.
    pub seconds: u64,
    /// How many properties there are.
    pub properties: u32,
    /// How many agents a property has.
    pub agents: u32,
    /// How many visitors come in a second.
    pub visitors: u32,
    /// How many event streams are held.
    pub streams: u32,
    /// What the plan and the faults are drawn from.
    pub seed: u64,
    /// How many faults are tried at once.
    pub at_once: usize,
    /// Whether answers are judged by the versions in them; without, as of a product that has none.
    pub has_versions: bool,
    /// Further arguments of `lamplighter load`, as they are typed.
    pub further: Vec<String>,
}

impl LoadSize {
    /// All faults within five minutes: as short as edges and graces are sure to be met, with so many
    /// messages and streams that a fault of one in fifty is put in.
    pub fn quick() -> Self {
        Self {
            seconds: 20,
            properties: 40,
            visitors: 250,
            streams: 120,
            at_once: 6,
            // What six services push at one full minute takes its time.
            further: ["--messages", "20", "--within", "1s"].map(str::to_owned).to_vec(),
            ..Self::default()
        }
    }
}

impl Default for LoadSize {
    fn default() -> Self {
        Self {
            seconds: 60,
            properties: 100,
            agents: 5,
            visitors: 500,
            streams: 100,
            seed: 1,
            at_once: 1,
            has_versions: true,
            further: Vec::new(),
        }
    }
}

/// The program: beside this one, where cargo puts both.
pub fn lamplighter() -> Result<PathBuf, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = this.parent().ok_or("this program lies in no folder")?;
    let program = folder.join("lamplighter");
    match program.exists() {
        true => Ok(program),
        false => Err(format!("{} is not there: build it first", program.display())),
    }
}

/// A process that ends with its owner.
pub struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Process {
    /// Waits for its end, but not for ever.
    fn ended_within(&mut self, limit: Duration) -> Result<ExitStatus, String> {
        let began = Instant::now();
        loop {
            match self.0.try_wait().map_err(|error| error.to_string())? {
                Some(status) => return Ok(status),
                None if began.elapsed() > limit => {
                    return Err(format!("it did not end within {} s", limit.as_secs()));
                }
                None => thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

/// A service with a store of its own, and where it listens.
pub fn serve(program: &Path, folder: &Path) -> Result<(Process, SocketAddr), String> {
    let mut command = Command::new(program);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "error"]);
    command.args(["--password-memory", "8", "--max-messages", "1000000000"]);
    command.args(["--max-messages-by-property", "1000000000"]);
    command.arg("--store").arg(folder.join("lamplighter.db"));
    command.env("LAMPLIGHTER_ADMIN_KEY", KEY).stdin(Stdio::null()).stdout(Stdio::piped());
    let child = command.spawn().map_err(|error| format!("cannot start the service: {error}"))?;
    let mut process = Process(child);
    let said = process.0.stdout.take().ok_or("the service has no output")?;
    let mut line = String::new();
    let mut said = BufReader::new(said);
    said.read_line(&mut line).map_err(|error| error.to_string())?;
    let address = line.trim().rsplit_once("http://").and_then(|(_, at)| at.parse().ok());
    let address = address.ok_or_else(|| format!("the service says no address but {line:?}"))?;
    // It may say more: nobody listens, but nobody may be in its way either.
    thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    Ok((process, address))
}

/// The arguments of a load test: the one place that knows them.
fn load_arguments(size: &LoadSize, address: SocketAddr, key: &Path, json: &Path) -> Vec<OsString> {
    let words = [
        "load".to_owned(),
        "--host".to_owned(),
        format!("http://{address}"),
        "--properties".to_owned(),
        size.properties.to_string(),
        "--agents".to_owned(),
        size.agents.to_string(),
        "--visitors".to_owned(),
        format!("{}/s", size.visitors),
        "--streams".to_owned(),
        size.streams.to_string(),
        "--duration".to_owned(),
        format!("{}s", size.seconds),
        "--seed".to_owned(),
        size.seed.to_string(),
        "--quiet".to_owned(),
    ];
    let mut arguments: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    arguments.extend(["--admin-key-file".into(), key.into(), "--json".into(), json.into()]);
    arguments.extend(size.further.iter().map(OsString::from));
    arguments
}

/// The reference service's target file as that of a product whose answers have no versions.
fn without_versions() -> Result<String, String> {
    let reference = include_str!("../../../targets/reference.toml");
    let line = reference.lines().find(|line| line.starts_with("versions "));
    let line = line.ok_or("targets/reference.toml has no `versions`")?;
    Ok(reference.replace(line, "versions = false"))
}

/// Plays a load test against an address; its result lies in a file afterwards.
pub fn load(
    program: &Path,
    folder: &Path,
    size: &LoadSize,
    address: SocketAddr,
) -> Result<PathBuf, String> {
    let (key, json, said) =
        (folder.join("key"), folder.join("result.json"), folder.join("load.txt"));
    std::fs::write(&key, KEY).map_err(|error| error.to_string())?;
    let out = std::fs::File::create(&said).map_err(|error| error.to_string())?;
    let errors = out.try_clone().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(load_arguments(size, address, &key, &json)).current_dir(folder);
    if !size.has_versions {
        let target = folder.join("without-versions.toml");
        std::fs::write(&target, without_versions()?).map_err(|error| error.to_string())?;
        command.arg("--target").arg(target).env("LAMPLIGHTER_VAR_admin_key", KEY);
    }
    command.stdin(Stdio::null()).stdout(out).stderr(errors);
    let child = command.spawn().map_err(|error| format!("cannot start the load test: {error}"))?;
    let ended = Process(child).ended_within(Duration::from_secs(size.seconds) + BESIDE);
    let code = ended.map(|status| status.code());
    // 1 is a gate that failed: a wrong answer, as it should be.
    if let Ok(Some(0 | 1)) = code
        && json.exists()
    {
        return Ok(json);
    }
    let said = std::fs::read_to_string(&said).unwrap_or_default();
    let last: Vec<&str> = said.lines().rev().take(20).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    Err(format!("the load test gave no result ({code:?}):\n{}", last.join("\n")))
}
