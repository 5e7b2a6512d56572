//! How long the widgets of a property kept what they promise.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::app::App;
use super::problem::Problem;
use super::query::Query;
use super::reply::with_type;
use super::request::{Admin, Span};
use crate::coverage::{CoverageError, coverage_of};
use lamplighter_core::model::{Instant, Millis};
use lamplighter_coverage::json;

/// Without `from` the figures are of so much time.
const SPAN_DEFAULT: Millis = Millis(28 * DAY.0);
/// They are of so much time at most.
const SPAN_MAX: Millis = Millis(366 * DAY.0);
const DAY: Millis = Millis(86_400_000);
/// They may take so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the widgets of a property kept what they promise: classes of time, hours of the week, gaps
#[utoipa::path(get, path = "/v1/coverage/{property}", tag = "admin", security(("admin_key" = [])),
    params(("property" = String, Path),
        ("from" = Option<String>, Query,
            description = "The first instant; 28 days before the end where it is left out"),
        ("to" = Option<String>, Query,
            description = "The first instant behind the end; now where it is left out or is to come")),
    responses((status = 200,
            description = "As `lamplighter coverage --json` writes it (docs/coverage.schema.json), by \
                the members and hours that are set now; it begins no earlier than the journal",
            body = BTreeMap<String, serde_json::Value>),
        (status = 404, description = "There is no such property, or nothing is recorded yet"),
        (status = 422, description = "No instant, or more than 366 days")))]
pub async fn coverage(
    _: Admin,
    State(app): State<Arc<App>>,
    Path(property): Path<String>,
    Query(span): Query<Span>,
) -> Result<Response, Problem> {
    let (from, to) = span.instants()?;
    let busy = "so many of these are being reckoned already as may be at once";
    let permit = Arc::clone(&app.coverages).try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable(busy, 2))?;
    // What was answered before is committed, and whatever comes later happens no earlier than now.
    let asked = app.core.call(move |state| Ok((state.apart(&property)?, state.now()))).await;
    let (property, now) = asked?;
    let span = bounded(from, to, now)?;
    let reckoned = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let coverage = coverage_of(property, &*app.reader, span, PATIENCE)?;
        let mut text = Vec::new();
        json::write(&mut text, &coverage).expect("memory takes everything");
        Ok::<_, CoverageError>(text)
    });
    let text = reckoned.await.map_err(|error| failed(&error))??;
    Ok(with_type(StatusCode::OK, "application/json", text))
}

/// From when until when, as it may be asked for.
fn bounded(
    from: Option<Instant>,
    to: Option<Instant>,
    now: Instant,
) -> Result<(Instant, Instant), Problem> {
    let to = to.map_or(now, |to| to.min(now));
    let default = || Instant::from_millis(to.as_millis() - SPAN_DEFAULT.0 as i64);
    let from = from.or_else(default).unwrap_or(Instant::MIN);
    if from >= to {
        return Err(Problem::field("from", format!("{from} is not before the end, {to}")));
    }
    match to.since(from) > SPAN_MAX {
        true => Err(Problem::field("from", format!("{from} is more than 366 days before {to}"))),
        false => Ok((from, to)),
    }
}

fn failed(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "cannot reckon coverage");
    Problem::unavailable("the journal cannot be read now", 2)
}

impl From<CoverageError> for Problem {
    fn from(error: CoverageError) -> Self {
        match error {
            CoverageError::NothingRecorded { .. } => Self::not_found(error.to_string()),
            CoverageError::TooLong { .. } => Self::unavailable(error.to_string(), 3_600),
            CoverageError::Store(_) | CoverageError::Unfit(_) => failed(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_ends_now_at_the_latest_and_is_bounded() {
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let now = at("2026-03-09T16:00:00Z");
        let span = |from: Option<&str>, to: Option<&str>| {
            bounded(from.map(at), to.map(at), now).map(|(from, to)| format!("{from} {to}"))
        };
        let four_weeks = "2026-02-09T16:00:00Z 2026-03-09T16:00:00Z";
        assert_eq!(span(None, None).as_deref(), Ok(four_weeks));
        assert_eq!(span(None, Some("2031-01-01T00:00:00Z")).as_deref(), Ok(four_weeks));
        let year = span(Some("2025-03-08T16:00:00Z"), None);
        assert_eq!(year.as_deref(), Ok("2025-03-08T16:00:00Z 2026-03-09T16:00:00Z"));
        for (from, to) in [
            ("2025-03-08T15:59:59Z", None),
            ("2026-03-09T16:00:00Z", None),
            ("2026-03-01T00:00:00Z", Some("2026-03-01T00:00:00Z")),
        ] {
            let problem = span(Some(from), to).expect_err("it cannot be");
            assert_eq!((problem.status, problem.field.as_deref()), (422, Some("from")), "{from}");
        }
    }
}
