//! The service says what is recorded of it, letter for letter; its clients' tests read the same record
//! (`crates/target/tests/recorded.rs`).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::client::{Client, KEY, Socket, start};

#[path = "../../../crates/target/tests/recorded/mod.rs"]
mod record;

use record::{Exchange, exchanges};

/// An exchange as it stands in the file.
fn write(exchange: &Exchange<'_>) -> String {
    let Exchange { caller, method, path, sends, status, says } = exchange;
    let mut text = format!("{caller} {method} {path}").trim_end().to_owned();
    text.extend(sends.iter().map(|sends| format!("\n> {sends}")));
    text += &format!("\n< {status}");
    text.extend(says.iter().map(|says| format!("\n< {says}")));
    text + "\n"
}

/// What has come of the exchanges so far.
struct Played {
    client: Client,
    /// By `ann@laptop`.
    tokens: BTreeMap<String, String>,
    sockets: BTreeMap<String, Socket>,
}

impl Played {
    /// Plays one, and gives what came back: a status, and a body or the texts of a socket.
    fn play(&mut self, exchange: &Exchange<'_>) -> (u16, Vec<String>) {
        let Exchange { caller, method, path, sends, says, .. } = exchange;
        let hear = |socket: &mut Socket, count: usize| -> (u16, Vec<String>) {
            (101, (0..count).map(|_| socket.next_text()).collect())
        };
        let bearer = match *caller {
            "anyone" => None,
            "admin" => Some(KEY),
            device => Some(self.tokens[device].as_str()),
        };
        match (*method, *path) {
            ("HEARS", _) => {
                let socket = self.sockets.get_mut(*caller).expect("an open socket");
                hear(socket, says.len().max(1))
            }
            ("GET", "/v1/connect") => {
                let mut socket = self.client.connect(bearer.expect("a token"));
                // The device itself, then its one team.
                let heard = hear(&mut socket, says.len().max(2));
                self.sockets.insert((*caller).to_owned(), socket);
                heard
            }
            _ => {
                let answer = self.client.try_call(method, path, bearer, *sends);
                let answer = answer.unwrap_or_else(|error| panic!("{exchange:?}: {error}"));
                let text = self.without_token(&answer.body, answer.text);
                (answer.status, vec![text])
            }
        }
    }

    /// Remembers the token of a login, which is another one each time.
    fn without_token(&mut self, body: &Value, text: String) -> String {
        let member = |name: &str| body.get(name).and_then(Value::as_str);
        let (Some(token), Some(agent), Some(device)) =
            (member("token"), member("agent"), member("device"))
        else {
            return text;
        };
        self.tokens.insert(format!("{agent}@{device}"), token.to_owned());
        text.replace(token, "TOKEN")
    }
}

#[test]
fn the_service_says_what_its_clients_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let mut played =
        Played { client: service.client(), tokens: BTreeMap::new(), sockets: BTreeMap::new() };
    let (mut recorded, mut real) = (String::new(), String::new());
    for exchange in exchanges() {
        let (status, says) = played.play(&exchange);
        let says = says.iter().map(String::as_str).collect();
        recorded += &(write(&exchange) + "\n");
        real += &(write(&Exchange { status, says, ..exchange.clone() }) + "\n");
    }
    if real != recorded {
        let said = concat!(env!("CARGO_TARGET_TMPDIR"), "/answers.txt");
        std::fs::write(said, &real).expect("written");
        let place = real.lines().zip(recorded.lines()).find(|(real, recorded)| real != recorded);
        panic!(
            "the service says something else than is recorded: {place:?}. All that it says: {said}"
        );
    }
}
