//! What the gatherer answers over HTTP: parts, browsers, programs.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant as MachineTime, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{get, post};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::sync::watch;

use super::token::is_shown;
use crate::report::load::html::live::{LIVE_SCRIPT, LivePage, PartsTold, live_page};
use crate::report::load::json;
use lamplighter_load::clock::{Micros, micros};
use lamplighter_load::gather::{
    CLOCK_PATH, ClockReading, Gathering, PACKED_BYTES_MAX, PART_PATH, PartMessage, RefusalText,
};

/// A test that is gathered, for all who ask.
pub struct Gatherer {
    gathering: Mutex<Gathering>,
    token: Option<String>,
    began: MachineTime,
    /// The page as it was sent last to those who look, and whether it is the last one.
    page: watch::Sender<(Arc<str>, bool)>,
}

impl Gatherer {
    /// Of a test that nobody has said anything of.
    pub fn new(gathering: Gathering, token: Option<String>) -> Self {
        let page = watch::Sender::new((Arc::from(""), false));
        Self { gathering: Mutex::new(gathering), token, began: MachineTime::now(), page }
    }

    /// The test, for as long as nobody else is to change it.
    pub fn lock(&self) -> MutexGuard<'_, Gathering> {
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Microseconds since it began.
    pub fn now(&self) -> Micros {
        micros(self.began.elapsed())
    }

    /// Shows how things are to those who look, if anybody does; the last page to those, too, who are only
    /// about to look.
    pub fn show(&self, is_last: bool) {
        if is_last || self.is_watched() {
            self.page.send_replace((self.page().into(), is_last));
        }
    }

    /// Whether anybody looks at the page now.
    pub fn is_watched(&self) -> bool {
        self.page.receiver_count() > 0
    }

    /// The pages from now on, and the last one wherever it has been sent: nothing comes after it.
    fn pages(&self) -> watch::Receiver<(Arc<str>, bool)> {
        let mut pages = self.page.subscribe();
        let (_, is_last) = *pages.borrow();
        if is_last {
            pages.mark_changed();
        }
        pages
    }

    /// The page as things are now.
    fn page(&self) -> String {
        let gathering = self.lock();
        let (whole, parts, start) = (gathering.whole(), gathering.statuses(), gathering.start());
        let lacks = gathering.lacks();
        drop(gathering);
        let told = match &whole {
            Ok(Some(whole)) => PartsTold::Whole(whole),
            Ok(None) => PartsTold::Nothing,
            Err(error) => PartsTold::Unlike(error.to_string()),
        };
        let page = LivePage { told, parts: &parts, start, lacks };
        live_page(&page).unwrap_or_else(|error| error.to_string())
    }
}

/// What stands behind the address in a browser.
#[derive(Deserialize)]
struct TokenQuery {
    token: Option<String>,
}

/// Everything that it answers.
pub fn router(gatherer: Arc<Gatherer>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/live.js", get(script))
        .route("/v1/events", get(events))
        .route("/v1/result", get(result))
        .route("/v1/parts", get(parts))
        .route(CLOCK_PATH, get(clock))
        .route(PART_PATH, post(part))
        .layer(DefaultBodyLimit::max(PACKED_BYTES_MAX))
        .with_state(gatherer)
}

/// A call that is refused, and why.
struct RefusedCall(StatusCode, String);

impl IntoResponse for RefusedCall {
    fn into_response(self) -> Response {
        let Self(status, detail) = self;
        let refusal = (status, Json(RefusalText { detail }));
        match status {
            StatusCode::UNAUTHORIZED => ([(WWW_AUTHENTICATE, "Bearer")], refusal).into_response(),
            _ => refusal.into_response(),
        }
    }
}

/// Whoever does not know the token is told so.
fn admit(
    gatherer: &Gatherer,
    headers: &HeaderMap,
    query: Option<&TokenQuery>,
) -> Result<(), RefusedCall> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let shown = bearer.map(|(_, token)| token.trim());
    let shown = shown.or(query.and_then(|query| query.token.as_deref()));
    match is_shown(gatherer.token.as_deref(), shown) {
        true => Ok(()),
        false => Err(RefusedCall(
            StatusCode::UNAUTHORIZED,
            "the token is missing, or is not that of the gatherer; a generator has it by \
             --gather-token-file or LAMPLIGHTER_GATHER_TOKEN, a browser by /?token=..."
                .to_owned(),
        )),
    }
}

