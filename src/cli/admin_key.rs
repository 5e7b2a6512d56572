//! The key of a service, from a file or the environment.

use std::path::Path;

use anyhow::{Context, Error, anyhow};

use super::exit::Stop;

/// The environment variable that an admin key may stand in.
pub const ADMIN_KEY: &str = "LAMPLIGHTER_ADMIN_KEY";

/// Where a client that needs an admin key takes it from.
#[cfg(feature = "target")]
pub fn admin_key_hint() -> String {
    format!("--admin-key-file FILE, or {ADMIN_KEY} in the environment")
}

/// A key with its name, as a line `NAME: KEY` has it; a key alone has none.
pub struct NamedKey {
    pub name: Option<String>,
    pub key: String,
}

/// The admin key from the file or the environment, for a client; the first one of several.
#[cfg(feature = "target")]
pub fn admin_key(file: Option<&Path>) -> Result<Option<String>, Stop> {
    Ok(admin_keys(file)?.into_iter().next().map(|named| named.key))
}

/// All admin keys from the file or the environment, a line each.
pub fn admin_keys(file: Option<&Path>) -> Result<Vec<NamedKey>, Stop> {
    let text = match file {
        Some(path) => {
            let read = std::fs::read_to_string(path);
            let read = read.with_context(|| format!("cannot read {}", path.display()));
            Some(read.map_err(Stop::invalid)?)
        }
        None => std::env::var(ADMIN_KEY).ok(),
    };
    let Some(text) = text else { return Ok(Vec::new()) };
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys: Vec<NamedKey> = lines.map(named_key).collect();
    if keys.is_empty() {
        let error: Error = anyhow!("there is no admin key");
        return Err(Stop::invalid(error).hint("write a key, or lines `NAME: KEY`"));
    }
    for (place, NamedKey { name, key }) in keys.iter().enumerate() {
        if name.as_deref() == Some("") {
            let error: Error = anyhow!("an admin key has an empty name");
            return Err(Stop::invalid(error).hint("write a key, or a line `NAME: KEY`"));
        }
        if key.len() < 16 {
            let error: Error = anyhow!("the admin key{} is too short", of(name.as_deref()));
            return Err(Stop::invalid(error).hint("it needs 16 characters or more"));
        }
        if keys[..place].iter().any(|other| other.name == *name) {
            let error: Error = anyhow!("there are two admin keys{}", of(name.as_deref()));
            return Err(Stop::invalid(error).hint("give each a name of its own: `NAME: KEY`"));
        }
        if let Some(other) = keys[..place].iter().find(|other| other.key == *key) {
            let (one, other) = (of(other.name.as_deref()), of(name.as_deref()));
            let error: Error = anyhow!("the admin keys{one} and{other} are the same");
            let hint = "nobody could tell who wrote with it: give each a key of its own";
            return Err(Stop::invalid(error).hint(hint));
        }
    }
    Ok(keys)
}

fn of(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!(" of `{name}`"))
}

fn named_key(line: &str) -> NamedKey {
    match line.split_once(": ") {
        Some((name, key)) => {
            NamedKey { name: Some(name.trim().to_owned()), key: key.trim().to_owned() }
        }
        None => NamedKey { name: None, key: line.to_owned() },
    }
}
