//! What the page asks for: what a text says, what is so at an instant, and the file.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use super::file::{Content, OpenFile, SaveError};
use super::folder::Folder;
use super::guard::{Hosts, guard, refusal};
use super::pages::{self, Start};
use super::says::{PlayRequest, Setting, now, says};
use crate::cli::check::today;
use crate::report::html::Pictures;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;

/// The longest text, in bytes: thirty times the longest of the corpus.
pub const TEXT_BYTES_MAX: usize = 256 * 1_024;
/// A text as JSON: each of its bytes may be written as six.
const BODY_BYTES_MAX: usize = 6 * TEXT_BYTES_MAX + 1_024;
/// How long a text may be played.
const PLAYED_WITHIN: Duration = Duration::from_secs(2);
/// How long it may take to stop what was played for too long, and to get a turn.
const STOPPED_WITHIN: Duration = Duration::from_secs(3);
/// So many texts are played at once; what is typed over is stopped, and makes room.
const AT_ONCE: usize = 2;

/// What is shown, and how.
pub struct App {
    /// The file that was named.
    pub file: Option<OpenFile>,
    /// The line of its row that was named with it.
    pub row: Option<usize>,
    folder: Folder,
    path: PathBuf,
    zones: Arc<Zones>,
    pictures: Pictures,
    turns: Arc<Semaphore>,
}

/// A question of the page's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    text: String,
    row: Option<usize>,
    at_ms: Option<i64>,
    #[serde(default)]
    width: u32,
}

/// A text to save.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Saving {
    text: String,
    version: String,
}

impl App {
    /// Of a file with its folder, or of no file.
    pub fn new(
        file: Option<OpenFile>,
        row: Option<usize>,
        folder: Folder,
        zones: Arc<Zones>,
        pictures: Pictures,
    ) -> Self {
        let path = file.as_ref().map_or(Path::new("pasted.scenario"), OpenFile::path).to_owned();
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        Self { file, row, folder, path, zones, pictures, turns }
    }

    fn setting(&self) -> Setting<'_> {
        Setting {
            zones: &self.zones,
            pictures: &self.pictures,
            folder: &self.folder,
            path: &self.path,
            today: today(),
        }
    }
}

/// Answers until it is to stop.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let hosts = Hosts::of(listener.local_addr()?.port());
    axum::serve(listener, router(app, hosts)).with_graceful_shutdown(stopped).await
}

fn router(app: Arc<App>, hosts: Hosts) -> Router {
    Router::new()
        .route("/api/start", get(start))
        .route("/api/says", post(what_a_text_says))
        .route("/api/now", post(what_is_so))
        .route("/api/file", get(read_file).put(save_file))
        .fallback(asset)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(hosts, guard))
        .with_state(app)
}

/// The page itself, and what belongs to it.
async fn asset(uri: Uri) -> Response {
    match pages::asset(uri.path()) {
        Some((kind, text)) => ([(CONTENT_TYPE, kind)], text).into_response(),
        None => refusal(StatusCode::NOT_FOUND, &format!("there is no {}", uri.path())),
    }
}

async fn start(State(app): State<Arc<App>>) -> Response {
    match app.file.as_ref().map(OpenFile::read).transpose() {
        Ok(file) => Json(Start::of(file, app.row, TEXT_BYTES_MAX)).into_response(),
        Err(why) => refusal(StatusCode::NOT_FOUND, &why),
    }
}

async fn what_a_text_says(
    State(app): State<Arc<App>>,
    question: Result<Json<Question>, JsonRejection>,
) -> Response {
    answered(app, question, |asked, setting, stop| {
        says(asked, setting, stop).map_err(|error| {
            // A mistake in the program, as a panic is.
            format!(
                "{error}: {}",
                std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default()
            )
        })
    })
    .await
}

async fn what_is_so(
    State(app): State<Arc<App>>,
    question: Result<Json<Question>, JsonRejection>,
) -> Response {
    answered(app, question, |asked, setting, stop| Ok(now(asked, setting, stop))).await
}

/// Answers a question by what `work` makes of it.
async fn answered<T: Serialize + Send + 'static>(
    app: Arc<App>,
    question: Result<Json<Question>, JsonRejection>,
    work: fn(&PlayRequest<'_>, &Setting<'_>, &AtomicBool) -> Result<T, String>,
) -> Response {
    let Json(question) = match question {
        Ok(question) => question,
        Err(wrong) => return refusal(wrong.status(), &wrong.body_text()),
    };
    if question.text.len() > TEXT_BYTES_MAX {
        let kib = TEXT_BYTES_MAX / 1_024;
        let detail =
            format!("the text is longer than {kib} KiB: `lamplighter scenario FILE` plays it");
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, &detail);
    }
    let turns = Arc::clone(&app.turns);
    let done = bounded(&turns, move |stop| {
        let asked = PlayRequest {
            text: &question.text,
            row: question.row,
            at: question.at_ms.and_then(Instant::from_millis),
            width: question.width,
        };
        work(&asked, &app.setting(), stop)
    });
    match done.await {
        Ok(Ok(said)) => Json(said).into_response(),
        Ok(Err(mistake)) | Err(Undone::Panicked(mistake)) => refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            &format!(
                "the program made a mistake with this text ({mistake}); nothing is lost, type on. \
                      Please report it with the text"
            ),
        ),
        Err(Undone::TooLong) => refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "the text takes too long to be played here: `lamplighter scenario FILE` plays it whole",
        ),
    }
}

