//! Connections for which there is no place are told so in the HTTP that they speak, within TLS, too, and so that scripts
//! of visitors' pages can read it. That takes a handshake and a request, which is more than who is turned away should
//! cost: a few are told so at once, for a moment. One more is told what can be said without listening, or cut.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::connection::{Answers, Carrier};
use crate::http::{no_place, without_place};
use crate::places::{NoPlace, Places};

/// So many are told at once, where there are places for many; else one for so many places.
const AT_ONCE_MAX: usize = 64;
const PLACES_OF_ONE: usize = 16;
/// One address takes a part of these.
const PART_OF_ADDRESS: usize = 4;
/// How long it may take in all.
const WITHIN: Duration = Duration::from_secs(2);
/// Who has asked nothing for so long is told without having asked.
const ASKED_WITHIN: Duration = Duration::from_millis(500);

/// Tells connections that there is no place for them.
pub struct Refusals {
    carrier: Carrier,
    places: Arc<Places>,
}

impl Refusals {
    /// By such connections, beside so many that are taken in.
    pub fn new(carrier: Carrier, connections_max: usize) -> Self {
        let max = (connections_max / PLACES_OF_ONE).clamp(1, AT_ONCE_MAX);
        let places = Places::new("refusals", max, max.div_ceil(PART_OF_ADDRESS));
        Self { carrier, places }
    }

    /// Tells who came from an address why it is not taken in; `None` for a proxy.
    pub fn refuse(&self, stream: TcpStream, address: Option<IpAddr>, why: NoPlace) {
        let carrier = self.carrier.clone();
        match self.places.take(address) {
            Ok(place) => drop(tokio::spawn(async move {
                // Who does not listen is turned away all the same.
                drop(timeout(WITHIN, tell(stream, why, &carrier)).await);
                drop(place);
            })),
            Err(_) if carrier.is_secure() => {}
            Err(_) => drop(tokio::spawn(tell_unasked(stream, why))),
        }
    }
}

/// Answers the first request of a connection, and ends it.
async fn tell(stream: TcpStream, why: NoPlace, carrier: &Carrier) {
    if !carrier.is_secure() {
        let asked = timeout(ASKED_WITHIN, stream.peek(&mut [0])).await;
        if !matches!(asked, Ok(Ok(1..))) {
            return tell_unasked(stream, why).await;
        }
    }
    let (told, is_told) = watch::channel(false);
    carrier.carry(stream, refusing(why, told), is_told).await;
}

fn refusing(why: NoPlace, told: watch::Sender<bool>) -> impl Answers {
    service_fn(move |request: Request<Incoming>| {
        let response = no_place(request.method(), request.uri(), why);
        // The connection finishes what it has begun.
        told.send_replace(true);
        std::future::ready(Ok(response))
    })
}

/// Says it as HTTP/1 has it, whatever would have been asked.
async fn tell_unasked(mut stream: TcpStream, why: NoPlace) {
    let said = without_place(why);
    drop(timeout(Duration::from_secs(1), stream.write_all(said.as_bytes())).await);
}
