//! The service that a command calls: where it is, the key to it, and who is trusted to say so.

use std::path::Path;

use anyhow::{Context, anyhow};

use super::admin_key::{admin_key, admin_key_hint};
use super::exit::Stop;
use lamplighter_target::{Host, HostError, Trust};

/// How the address of a service is written.
pub const HOST_EXAMPLE: &str = "for example --host http://127.0.0.1:8080";
/// What to look at where a service does not answer.
pub const IS_IT_RUNNING: &str = "is it running, and can it be reached from here?";

/// `--host`, `--admin-key-file` and `--ca-file` as typed into a service to be called.
pub fn target(
    address: &str,
    admin_key_file: Option<&Path>,
    ca_file: Option<&Path>,
) -> Result<Host, Stop> {
    let Some(key) = admin_key(admin_key_file)? else {
        let error = anyhow!("--host needs the admin key of the service");
        return Err(Stop::invalid(error).hint(admin_key_hint()));
    };
    let trust = ca_file.map_or(Ok(Trust::Machine), trust)?;
    let host = Host::new(address, &key, &trust).map_err(cannot_call)?;
    match ca_file {
        // Whoever names an authority expects that the key goes nowhere else.
        Some(_) if !host.is_secure() => {
            let error = anyhow!("--ca-file goes with https, and {} is not", host.address());
            Err(Stop::invalid(error).hint("write `https://` in front, or leave --ca-file out"))
        }
        _ => Ok(host),
    }
}

/// The authorities of `--cacert` or `--ca-file`.
pub fn trust(file: &Path) -> Result<Trust, Stop> {
    let name = file.display();
    let pem = std::fs::read(file)
        .with_context(|| format!("cannot read {name}"))
        .map_err(Stop::invalid)?;
    Trust::read(&pem).map_err(|why| {
        Stop::invalid(anyhow!("{name} cannot be used: {why}"))
            .hint("it wants certificates of authorities as PEM")
    })
}

/// Why a service cannot be called, whatever is wanted of it.
pub fn cannot_call(error: HostError) -> Stop {
    let hint = match &error {
        HostError::Address { .. } => {
            return Stop::invalid(error.into()).hint(HOST_EXAMPLE);
        }
        HostError::Untrusted { .. } | HostError::NobodyToTrust => {
            "--ca-file FILE names the authorities to trust, as PEM"
        }
        HostError::ShowsAuthority { .. } => {
            "the service needs a certificate of its own: `openssl req -x509` makes one with `-addext \
             basicConstraints=critical,CA:FALSE`; or let the authority sign one"
        }
        HostError::NoTls { .. } => "does it speak TLS at this port?",
        HostError::Unreachable { .. } => IS_IT_RUNNING,
    };
    Stop::machine(error.into()).hint(hint)
}