type GathererState = State<Arc<Gatherer>>;

async fn part(
    State(gatherer): GathererState,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, RefusedCall> {
    admit(&gatherer, &headers, None)?;
    let message = PartMessage::unpack(&body);
    let message =
        message.map_err(|error| RefusedCall(StatusCode::BAD_REQUEST, error.to_string()))?;
    let now = gatherer.now();
    match gatherer.lock().hear(message, now) {
        Ok(answer) => Ok(Json(answer).into_response()),
        Err(refusal) => Err(RefusedCall(StatusCode::CONFLICT, refusal.to_string())),
    }
}

async fn clock(
    State(gatherer): GathererState,
    headers: HeaderMap,
) -> Result<Json<ClockReading>, RefusedCall> {
    admit(&gatherer, &headers, None)?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Json(ClockReading { now_us: micros(since) }))
}

async fn page(
    State(gatherer): GathererState,
    headers: HeaderMap,
    Query(query): Query<TokenQuery>,
) -> Result<Response, RefusedCall> {
    admit(&gatherer, &headers, Some(&query))?;
    Ok(([(CACHE_CONTROL, "no-store")], Html(gatherer.page())).into_response())
}

async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], LIVE_SCRIPT).into_response()
}

async fn result(
    State(gatherer): GathererState,
    headers: HeaderMap,
    Query(query): Query<TokenQuery>,
) -> Result<Response, RefusedCall> {
    admit(&gatherer, &headers, Some(&query))?;
    let whole = gatherer.lock().whole();
    let whole = whole.map_err(|error| RefusedCall(StatusCode::CONFLICT, error.to_string()))?;
    let nothing = || RefusedCall(StatusCode::NOT_FOUND, "no part has told anything yet".to_owned());
    let mut bytes = Vec::new();
    let written = json::json(&mut bytes, &whole.ok_or_else(nothing)?);
    written.map_err(|error| RefusedCall(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(([(CONTENT_TYPE, "application/json")], bytes).into_response())
}

async fn parts(
    State(gatherer): GathererState,
    headers: HeaderMap,
    Query(query): Query<TokenQuery>,
) -> Result<Response, RefusedCall> {
    admit(&gatherer, &headers, Some(&query))?;
    let statuses = gatherer.lock().statuses();
    Ok(Json(statuses).into_response())
}

async fn events(
    State(gatherer): GathererState,
    headers: HeaderMap,
    Query(query): Query<TokenQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, RefusedCall> {
    admit(&gatherer, &headers, Some(&query))?;
    let pages = gatherer.pages();
    let next = |mut pages: watch::Receiver<(Arc<str>, bool)>| async move {
        pages.changed().await.ok()?;
        let (page, is_last) = pages.borrow_and_update().clone();
        let event = Event::default().event(if is_last { "last" } else { "page" });
        // A text as JSON: a line break would end the event's line.
        let event = event.json_data(&*page).unwrap_or_default();
        Some((Ok(event), pages))
    };
    Ok(Sse::new(stream::unfold(pages, next)).keep_alive(KeepAlive::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_load::gather::GatherSettings;

    /// It waited for ever, for a process that had ended.
    #[test]
    fn who_asks_for_pages_behind_the_last_one_is_given_that() {
        let settings =
            GatherSettings { parts: 1, lost_after: 0, gates: Vec::new(), abort_on_fail: false };
        let gatherer = Gatherer::new(Gathering::new(settings), None);
        let is_told = || gatherer.pages().has_changed().expect("there may be more");
        assert!(!is_told(), "nobody has sent anything");
        let early = gatherer.pages();
        gatherer.show(false);
        assert!(early.has_changed().expect("there may be more"));
        assert!(!is_told(), "a page of before says nothing new: one was asked for just now");
        drop(early);
        gatherer.lock().close();
        gatherer.show(true);
        assert!(is_told());
        let (page, is_last) = gatherer.pages().borrow_and_update().clone();
        assert!(is_last && page.contains("was never heard of"), "{page}");
    }
}
