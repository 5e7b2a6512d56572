//! Faults of reads.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use hyper::{Response, StatusCode, Uri};

use super::answer::{self, MemberBody, WidgetBody, property};
use super::clock::now_ms;
use super::exchange::{
    ClientConnection, Error, ProxyAnswer, Whole, all_of, as_it_is, changed, made, unchanged,
};
use super::fault::Fault;
use super::known::KeptAnswer;
use super::shared::Shared;

/// One in so many reads has the fault, where it is drawn.
const ONE_IN: u64 = 100;
/// How old a copy may be.
const STALE: Duration = Duration::from_millis(500);
/// How late what the clock does shows.
pub const LATE_MS: i64 = 3_000;

/// A read of a widget.
pub async fn read(
    connection: &ClientConnection,
    request: Whole,
    widget: &str,
) -> Result<ProxyAnswer, Error> {
    match connection.shared.fault {
        Fault::StaleCache => stale(connection, request).await,
        Fault::EdgeLate | Fault::EdgeLateRelabelled => edge_late(connection, request).await,
        Fault::OtherProperty | Fault::OtherPropertyNamed => {
            other_property(connection, request, widget).await
        }
        Fault::VersionBack | Fault::VersionBackOld => version_back(connection, request).await,
        _ => Ok(as_it_is(connection.ask(request).await?)),
    }
}

/// The path with its query: what copies are kept by.
fn path_of(request: &Whole) -> String {
    request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned()
}

/// The service's answer, and what it says of a widget where it says so.
async fn asked(
    connection: &ClientConnection,
    request: Whole,
) -> Result<(Response<Bytes>, Option<WidgetBody>), Error> {
    let response = all_of(connection.ask(request).await?).await?;
    let said = match response.status() {
        StatusCode::OK => answer::read(response.body()),
        _ => None,
    };
    Ok((response, said))
}

async fn stale(connection: &ClientConnection, request: Whole) -> Result<ProxyAnswer, Error> {
    let shared = &connection.shared;
    let path = path_of(&request);
    if shared.one_in(ONE_IN) {
        let known = shared.known();
        match known.oldest_within(&path, STALE, Instant::now()) {
            Some(KeptAnswer { body, .. }) => {
                shared.count_put_in();
                return Ok(made(StatusCode::OK, body.clone()));
            }
            None => shared.count_in_vain(),
        }
    }
    let (response, said) = asked(connection, request).await?;
    if let Some(said) = said {
        shared.known().keep(&path, response.body(), said, Instant::now());
    }
    Ok(unchanged(response))
}

async fn edge_late(connection: &ClientConnection, request: Whole) -> Result<ProxyAnswer, Error> {
    let shared = &connection.shared;
    let path = path_of(&request);
    let (response, said) = asked(connection, request).await?;
    let Some(said) = said else { return Ok(unchanged(response)) };
    let last = shared.known().last(&path).cloned();
    let held = last.and_then(|before| {
        let is_held = is_of_the_clock(shared, &before.answer, &said);
        is_held.then(|| held_back(shared.fault, &before.answer, &before.body, &said))
    });
    match held {
        Some(body) => {
            shared.count_put_in();
            Ok(changed(response, body))
        }
        None => {
            shared.known().keep(&path, response.body(), said, Instant::now());
            Ok(unchanged(response))
        }
    }
}

/// Whether it was the clock alone that made one answer into the other, less than three seconds ago.
pub fn is_of_the_clock(shared: &Shared, before: &WidgetBody, after: &WidgetBody) -> bool {
    let since = before.next_change_ms().map(|edge| now_ms() - edge);
    before.version < after.version
        && since.is_some_and(|since| (0..LATE_MS).contains(&since))
        && shared.known().only_the_clock_since(before)
}

/// What is answered as long as an edge does not show.
fn held_back(fault: Fault, before: &WidgetBody, body: &Bytes, after: &WidgetBody) -> Bytes {
    match fault {
        Fault::EdgeLateRelabelled => answer::write(&WidgetBody {
            next_change: after.next_change.clone(),
            version: after.version,
            ..before.clone()
        }),
        _ => body.clone(),
    }
}

