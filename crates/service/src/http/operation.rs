//! Whether the service is there, and how it is.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::problem::Problem;
use super::reply::with_type;

/// Whether the process is there
#[utoipa::path(get, path = "/healthz", tag = "operation",
    responses((status = 200, description = "It is", body = String, content_type = "text/plain")))]
pub async fn healthz() -> Response {
    with_type(StatusCode::OK, "text/plain", "ok\n")
}

/// How long the core may take to say that it is there.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// What is wrong with the volume of the store, if anything: a full one is no reason to send visitors
/// elsewhere, whose reads go on, but somebody has to know.
async fn look_at_volume(app: &App) -> Option<String> {
    let volume = Arc::clone(&app.volume);
    // Whoever asks is not told of a look that has panicked.
    tokio::task::spawn_blocking(move || volume.look()).await.ok().flatten()
}

/// Whether it has recovered, and the core works on calls
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, description = "It does: `ready`, and in a second line whether the store is \
            nearly full", body = String, content_type = "text/plain"),
        (status = 503, description = "It is starting or stopping, its core does not answer, or the clock has jumped")))]
pub async fn readyz(State(app): State<Arc<App>>) -> Response {
    if app.is_stopping() {
        return Problem::unavailable("the service is stopping", 5).into_response();
    }
    if let Some(why) = app.shared.clock.why_no_writes() {
        return Problem::unavailable(why, 30).into_response();
    }
    match tokio::time::timeout(READY_WITHIN, app.core.call(|_| Ok(()))).await {
        Ok(Ok(())) => {
            let but = look_at_volume(&app).await.map_or(String::new(), |but| but + "\n");
            with_type(StatusCode::OK, "text/plain", format!("ready\n{but}"))
        }
        Ok(Err(why)) => Problem::from(why).into_response(),
        Err(_) => Problem::unavailable(
            format!("the core has not answered for {} s", READY_WITHIN.as_secs()),
            5,
        )
        .into_response(),
    }
}

/// What it counts and measures, for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "OpenMetrics", body = String,
        content_type = "application/openmetrics-text"),
        (status = 404, description = "They are on an address of their own (`--metrics-listen`)")))]
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    match app.tells_metrics {
        true => exposition(&app).await,
        false => Problem::not_found("the metrics are on an address of their own").into_response(),
    }
}

/// The calls of this file alone, as an address of their own has them.
pub async fn operation_alone(app: Arc<App>, uri: &Uri) -> Response {
    match uri.path() {
        "/metrics" => exposition(&app).await,
        "/healthz" => healthz().await,
        "/readyz" => readyz(State(app)).await,
        _ => Problem::not_found("here are /metrics, /healthz and /readyz").into_response(),
    }
}

async fn exposition(app: &App) -> Response {
    look_at_volume(app).await;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    with_type(StatusCode::OK, content_type, app.shared.metrics.text())
}
