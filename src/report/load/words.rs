//! What each number of a report means, in a sentence for whoever reads it.

use lamplighter_load::judge::CoverageGoal;

/// How many there were.
pub const COUNT: &str = "How many were measured.";
pub const RATE: &str = "Visitors who were sent, a second; the plan asks for its rate whatever the target \
     does.";
pub const READS: &str = "Answers to visitors that were held against the rules and the history of what was \
     written.";
pub const WIDGET_P50: &str = "Half of the visitors had their answer within this, counted from the instant at which \
     the plan has them.";
pub const WIDGET_P99: &str = "99 visitors of 100 had their answer within this, counted from the instant at which \
     the plan has them.";
pub const WIDGET_P999: &str = "999 visitors of 1,000 had their answer within this, counted from the instant at \
     which the plan has them.";
pub const PROPAGATION_PUSH: &str = "From the sending of a write that changes what a widget shows to the event on a \
     stream that shows it.";
pub const PROPAGATION_POLL: &str = "From the sending of such a write to the answer of the first read that shows it, the \
     wait for that read included.";
pub const EDGES_PUSH: &str = "From the instant of a scheduler's edge, or of the end of a grace, to the event on a \
     stream that shows it.";
pub const EDGES_POLL: &str = "From that instant to the answer of the first read that shows it, the wait for that \
     read included.";
pub const SERVICE: &str =
    "The same calls, counted from the first byte sent: without what they waited before.";
pub const ERRORS: &str = "Calls that were not answered as they should be, by what went wrong, and their share \
     of that operation.";
pub const DECISIVE: &str =
    "Reads for which one answer only could be right; in all others something can hide.";
pub const PUSHES: &str = "Events on streams that were judged.";
pub const TEAMS: &str = "Statuses of team-mates, looked at and pushed, that were judged (rule P4).";
pub const MESSAGES: &str = "Messages that the target said it has, all of which were looked for in the end (rule \
     C2).";
pub const EDGES: &str = "How often hours began or ended so that a widget had to show something else (rules \
     S2, W1).";
pub const GRACES: &str = "How often the end of a grace changed what a widget had to show, counted for each \
     widget (rule P7).";
pub const WITHIN_ENOUGH: &str = "With this for --within nothing by the clock would have been early or late; none \
     where no promise is enough.";
pub const JUDGING: &str = "The judge's part of the processor time that the generator took.";
pub const BEGAN: &str = "The first instant of the run, on the target's clock.";
pub const LASTED: &str = "How long the run was; of how much, where it was ended early.";
pub const WORLD: &str =
    "What was played here: properties, their widgets, and agents on their devices.";
pub const WITHIN: &str =
    "What was promised (--within): edges, ends of graces and pushes show so soon.";
pub const GRACE: &str = "How long a device that lost its connection keeps its status (rule P7).";
pub const CLOCK: &str = "How far the target's clock is from the generator's, and how uncertain that is; the \
     judge tolerates as much.";
pub const PRODUCT: &str = "Whose calls were made.";
pub const PART: &str = "Which parts of the plan are in here (--shard); 1/1 is all of it.";
pub const PLAN: &str = "The fingerprint of the plan: parts of one run have the same.";
pub const ARGUMENTS: &str = "The arguments that give this plan again.";
pub const LAMPLIGHTER: &str = "The release that ran it.";
pub const GENERATOR: &str = "What the generator itself took, the judge included.";
pub const LATE: &str = "How late visitors were sent: what the generator adds, and what waiting for a free \
     connection does.";
pub const GENERATOR_LATE: &str =
    "How late the generator itself woke up, which is none of the target's doing.";

/// What an operation is.
pub fn operation(name: &str) -> &'static str {
    match name {
        "widget" => {
            "A visitor's read of a widget, from the instant at which the plan has it \
             to its answer."
        }

        "events" => {
            "An event stream opens, from the instant at which the plan has it to the \
             head of its answer."
        }

        "message" => {
            "A visitor leaves a message, from the instant at which the plan has it \
             to its answer."
        }

        "login" => {
            "A device logs in (rule P1), from the instant at which the plan has it to \
             its answer."
        }

        "status" => {
            "A status is set (rule P2), from the instant at which the plan has it to \
             its answer."
        }

        "logout" => {
            "A device logs out, or all (rule P3), from the instant at which the plan \
             has it to its answer."
        }

        "connect" => {
            "A device's socket opens (rule P7), from the instant at which the plan \
             has it to its handshake."
        }

        "team" => {
            "An agent looks at a team (rule P4), from the instant at which the plan has \
             it to its answer."
        }
        _ => "Calls of this name, from the instant at which the plan has them to their answers.",
    }
}

/// What a coverage goal is, by its name in a result; a result of another release may have others.
pub fn coverage_goal(name: &str) -> &'static str {
    CoverageGoal::named(name).map_or("A race that the run has met.", CoverageGoal::means)
}