async fn other_property(
    connection: &ClientConnection,
    request: Whole,
    widget: &str,
) -> Result<ProxyAnswer, Error> {
    let shared = &connection.shared;
    if !shared.one_in(ONE_IN) {
        let path = path_of(&request);
        let (response, said) = asked(connection, request).await?;
        if let Some(said) = said {
            shared.known().keep(&path, response.body(), said, Instant::now());
        }
        return Ok(unchanged(response));
    }
    let Some(other) = another(shared, widget) else {
        shared.count_in_vain();
        return Ok(as_it_is(connection.ask(request).await?));
    };
    let (response, said) = asked(connection, of_widget(request, &other)?).await?;
    let Some(said) = said else { return Ok(unchanged(response)) };
    shared.count_put_in();
    match shared.fault {
        Fault::OtherProperty => {
            let named = answer::write(&WidgetBody { widget: name_of(widget), ..said });
            Ok(changed(response, named))
        }
        _ => Ok(unchanged(response)),
    }
}

/// A widget of another property that was read before.
fn another(shared: &Shared, widget: &str) -> Option<String> {
    let draw = shared.draw();
    let known = shared.known();
    let others: Vec<&String> =
        known.widgets.iter().filter(|other| property(other) != property(widget)).collect();
    let place = draw.checked_rem(others.len() as u64)?;
    others.get(usize::try_from(place).ok()?).map(|other| (*other).clone())
}

/// The name of a widget as it stands in a path: letters beyond ASCII are written with `%` there.
fn name_of(widget: &str) -> String {
    let mut pairs = form_urlencoded::parse(widget.as_bytes());
    pairs.next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// The same question about another widget.
fn of_widget(mut request: Whole, widget: &str) -> Result<Whole, Error> {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    *request.uri_mut() = format!("/v1/widgets/{widget}{query}").parse::<Uri>()?;
    Ok(request)
}

async fn version_back(connection: &ClientConnection, request: Whole) -> Result<ProxyAnswer, Error> {
    let shared = &connection.shared;
    let path = path_of(&request);
    let (response, said) = asked(connection, request).await?;
    let Some(said) = said else { return Ok(unchanged(response)) };
    let property = said.property().to_owned();
    let given = {
        let mut given = connection.given.lock().unwrap_or_else(PoisonError::into_inner);
        let before = given.get(&property).copied();
        let highest = given.entry(property).or_default();
        *highest = (*highest).max(said.version);
        before
    };
    let back = match given.filter(|_| shared.one_in(ONE_IN)) {
        None => None,
        Some(given) => {
            let back = match shared.fault {
                Fault::VersionBack => given
                    .checked_sub(1)
                    .map(|version| answer::write(&WidgetBody { version, ..said.clone() })),
                _ => shared.known().below(&path, given).map(|copy| copy.body.clone()),
            };
            if back.is_none() {
                shared.count_in_vain();
            }
            back
        }
    };
    shared.known().keep(&path, response.body(), said, Instant::now());
    match back {
        Some(body) => {
            shared.count_put_in();
            Ok(changed(response, body))
        }
        None => Ok(unchanged(response)),
    }
}

/// A look at a team.
pub async fn team(connection: &ClientConnection, request: Whole) -> Result<ProxyAnswer, Error> {
    let response = connection.ask(request).await?;
    if connection.shared.fault != Fault::TeamHidesInvisible {
        return Ok(as_it_is(response));
    }
    let response = all_of(response).await?;
    let Some(mut team) = answer::read::<Vec<MemberBody>>(response.body()) else {
        return Ok(unchanged(response));
    };
    let mut hidden = 0;
    for member in team.iter_mut().filter(|member| member.status == "invisible") {
        member.status = "offline".to_owned();
        hidden += 1;
    }
    if hidden == 0 {
        return Ok(unchanged(response));
    }
    connection.shared.count_put_in();
    Ok(changed(response, answer::write(&team)))
}