/// Why something was not done.
#[derive(PartialEq, Eq, Debug)]
enum Undone {
    /// It took too long, or what is before it does.
    TooLong,
    /// It panicked, with these words.
    Panicked(String),
}

/// Does something beside all else, in its turn. It is told to stop after a while, and when nobody waits for
/// it any more.
async fn bounded<T: Send + 'static>(
    turns: &Arc<Semaphore>,
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> Result<T, Undone> {
    /// Says so once it is dropped, be it because nobody waits.
    struct Stopping(Arc<AtomicBool>);
    impl Drop for Stopping {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let turn = tokio::time::timeout(STOPPED_WITHIN, Arc::clone(turns).acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return Err(Undone::TooLong) };
    let stopping = Stopping(Arc::new(AtomicBool::new(false)));
    let stop = Arc::clone(&stopping.0);
    let mut task = tokio::task::spawn_blocking(move || {
        let _turn: OwnedSemaphorePermit = turn;
        work(&stop)
    });
    let done = match tokio::time::timeout(PLAYED_WITHIN, &mut task).await {
        Ok(done) => done,
        Err(_) => {
            drop(stopping);
            let ended = tokio::time::timeout(STOPPED_WITHIN, task as JoinHandle<T>).await;
            ended.map_err(|_| Undone::TooLong)?
        }
    };
    done.map_err(|error| {
        let words = error.try_into_panic().ok().map(|panic| {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
        });
        Undone::Panicked(words.unwrap_or_default())
    })
}

async fn read_file(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let Some(file) = &app.file else { return no_file() };
    let content: Content = match file.read() {
        Ok(content) => content,
        Err(why) => return refusal(StatusCode::NOT_FOUND, &why),
    };
    let tag = format!("\"{}\"", content.version);
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    ([(ETAG, tag)], Json(content)).into_response()
}

async fn save_file(
    State(app): State<Arc<App>>,
    saving: Result<Json<Saving>, JsonRejection>,
) -> Response {
    let Some(file) = &app.file else { return no_file() };
    let Json(Saving { text, version }) = match saving {
        Ok(saving) => saving,
        Err(wrong) => return refusal(wrong.status(), &wrong.body_text()),
    };
    match file.save(&text, &version) {
        Ok(version) => Json(json!({ "version": version })).into_response(),
        Err(why) => {
            let status = match why {
                SaveError::Changed(_) => StatusCode::CONFLICT,
                SaveError::NotUtf8(_) => StatusCode::UNPROCESSABLE_ENTITY,
                SaveError::Machine(_) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            refusal(status, &why.to_string())
        }
    }
}

fn no_file() -> Response {
    refusal(
        StatusCode::NOT_FOUND,
        "no file was named: `lamplighter play FILE` shows one and saves it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_a_runtime<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.expect("a runtime").block_on(work)
    }

    #[test]
    fn a_panic_is_an_answer_and_the_next_text_is_played() {
        let turns = Arc::new(Semaphore::new(1));
        in_a_runtime(async {
            let panicked = bounded(&turns, |_| -> u8 { panic!("a mistake") }).await;
            assert_eq!(panicked, Err(Undone::Panicked("a mistake".to_owned())));
            assert_eq!(bounded(&turns, |_| 7).await, Ok(7));
        });
    }

    #[test]
    fn what_nobody_waits_for_is_stopped_and_makes_room() {
        let turns = Arc::new(Semaphore::new(1));
        in_a_runtime(async {
            let (begun, has_begun) = tokio::sync::oneshot::channel();
            let endless = |stop: &AtomicBool| {
                let _ = begun.send(());
                while !stop.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
            };
            let mut waiting = Box::pin(bounded(&turns, endless));
            tokio::select! {
                _ = &mut waiting => panic!("it never ends by itself"),
                begun = has_begun => begun.expect("begins"),
            }
            drop(waiting);
            assert_eq!(bounded(&turns, |_| 7).await, Ok(7));
        });
    }

    #[test]
    fn what_takes_too_long_is_told_to_stop() {
        let turns = Arc::new(Semaphore::new(1));
        let until_stopped = |stop: &AtomicBool| {
            while !stop.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            "stopped"
        };
        assert_eq!(in_a_runtime(bounded(&turns, until_stopped)), Ok("stopped"));
    }
}
