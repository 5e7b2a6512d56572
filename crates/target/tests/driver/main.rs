//! Target files followed against a server that answers as each test says.

mod adapters;
mod among;
mod answers;
mod callers;
mod fake;
mod holds;
mod nonsense;
mod plays;
mod prepared;
mod reads;
mod trial;

use std::sync::{Arc, Mutex};

use lamplighter_target::Trust;
use lamplighter_target::driver::{Driver, DriverOptions, Endpoint, Exchange, ExchangeListener};
use lamplighter_target::file::check;

use fake::Fake;

/// Takes down every exchange.
#[derive(Default)]
pub struct Heard(Mutex<Vec<Exchange>>);

impl ExchangeListener for Heard {
    fn on_exchange(&self, exchange: &Exchange) {
        self.0.lock().expect("no test panics while it holds this").push(exchange.clone());
    }
}

impl Heard {
    /// Every exchange so far.
    pub fn all(&self) -> Vec<Exchange> {
        self.0.lock().expect("no test panics while it holds this").clone()
    }
}

/// What every file here has; tests add to it.
const FRONT: &str = r#"
format = 1
[target]
name = "fake"
base = "http://127.0.0.1:1"
"#;

/// A driver of a file on a server.
pub fn driver(fake: &Fake, text: &str) -> Arc<Driver> {
    driver_that(fake, text, DriverOptions::default())
}

/// The same with options.
pub fn driver_that(fake: &Fake, text: &str, options: DriverOptions) -> Arc<Driver> {
    let text = format!("{FRONT}{text}");
    let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
    let errors: Vec<String> = checked
        .findings
        .iter()
        .map(|found| {
            let at = checked.source.position(found.diagnostic.span.start);
            format!("{}: {} ({})", at.line, found.diagnostic.message, found.diagnostic.label)
        })
        .collect();
    let file = checked.file.unwrap_or_else(|| panic!("{errors:#?}\n{text}"));
    let endpoint = Endpoint::new(&fake.url(), &Trust::Machine).expect("an address");
    Arc::new(Driver::new(file, endpoint, options).expect("a driver"))
}
