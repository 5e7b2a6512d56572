//! A target file with what a run gives it: variables, secrets, where the target is and whom to trust
//! for it (rules T25, T50, T54 of target files).

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;

use super::reading;
use crate::cli::admin_key::{admin_key, admin_key_hint};
use crate::cli::exit::Stop;
use crate::cli::host::{HOST_EXAMPLE, trust};
use lamplighter_scenario::language::diagnostic::nearest;
use lamplighter_target::Trust;
use lamplighter_target::driver::{Endpoint, EndpointError};
use lamplighter_target::file::TargetFile;
use lamplighter_target::file::template::{Counters, Names};

/// What is given to a target file, as typed.
#[derive(Args, Debug, Clone, Default)]
pub struct GivenArguments {
    /// Where the target is, instead of the file's `base`
    #[arg(long, value_name = "URL")]
    pub host: Option<String>,
    /// A variable or secret of the file; LAMPLIGHTER_VAR_name does as well
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<String>,
    /// A file of variables and secrets, a line `name=value` each
    #[arg(long, value_name = "FILE")]
    pub var_file: Option<PathBuf>,
    /// Authorities to trust with https, as PEM, instead of the machine's
    #[arg(long, visible_alias = "ca-file", value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// A file with the secret `admin_key`; LAMPLIGHTER_ADMIN_KEY does as well
    #[arg(long, value_name = "FILE")]
    pub admin_key_file: Option<PathBuf>,
}

/// A target file that a run can follow, and where its target is.
pub struct Given {
    /// The file, every secret with its text.
    pub file: TargetFile,
    /// Where the target is.
    pub endpoint: Endpoint,
    /// The folder that paths in the file are relative to.
    pub folder: PathBuf,
}

const VAR_PREFIX: &str = "LAMPLIGHTER_VAR_";
/// The secret that has an option and a variable of its own.
const ADMIN_KEY_VAR: &str = "admin_key";

impl Given {
    /// Reads a file and gives it what was typed; `None` where what is wrong with it has been said.
    pub fn new(named: &str, arguments: &GivenArguments) -> Result<Option<Self>, Stop> {
        let Some(mut file) = reading::read(named)? else { return Ok(None) };
        give_vars(&mut file, arguments)?;
        let base = match (&arguments.host, &file.about.base) {
            (Some(host), _) => Some(host.clone()),
            (None, Some(base)) => {
                let mut counters = Counters::default();
                let mut names = Names::new(Vec::new(), Vec::new(), &file.vars, &mut counters);
                Some(base.text(&mut names).map_err(|error| Stop::invalid(error.into()))?)
            }
            (None, None) => None,
        };
        let trust = arguments.cacert.as_deref().map_or(Ok(Trust::Machine), trust)?;
        let endpoint = match (base, &file.about.adapter) {
            (Some(base), _) => Endpoint::new(&base, &trust).map_err(no_endpoint)?,
            (None, Some(words)) => Endpoint::of_adapter(words).map_err(no_endpoint)?,
            (None, None) => {
                let why = anyhow!("`{named}` does not say where its target is");
                return Err(Stop::invalid(why).hint("--host http://HOST:PORT does"));
            }
        };
        if arguments.cacert.is_some() && !endpoint.is_tls() {
            let error = anyhow!("--cacert goes with https, and {} is not", endpoint.address());
            return Err(Stop::invalid(error).hint("write `https://` in front, or leave it out"));
        }
        let folder = Path::new(named).parent().unwrap_or(Path::new("")).to_owned();
        Ok(Some(Self { file, endpoint, folder }))
    }
}

fn no_endpoint(error: EndpointError) -> Stop {
    match error {
        EndpointError::Address { .. } => Stop::invalid(error.into()).hint(HOST_EXAMPLE),
        EndpointError::Host(error) => crate::cli::host::cannot_call(error),
    }
}

/// The command line wins over `--var-file`, that over the environment, that over the file.
fn give_vars(file: &mut TargetFile, arguments: &GivenArguments) -> Result<(), Stop> {
    let names: Vec<String> = file.vars.names().map(str::to_owned).collect();
    for name in &names {
        if let Ok(text) = std::env::var(format!("{VAR_PREFIX}{name}")) {
            set(file, name, &text, "the environment")?;
        }
    }
    if let Some(path) = &arguments.var_file {
        let shown = path.display().to_string();
        let read = std::fs::read_to_string(path);
        let text = read.with_context(|| format!("cannot read {shown}")).map_err(Stop::invalid)?;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("{shown}:{}", number + 1);
            // What stands there may be a secret: it is not shown.
            let (name, value) = line.split_once('=').ok_or_else(|| {
                Stop::invalid(anyhow!("{place}: a line is `name=value`, and there is no `=`"))
            })?;
            set(file, name.trim(), value, &place)?;
        }
    }
    for var in &arguments.vars {
        let (name, value) = var
            .split_once('=')
            .ok_or_else(|| Stop::invalid(anyhow!("--var takes NAME=VALUE, and there is no `=`")))?;
        set(file, name, value, "--var")?;
    }
    let wants_key = file.vars.missing_secrets().any(|name| name == ADMIN_KEY_VAR);
    if wants_key && let Some(key) = admin_key(arguments.admin_key_file.as_deref())? {
        set(file, ADMIN_KEY_VAR, &key, "--admin-key-file")?;
    }
    let missing: Vec<&str> = file.vars.missing_secrets().collect();
    match missing.first() {
        None => Ok(()),
        Some(first) => {
            let error = anyhow!("the target file wants the secret `{}`", missing.join("`, `"));
            let first = *first;
            if first == ADMIN_KEY_VAR {
                return Err(Stop::invalid(error).hint(admin_key_hint()));
            }
            Err(Stop::invalid(error).hint(format!(
                "{VAR_PREFIX}{first} in the environment, --var-file FILE with `{first}=…`, or --var"
            )))
        }
    }
}

fn set(file: &mut TargetFile, name: &str, text: &str, place: &str) -> Result<(), Stop> {
    if file.vars.set(name, text).is_ok() {
        return Ok(());
    }
    let stop = Stop::invalid(anyhow!("{place}: the target file has no variable `{name}`"));
    let near = nearest(name, file.vars.names()).map(|near| format!("did you mean `{near}`?"));
    let all: Vec<&str> = file.vars.names().collect();
    Err(match (near, all.is_empty()) {
        (Some(near), _) => stop.hint(near),
        (None, true) => stop.hint("it has none: variables stand in `[vars]`, secrets in `secrets`"),
        (None, false) => stop.hint(format!("it has {}", all.join(", "))),
    })
}
