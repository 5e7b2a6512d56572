//! The gates of a run: as asked for, and as held.

use anyhow::anyhow;

use super::arguments::GateArguments;
use crate::cli::exit::Stop;
use crate::cli::files;
use lamplighter_load::gates::Gate;

/// The gates of a run: those of the command line, those of files, and before them those that every
/// run has, unless one of the former is on the same.
pub fn held(arguments: &GateArguments, no_default: bool) -> Result<Vec<Gate>, Stop> {
    let asked = asked(arguments)?;
    let mut gates = vec![Gate::nothing_wrong()];
    if !no_default {
        gates.extend(Gate::defaults());
    }
    gates.retain(|default| !asked.iter().any(|gate| gate.is_on_the_same(default)));
    gates.extend(asked);
    Ok(gates)
}

/// The gates that were asked for, each once.
pub fn asked(arguments: &GateArguments) -> Result<Vec<Gate>, Stop> {
    let mut gates: Vec<Gate> = Vec::new();
    let mut take = |gate: Gate| {
        if !gates.contains(&gate) {
            gates.push(gate);
        }
    };
    arguments.fail_if.iter().cloned().for_each(&mut take);
    for path in &arguments.gates {
        let bytes = files::read(path)?;
        let of_file = std::str::from_utf8(&bytes)
            .map_err(|_| Stop::invalid(anyhow!("{} is not UTF-8", path.display())))?;
        let of_file = Gate::parse_file(of_file)
            .map_err(|error| Stop::invalid(anyhow!("{}:{error}", path.display())))?;
        of_file.into_iter().for_each(&mut take);
    }
    Ok(gates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates_of(fail_if: &[&str], no_default: bool) -> Vec<String> {
        let fail_if = fail_if.iter().map(|gate| Gate::parse(gate).expect("a gate")).collect();
        let arguments = GateArguments { fail_if, gates: Vec::new() };
        let all = held(&arguments, no_default).expect("no file is read");
        all.iter().map(Gate::to_string).collect()
    }

    #[test]
    fn a_gate_of_ones_own_takes_the_place_of_that_of_every_run_on_the_same() {
        assert_eq!(gates_of(&[], false), ["wrong > 0", "errors > 1%", "rate < 95%"]);
        assert_eq!(gates_of(&[], true), ["wrong > 0"]);
        let own = ["errors > 20", "p99(widget) > 1s", "wrong > 3"];
        assert_eq!(gates_of(&own, false), [&["rate < 95%"], &own[..]].concat());
        assert_eq!(gates_of(&["errors(login) > 9%"], false).len(), 4);
    }
}
