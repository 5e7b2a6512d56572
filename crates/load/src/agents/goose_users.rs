//! Agents as goose users: each plays one agent's day from the plan, its requests through goose's API
//! and with goose's metrics. This is the one file that knows goose.
//!
//! A goose user cannot send data, and all users of a scenario run the same function. So that function
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
use reqwest::redirect::Policy;
use thiserror::Error;
use tokio::sync::watch;

use super::journey;
use super::shared::AgentsShared;
use super::stop::StopRequest;
use crate::plan::AgentIndex;
use crate::tally::{LOGIN, LOGOUT, STATUS, TEAM};
use lamplighter_target::driver::{
    ClientResponse, Device, Endpoint, HttpClient, Limits, Pool, RawAnswer, ResponseFuture,
};
use lamplighter_target::file::request::Request;
use lamplighter_target::file::response_error::ResponseError;
use lamplighter_target::file::section::Section;
use lamplighter_target::file::step::Method;

/// Services close what idles for long, and a write must not meet a connection that is just being closed.
const IDLE_MAX: Duration = Duration::from_secs(1);
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
/// requests. Devices that are logged in when a day is over are put into `held`.
///
/// # Errors
/// When goose does not run.
pub async fn run(
    shared: &Arc<AgentsShared>,
    order: Vec<AgentIndex>,
    held: &Arc<Mutex<Vec<Arc<Device>>>>,
    stopped: watch::Receiver<StopRequest>,
) -> Result<String, AttackError> {
    let driver = shared.run.service.driver();
    let host = driver.endpoint().host();
    let mut client = Client::builder()
        .timeout(driver.file().http.timeout)
        .pool_idle_timeout(IDLE_MAX)
        .redirect(Policy::none())
        // Answers are unpacked, and cookies kept, by whoever judges the calls.
        .no_gzip()
        .tcp_nodelay(true)
        .no_proxy()
        .use_preconfigured_tls(host.tls());
    if let Some(addresses) = host.addresses() {
        client = client.resolve_to_addrs(host.machine(), addresses);
    }
    let client = client.build()?;
    be_quiet();
    let configuration = configuration(driver.endpoint().address(), order.len());
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
                let client = GooseClient::new(user, &shared.uncounted);
                let carries: Arc<dyn HttpClient> = client.clone();
                let devices = journey::play(shared, agent, carries, stopped).await;
                client.is_over();
                // To extend a list does not panic half-way.
                held.lock().unwrap_or_else(PoisonError::into_inner).extend(devices);
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

/// Sends an agent's calls as requests of its goose user, who counts them.
#[derive(Debug)]
struct GooseClient {
    users: Arc<FreeUsers>,
    /// Where calls go once the agent's day is over.
    uncounted: Arc<Pool>,
}

/// Goose users that make no request just now: each request has one for itself. Nobody any more once the
/// agent's day is over.
#[derive(Debug)]
#[allow(clippy::vec_box, reason = "a goose user is large, and changes hands with each request")]
struct FreeUsers(Mutex<Option<Vec<Box<GooseUser>>>>);

impl FreeUsers {
    /// One for a request; the last one stays, to be copied.
    fn take(&self) -> Option<Box<GooseUser>> {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = users.as_mut()?;
        if free.len() > 1 { free.pop() } else { free.first().cloned() }
    }

    fn give_back(&self, user: Box<GooseUser>) {
        // One is copied, and two requests at once are all that an agent makes.
        const MANY: usize = 3;
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(free) = users.as_mut().filter(|free| free.len() < MANY) {
            free.push(user);
        }
    }
}

impl GooseClient {
    fn new(user: &GooseUser, uncounted: &Arc<Pool>) -> Arc<Self> {
        let users = Arc::new(FreeUsers(Mutex::new(Some(vec![Box::new(user.clone())]))));
        Arc::new(Self { users, uncounted: Arc::clone(uncounted) })
    }

    /// Nothing is counted any more: goose waits for all who could count.
    fn is_over(&self) {
        *self.users.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl HttpClient for GooseClient {
    fn send<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        section: Section,
        request: &'a Request,
        limits: Limits,
        wrote: &'a mut (dyn FnMut() + Send),
    ) -> ResponseFuture<'a> {
        let Some(mut user) = self.users.take() else {
            return self.uncounted.send(endpoint, section, request, limits, wrote);
        };
        Box::pin(async move {
            let asking = ask(&mut user, section, request, limits, wrote);
            let carried = match tokio::time::timeout(limits.timeout, asking).await {
                Ok(carried) => carried,
                Err(_) => Err(ResponseError::TimedOut { after: limits.timeout }),
            };
            let (answer, mut counted) = match carried {
                Ok(carried) => carried,
                Err(broken) => {
                    self.users.give_back(user);
                    return Err(broken);
                }
            };
            let users = Arc::clone(&self.users);
            let judged = Box::new(move |is_done: bool| {
                // Each says what it was told.
                match (is_done, counted.success) {
                    (true, false) => drop(user.set_success(&mut counted)),
                    (false, true) => drop(user.set_failure("not done", &mut counted, None, None)),
                    (true, true) | (false, false) => {}
                }
                users.give_back(user);
            });
            Ok(ClientResponse { answer, judged: Some(judged) })
        })
    }

    fn close_idle(&self) {
        // The connections are those of all agents, and none of them waits for long.
    }
}

/// Makes a request of a goose user, and reads its answer.
async fn ask(
    user: &mut GooseUser,
    section: Section,
    request: &Request,
    limits: Limits,
    wrote: &mut (dyn FnMut() + Send),
) -> Result<(RawAnswer, GooseRequestMetric), ResponseError> {
    let unsendable = |what: &str| ResponseError::Unsendable { what: what.to_owned() };
    let method = match request.method {
        Method::Get | Method::Stream | Method::Socket => GooseMethod::Get,
        Method::Post => GooseMethod::Post,
        Method::Put => GooseMethod::Put,
        Method::Patch => GooseMethod::Patch,
        Method::Delete => GooseMethod::Delete,
    };
    let builder = user.get_request_builder(&method, &request.path);
    let mut builder = builder.map_err(|_| unsendable("the path"))?;
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    if !request.body.is_empty() {
        builder = builder.body(request.body.clone());
    }
    let named = operation(section);
    let asked = GooseRequest::builder().name(named).set_request_builder(builder).build();
    wrote();
    let answered = user.request(asked).await.map_err(|_| unsendable("the call"))?;
    let counted = answered.request;
    let mut response = answered.response.map_err(|error| broken(&error, limits))?;
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let (status, headers) = (response.status().as_u16(), headers.collect());
    let (mut body, bytes_max) = (Vec::new(), limits.body_bytes_max);
    while let Some(part) = response.chunk().await.map_err(|error| broken(&error, limits))? {
        if body.len() + part.len() > bytes_max {
            return Err(ResponseError::TooLong { bytes_max });
        }
        body.extend_from_slice(&part);
    }
    Ok((RawAnswer { status, headers, body }, counted))
}

/// As what a call is counted.
fn operation(section: Section) -> &'static str {
    match section {
        Section::DeviceLogin => LOGIN,
        Section::DeviceLogout => LOGOUT,
        Section::TeamRead => TEAM,
        section if section.is_status() => STATUS,
        section => section.address(),
    }
}

/// What went wrong with a request, in words of the contract.
fn broken(error: &reqwest::Error, limits: Limits) -> ResponseError {
    if error.is_timeout() {
        return ResponseError::TimedOut { after: limits.timeout };
    }
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    let mut why = error.to_string();
    while let Some(error) = cause {
        why = error.to_string();
        if error.is::<std::io::Error>() {
            break;
        }
        cause = error.source();
    }
    match error.is_connect() {
        true => ResponseError::Unreachable { why },
        false => ResponseError::Truncated,
    }
}
