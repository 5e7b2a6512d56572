//! JUnit XML: a case for each gate, and one for each class of wrong answers.

use std::io::Write;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::outages::OutageTold;
use super::{evidence, warnings};
use lamplighter_load::figures::counted;
use lamplighter_load::result::{Class, LoadResult};

/// Writes the report. Warnings are the output of its suites.
///
/// # Errors
/// When `out` does not take it.
pub fn junit(out: &mut dyn Write, result: &LoadResult) -> Result<(), SerializeError> {
    let mut report = Report::new("lamplighter load");
    report.set_time(Duration::from_millis(result.about.lasted_ms));
    let mut gates = TestSuite::new("gates");
    for verdict in &result.gates {
        let status = match verdict.passed {
            true => TestCaseStatus::success(),
            false => failure("gate", format!("{}: {}", verdict.gate, verdict.value)),
        };
        let mut case = TestCase::new(verdict.gate.as_str(), status);
        case.set_classname("load.gates");
        case.set_system_out(verdict.value.as_str());
        gates.add_test_case(case);
    }
    let mut told = warnings(result);
    for OutageTold { when, what, after, .. } in super::outages::told(result) {
        told.push(format!("outage of the target {when}: {what}; {}", after.join("; ")));
    }
    if !told.is_empty() {
        gates.set_system_err(told.join("\n"));
    }
    let mut answers = TestSuite::new("answers");
    for class in Class::ALL {
        let count = result.judged.wrong.get(&class).copied().unwrap_or(0);
        let status = match count {
            0 => TestCaseStatus::success(),
            _ => {
                let mut status = failure("wrong answer", counted(count, "wrong answer"));
                status.set_description(evidence_of(class, result));
                status
            }
        };
        let mut case = TestCase::new(format!("no answer is {class}"), status);
        case.set_classname("load.answers");
        answers.add_test_case(case);
    }
    report.add_test_suites([gates, answers]);
    report.serialize(out)
}

fn failure(kind: &str, message: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(message).set_type(kind);
    status
}

fn evidence_of(class: Class, result: &LoadResult) -> String {
    let mut bytes = Vec::new();
    let mut plain = anstream::StripStream::new(&mut bytes);
    for found in result.judged.evidence.iter().filter(|found| found.class == class) {
        evidence::write(&mut plain, found).expect("a vector takes everything");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
