//! What an answer means for a step: done, refused, gone, or nobody knows (rules T1 to T6, T10 of target
//! files). No input and no output: a step, an answer, an outcome.

use thiserror::Error;

use super::answer::Answer;
use super::condition::Condition;
use super::response_error::ResponseError;
use super::step::{Method, Step};
use super::template::{KeptValues, Names, RenderError};

/// The conditions that hold of every step: `[http]`.
#[derive(Clone, Debug)]
pub struct CommonConditions {
    /// That a call is done; with a 2xx where the condition names no status (rule T1).
    pub done: Condition,
    /// That a call was refused: it has not happened.
    pub refused: Condition,
    /// That the session of the caller is over.
    pub gone: Condition,
}

impl Default for CommonConditions {
    /// Any 2xx is done, what clients did wrong is refused, nothing is gone (T3).
    fn default() -> Self {
        Self {
            done: Condition::always(),
            refused: Condition::of_statuses(&[400, 403, 404, 405, 409, 410, 422, 429]),
            gone: Condition::never(),
        }
    }
}

/// What became of a step.
#[derive(Clone, PartialEq, Debug)]
pub enum StepOutcome {
    /// It has happened; with what was kept of the answer.
    Done(KeptValues),
    /// It has not happened.
    Refused,
    /// The caller's session is over.
    Gone,
    /// It may have happened or not; of a read: nothing was read.
    Unknown(IndeterminateCause),
}

/// Why nobody knows.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum IndeterminateCause {
    /// No answer arrived whole.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// The answer meets no condition.
    #[error("the answer {status} is neither done, refused nor gone")]
    Unmatched {
        /// The HTTP status of the answer.
        status: u16,
    },
    /// It is done, and lacks what must be kept.
    #[error("the answer has no `{name}` to keep (by `{by}`{})", if *is_json { "" } else { ": it is no JSON" })]
    NotFound {
        /// The name that was to be kept.
        name: String,
        /// The kind of place in which it was looked for, such as `json` or `header`.
        by: &'static str,
        /// Whether the body is JSON, where JSON was asked for.
        is_json: bool,
    },
    /// The adapter does not know either, did not answer in time, or has ended.
    #[error("{why}")]
    Adapter {
        /// In its words, or in ours.
        why: String,
    },
    /// It was refused when something before it in its list had been done (T5).
    #[error("refused, when a step before it was done")]
    HalfDone,
}

/// What an answer means for a step.
///
/// `cookie` looks into the caller's jar, once the answer's cookies are in it.
///
/// # Errors
/// When a template in a condition, or behind an `else`, gives no value.
pub fn judge(
    step: &Step,
    general: &CommonConditions,
    answer: Result<&Answer, &ResponseError>,
    cookie: &dyn Fn(&str) -> Option<String>,
    names: &mut Names<'_>,
) -> Result<StepOutcome, RenderError> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(broken) => {
            return Ok(StepOutcome::Unknown(IndeterminateCause::Response(broken.clone())));
        }
    };
    let mut names = names.of_step_that_keeps(step.keeps());
    let of_step = |condition: &Option<Condition>, needs_2xx, names: &mut Names<'_>| {
        condition.as_ref().map_or(Ok(false), |one| one.holds(answer, needs_2xx, names))
    };
    if of_step(&step.done, true, &mut names)? {
        return keep(step, answer, cookie, &mut names);
    }
    if of_step(&step.gone, false, &mut names)? {
        return Ok(StepOutcome::Gone);
    }
    if of_step(&step.refused, false, &mut names)? {
        return Ok(StepOutcome::Refused);
    }
    if general.gone.holds(answer, false, &mut names)? {
        return Ok(StepOutcome::Gone);
    }
    if general.refused.holds(answer, false, &mut names)? {
        return Ok(StepOutcome::Refused);
    }
    if step.done.is_none() && general.done.holds(answer, true, &mut names)? {
        return keep(step, answer, cookie, &mut names);
    }
    Ok(match step.done.is_some() && answer.status() < 500 {
        true => StepOutcome::Refused,
        false => StepOutcome::Unknown(IndeterminateCause::Unmatched { status: answer.status() }),
    })
}

fn keep(
    step: &Step,
    answer: &Answer,
    cookie: &dyn Fn(&str) -> Option<String>,
    names: &mut Names<'_>,
) -> Result<StepOutcome, RenderError> {
    let mut kept = KeptValues::new();
    for keep in &step.keep {
        let value = match (keep.from.find(answer, cookie), &keep.otherwise) {
            (Some(value), _) => value,
            (None, Some(otherwise)) => otherwise.value(names)?,
            (None, None) => {
                let by = keep.from.word();
                let is_json = by != "json" || answer.json().is_some();
                let name = keep.name.clone();
                return Ok(StepOutcome::Unknown(IndeterminateCause::NotFound {
                    name,
                    by,
                    is_json,
                }));
            }
        };
        kept.put(&keep.name, value);
    }
    Ok(StepOutcome::Done(kept))
}

impl StepOutcome {
    /// The same for a list of steps that stopped at this one: who was refused when something had been
    /// done before may have got half of what was asked for (T5).
    #[must_use]
    pub fn behind(self, before: &[&Step]) -> Self {
        let has_written = before.iter().any(|step| step.method != Method::Get);
        match self {
            Self::Refused if has_written => Self::Unknown(IndeterminateCause::HalfDone),
            outcome => outcome,
        }
    }
}
