//! How a load test ends.

use crate::cli::exit::Exit;
use lamplighter_load::result::LoadResult;

/// How a run ends that all gates have been held against. One that was cut off says nothing of the
/// whole; and one that passes is no success where the target could not be looked at or cleaned up at
/// its end.
pub fn exit(result: &LoadResult) -> Exit {
    let passes = result.gates.iter().all(|verdict| verdict.passed);
    match (result.about.interrupted, passes, result.unfinished.is_empty()) {
        (true, _, _) | (false, true, false) => Exit::MachineFailed,
        (false, false, _) => Exit::Failed,
        (false, true, true) => Exit::AllWell,
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::report::load::html;
    use lamplighter_load::gates::Gate;
    use lamplighter_load::sample::Sample;

    #[test]
    fn how_a_run_ends_is_what_its_exit_code_says() {
        let end = |is_good: bool, unfinished: &[&str], interrupted: bool| {
            let mut result = Sample::default().whole();
            let gate = if is_good { "wrong > 0" } else { "p99(widget) > 1us" };
            result.gates = vec![Gate::parse(gate).expect("a gate").verdict(&result)];
            result.unfinished = unfinished.iter().map(|line| (*line).to_owned()).collect();
            result.about.interrupted = interrupted;
            let mut page = Vec::new();
            html::page(&mut page, &result).expect("a page");
            let page = String::from_utf8(page).expect("UTF-8");
            let has_passed = page.contains("<title>Passed ");
            assert_eq!(has_passed, exit(&result) == Exit::AllWell, "what the page says");
            exit(&result)
        };
        let left = ["8 properties could not be taken away"];
        assert_eq!(end(true, &[], false), Exit::AllWell);
        assert_eq!(end(false, &[], false), Exit::Failed);
        assert_eq!(end(false, &left, false), Exit::Failed);
        assert_eq!(end(true, &left, false), Exit::MachineFailed);
        assert_eq!(end(true, &[], true), Exit::MachineFailed);
        assert_eq!(end(false, &[], true), Exit::MachineFailed);
    }
}
