//! Runs this program again under callgrind. Only what happens within [`counted`] is collected, and
//! each time [`profiled`] ends callgrind writes a profile: the first one is that of the first piece
//! of work, and so on.

use std::path::Path;
use std::process::Command;

/// With it the program does the work and nothing else.
pub const FLAG: &str = "--work";
/// The names by which callgrind finds the two functions. They are two because it takes one option
/// for a function, and a pattern with one star at either end.
const PROFILED: &str = "*callgrind::profiled*";
const COUNTED: &str = "*callgrind::counted*";

/// Does something that is counted, after saying its name.
pub fn work<T>(name: &str, mut run: impl FnMut() -> T) {
    println!("{name}");
    let mut result = None;
    profiled(&mut || result = Some(run()));
    // Results are dropped, and seen, outside of what is counted.
    drop(std::hint::black_box(result));
}

#[inline(never)]
fn profiled(run: &mut dyn FnMut()) {
    counted(run);
    std::hint::black_box(run);
}

#[inline(never)]
fn counted(run: &mut dyn FnMut()) {
    run();
    // Without anything after it the call would become a jump, and callgrind would not see the end.
    std::hint::black_box(run);
}

/// The instructions of every piece of work, by its name.
pub fn count() -> Result<Vec<(String, u64)>, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("callgrind");
    // Profiles of the run before would be taken for those of this one.
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let profile = folder.join("profile");
    let program = std::env::current_exe().expect("this program");
    let output = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!("--dump-after={PROFILED}"))
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .arg(FLAG)
        .output()
        .map_err(|error| {
            format!(
                "cannot run valgrind ({error})\nhint: install it, for example with \
                 `apt-get install valgrind` or `dnf install valgrind`"
            )
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("valgrind failed ({}):\n{said}", output.status));
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = |(number, name): (usize, &str)| {
        let path = folder.join(format!("profile.{number}"));
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("no profile of `{name}` in {}: {error}", path.display()))?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        let total = total.and_then(|total| total.trim().parse().ok());
        Ok((name.to_owned(), total.ok_or(format!("no total in {}", path.display()))?))
    };
    (1..).zip(names.lines()).map(count).collect()
}
