//! A line of the list of all wrong answers.

use lamplighter_load::judge::WrongAnswer;

/// The columns: when (an instant, and microseconds of the run), in which way, what (in the plan, and on
/// the service) and who, by which request, what was said and what could have been, why, and the number
/// of the evidence of its kind.
pub const NAMES: [&str; 11] = [
    "at",
    "run_us",
    "class",
    "about",
    "on_service",
    "visitor",
    "request_id",
    "answered",
    "admissible",
    "why",
    "evidence",
];

/// A wrong answer as a row under those.
pub fn row(wrong: &WrongAnswer) -> [String; NAMES.len()] {
    [
        wrong.at.clone(),
        wrong.answered_us.to_string(),
        wrong.class.to_string(),
        wrong.about.clone(),
        wrong.there.clone().unwrap_or_default(),
        wrong.who.clone(),
        wrong.request_id.clone().unwrap_or_default(),
        wrong.answered.clone(),
        wrong.admissible.join("; or "),
        wrong.why.clone(),
        wrong.evidence.map(|number| number.to_string()).unwrap_or_default(),
    ]
}
