//! What stands around the program: the image, the action for workflows, and CI.

use std::path::Path;
use std::process::Command;

const DOCKERFILE: &str = include_str!("../../Dockerfile");
const ACTION: &str = include_str!("../../action.yml");
const WORKFLOW: &str = include_str!("../../.github/workflows/ci.yml");

/// What stands behind these words on their line.
fn behind<'a>(text: &'a str, words: &str) -> Vec<&'a str> {
    let rests = text.lines().filter_map(|line| Some(line.split_once(words)?.1.trim()));
    rests.collect()
}

#[test]
fn the_image_is_built_by_the_oldest_rust_that_will_do() {
    let manifest = include_str!("../../Cargo.toml");
    let oldest = behind(manifest, "rust-version = ")[0].trim_matches('"');
    assert_eq!(behind(DOCKERFILE, "FROM rust:"), [format!("{oldest}-slim-bookworm AS build")]);
    // The workflow reads it there.
    assert!(WORKFLOW.contains("rust-version"));
}

#[test]
fn the_image_runs_as_a_user_that_the_kubernetes_job_knows() {
    let user = behind(DOCKERFILE, "USER ")[0].split(':').next().expect("a number");
    assert_ne!(user.parse::<u32>().expect("a number"), 0);
    let job = include_str!("../../docs/kubernetes/job.yaml");
    let contexts = behind(job, "securityContext: ");
    assert_eq!(contexts.len(), job.matches("image: ").count());
    for context in contexts {
        for key in ["runAsUser", "runAsGroup", "fsGroup"] {
            assert!(context.contains(&format!("{key}: {user}")), "{context}");
        }
    }
}

/// The options that a text gives to `lamplighter load` or `load gather`, the longest names first.
#[cfg(feature = "load")]
fn options_of(text: &str) -> std::collections::BTreeSet<&str> {
    let is_of_a_name = |c: char| c.is_ascii_lowercase() || c == '-';
    let lines = text.lines().filter(|line| !line.trim_start().starts_with(['#', '/']));
    let parts = lines.flat_map(|line| line.split("--").skip(1));
    let names = parts.map(|part| part.split(|c| !is_of_a_name(c)).next().unwrap_or_default());
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())).collect()
}

#[test]
#[cfg(feature = "load")]
fn schedulers_are_given_options_that_there_are() {
    let help = |words: &[&str]| {
        let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter")).args(words).output();
        String::from_utf8(ran.expect("runs").stdout).expect("UTF-8")
    };
    let helps = [help(&["load", "--help"]), help(&["load", "gather", "--help"])].concat();
    for (name, text) in [
        ("kubernetes/job.yaml", include_str!("../../docs/kubernetes/job.yaml")),
        ("nomad.hcl", include_str!("../../docs/nomad.hcl")),
        ("slurm.sh", include_str!("../../docs/slurm.sh")),
    ] {
        let options = options_of(text);
        assert!(options.len() >= 8, "{name}: {options:?}");
        for option in options {
            assert!(helps.contains(&format!("--{option} ")), "{name}: there is no --{option}");
        }
    }
    assert_eq!(options_of("x --parts=4 \"--seed\", # no --other").len(), 3);
}

#[test]
fn the_workflow_runs_what_a_person_runs() {
    assert!(behind(WORKFLOW, "- run: ").contains(&".ci/run"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for script in std::fs::read_dir(root.join(".ci")).expect("scripts").flatten() {
        let text = std::fs::read_to_string(script.path()).expect("a script");
        assert!(text.starts_with("#!/usr/bin/env bash\n"), "{}", script.path().display());
    }
}

/// The shell script of a step of the action.
fn script(step: &str) -> String {
    let (_, rest) = ACTION.split_once(&format!("- name: {step}\n")).expect("the step");
    let (_, rest) = rest.split_once("run: |\n").expect("a script");
    let lines = rest.lines().take_while(|line| line.starts_with("        "));
    lines.map(|line| &line[8..]).collect::<Vec<_>>().join("\n")
}

/// Runs the action on scenarios; its code, what it prints and what it hands on.
fn run_action(name: &str, paths: &str, junit: &str) -> (Option<i32>, String, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let program = folder.join("bin/lamplighter");
    std::fs::create_dir_all(folder.join("bin")).expect("a folder");
    drop(std::fs::remove_file(&program));
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lamplighter"), &program).expect("a link");
    let output = folder.join("output");
    drop(std::fs::remove_file(&output));
    // As a runner calls it.
    let ran = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script("Run the scenarios")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .envs([("FOLDER", folder.as_os_str()), ("GITHUB_OUTPUT", output.as_os_str())])
        .envs([("PATHS", paths), ("JUNIT", junit), ("HTML", "")])
        .env("GITHUB_WORKSPACE", env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("bash");
    let out = String::from_utf8(ran.stdout).expect("UTF-8");
    (ran.status.code(), out, std::fs::read_to_string(output).expect("what it hands on"))
}

#[test]
fn the_action_annotates_what_is_false_and_hands_on_how_it_ended() {
    let junit = Path::new(env!("CARGO_TARGET_TMPDIR")).join("action.xml");
    let junit = junit.to_str().expect("a path");
    let paths = "scenarios/content\n\n  \nscenarios/time\n";
    let (code, out, output) = run_action("holds", paths, junit);
    assert_eq!((code, output.as_str()), (Some(0), "passed=true\n"), "{out}");
    assert!(out.contains("0 failed, 0 invalid") && !out.contains("::error"), "{out}");
    assert!(std::fs::read_to_string(junit).expect("a report").contains("<testsuites"));

    let (code, out, output) = run_action("fails", "tests/commands/lunch.scenario", "");
    assert_eq!((code, output.as_str()), (Some(1), "passed=false\n"), "{out}");
    assert!(out.contains("::error file=tests/commands/lunch.scenario,line=23,"), "{out}");
}

#[test]
fn every_input_of_the_action_is_used() {
    let (_, rest) = ACTION.split_once("\ninputs:\n").expect("inputs");
    let (inputs, _) = rest.split_once("\noutputs:\n").expect("outputs");
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names: Vec<&str> =
        inputs.lines().filter(is_name).map(|line| line.trim().trim_end_matches(':')).collect();
    assert_eq!(names, ["paths", "junit", "html"]);
    for name in names {
        assert!(ACTION.contains(&format!("${{{{ inputs.{name} }}}}")), "{name}");
    }
}

/// Of a file in the Executable and Linkable Format what kind it is.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn elf_type() -> u16 {
    let program = std::fs::read(env!("CARGO_BIN_EXE_lamplighter")).expect("the program");
    assert!(program.starts_with(b"\x7fELF"));
    u16::from_ne_bytes([program[16], program[17]])
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn what_reads_from_a_network_has_no_fixed_place_in_memory_and_what_does_not_begins_at_once() {
    const EXECUTABLE: u16 = 2;
    const SHARED_OBJECT: u16 = 3;
    let is_on_a_network = cfg!(any(feature = "target", feature = "serve"));
    assert_eq!(elf_type(), if is_on_a_network { SHARED_OBJECT } else { EXECUTABLE });
}
