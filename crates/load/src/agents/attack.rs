//! Agents as goose users: each plays one agent's day from the plan, its requests through goose's API
//! and with goose's metrics. This is the one file that knows goose.
//!
//! A goose user cannot carry data, and all users of a scenario run the same function. So that function
//! is a closure that holds what all share, and finds its agent by `weighted_users_index`: goose numbers
//! its users from zero in the order in which they start.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use goose::GooseAttack;
use goose::config::GooseConfiguration;
use goose::goose::{GooseMethod, GooseRequest, GooseUser, Scenario, Transaction};
use goose::metrics::{GooseCoordinatedOmissionMitigation, GooseRequestMetric};
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use thiserror::Error;
use tokio::sync::watch;

use super::journey;
use super::requests::{HttpReply, Requests};
use super::shared::AgentsShared;
use super::sockets::{self, DeviceSocket};
use super::{Stopping, given_up};
use crate::outages::UNANSWERED_AT_END;
use crate::plan::AgentIndex;
use crate::product::{HttpCall, Method};

/// How long a request may take until its agent gives it up.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Services close what idles for long.
const IDLE_MAX: Duration = Duration::from_secs(10);
/// The time in which goose starts all users is a tenth of a second, however many they are.
const HATCHES_A_SECOND_AND_USER: usize = 10;

/// Why no agent could begin.
#[derive(Debug, Error)]
pub enum AttackError {
    /// The HTTP client cannot be made.
    #[error("cannot make a client")]
    Client(#[from] reqwest::Error),
    /// Goose does not run.
    #[error("goose does not run: {0}")]
    Goose(String),
}

/// Plays the days of agents, each as a goose user, in this order; gives goose's tables of their
/// requests. Sockets that are open when a day is over are put into `held`.
///
/// # Errors
/// When goose does not run.
pub async fn run(
    shared: &Arc<AgentsShared>,
    order: Vec<AgentIndex>,
    held: &Arc<Mutex<Vec<DeviceSocket>>>,
    stopped: watch::Receiver<Stopping>,
) -> Result<String, AttackError> {
    let host = &shared.run.host;
    let mut client = Client::builder()
        .timeout(ANSWER_WITHIN)
        .pool_idle_timeout(IDLE_MAX)
        .redirect(Policy::none())
        .tcp_nodelay(true)
        .no_proxy()
        .use_preconfigured_tls(host.tls());
    if let Some(addresses) = host.addresses() {
        client = client.resolve_to_addrs(host.machine(), addresses);
    }
    let client = client.build()?;
    be_quiet();
    let configuration = configuration(shared.run.host.address(), order.len());
    let (shared, held) = (Arc::clone(shared), Arc::clone(held));
    let transaction = Transaction::new(Arc::new(move |user: &mut GooseUser| {
        let (shared, held) = (Arc::clone(&shared), Arc::clone(&held));
        let (client, stopped) = (client.clone(), stopped.clone());
        let agent = order.get(user.weighted_users_index).copied();
        Box::pin(async move {
            // One client for all: the one that goose has made for each user keeps cookies and a pool
            // of connections of its own.
            user.client = client;
            if let Some(agent) = agent {
                let requests = GooseRequests {
                    user: Box::new(user.clone()),
                    latest: None,
                    stopped: stopped.clone(),
                };
                let sockets = journey::play(shared, agent, requests, stopped).await;
                // To extend a list does not panic half-way.
                held.lock().unwrap_or_else(PoisonError::into_inner).extend(sockets);
            }
            // The day is over, and with it this user; goose ends when all have ended.
            user.config.iterations = 1;
            Ok(())
        })
    }));
    let scenario = Scenario::new("agents").register_transaction(transaction);
    let attack = GooseAttack::initialize_with_config(configuration);
    let attack = attack.map_err(|error| AttackError::Goose(error.to_string()))?;
    let ran = attack.register_scenario(scenario).execute().await;
    let metrics = ran.map_err(|error| AttackError::Goose(error.to_string()))?;
    let mut tables = String::new();
    // Writing into memory does not fail.
    let _ = write!(tables, "{metrics}");
    Ok(tables)
}

/// Nothing is read from the command line, printed, written to files or listened to. Times of whole
/// days are no times of transactions.
fn configuration(address: &str, users: usize) -> GooseConfiguration {
    let mut with = GooseConfiguration::default();
    with.host = address.to_owned();
    with.users = Some(users);
    with.hatch_rate = Some((users * HATCHES_A_SECOND_AND_USER).to_string());
    with.quiet = 1;
    with.no_print_metrics = true;
    with.no_transaction_metrics = true;
    with.no_scenario_metrics = true;
    with.no_telnet = true;
    with.no_websocket = true;
    with.no_gzip = true;
    with.co_mitigation = Some(GooseCoordinatedOmissionMitigation::Disabled);
    with
}

/// Goose sets up a logger that prints to stdout, which is for data; the first logger stays.
fn be_quiet() {
    struct Quiet;
    impl log::Log for Quiet {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            false
        }
        fn log(&self, _: &log::Record<'_>) {}
        fn flush(&self) {}
    }
    // Where there is one already, goose's does not get in either.
    let _ = log::set_logger(&Quiet);
}

/// A goose user's requests.
struct GooseRequests {
    user: Box<GooseUser>,
    /// The latest request, as goose counts it.
    latest: Option<GooseRequestMetric>,
    /// Nobody waits for an answer once it says so.
    stopped: watch::Receiver<Stopping>,
}

impl Clone for GooseRequests {
    fn clone(&self) -> Self {
        Self { user: self.user.clone(), latest: None, stopped: self.stopped.clone() }
    }
}

impl Requests for GooseRequests {
    async fn request(&mut self, operation: &'static str, call: &HttpCall) -> HttpReply {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            reply = self.reply(operation, call) => reply,
            () = given_up(&mut stopped) => HttpReply::Nothing(UNANSWERED_AT_END),
        }
    }

    fn unreadable(&mut self) {
        if let Some(latest) = &mut self.latest {
            // It says that the request has failed, which is what it was told.
            let _ = self.user.set_failure("unreadable answer", latest, None, None);
        }
    }
}

impl GooseRequests {
    async fn reply(&mut self, operation: &'static str, call: &HttpCall) -> HttpReply {
        self.latest = None;
        let method = match call.method {
            Method::Get => GooseMethod::Get,
            Method::Put => GooseMethod::Put,
            Method::Post => GooseMethod::Post,
            Method::Delete => GooseMethod::Delete,
        };
        let Ok(mut builder) = self.user.get_request_builder(&method, &call.path) else {
            return HttpReply::Nothing("no such path");
        };
        if let Some(token) = &call.bearer {
            builder = builder.bearer_auth(token);
        }
        if let Some(body) = &call.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let request = GooseRequest::builder().name(operation).set_request_builder(builder).build();
        let Ok(answered) = self.user.request(request).await else {
            return HttpReply::Nothing("not sent");
        };
        self.latest = Some(answered.request);
        let response = match answered.response {
            Ok(response) => response,
            Err(error) => return HttpReply::Nothing(word(&error)),
        };
        let status = response.status().as_u16();
        match response.bytes().await {
            Ok(body) => HttpReply::Answer { status, body: body.into() },
            Err(error) => {
                self.unreadable();
                HttpReply::Nothing(word(&error))
            }
        }
    }
}

/// What went wrong with a request, in a word or two.
fn word(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        return "timed out";
    }
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return sockets::word(error.kind());
        }
        cause = error.source();
    }
    if error.is_connect() { "no connection" } else { "cut off" }
}
