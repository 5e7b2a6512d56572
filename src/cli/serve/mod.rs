//! `lamplighter serve`: the reference service.

mod arguments;
mod log;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::admin_key::{NamedKey, admin_keys};
use super::common::Common;
use super::exit::{Exit, Stop};
use super::process::raise_file_limit;
use super::terminal::print_out;
use lamplighter_core::hours::Zones;
use lamplighter_service::{
    AdminKey, Clock, Config, CoreError, Demo, FailuresMax, Limits, LostLines, PasswordCost, Secret,
    Service, StartError, StoreError, Tls, TlsError, bind,
};

use arguments::LimitArguments;
pub use arguments::ServeArguments;
use values::{ClockChoice, Keeping};

/// Runs `lamplighter serve` with its arguments as typed, and gives the exit code.
pub fn run(arguments: ServeArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let ServeArguments {
        listen,
        store,
        clock,
        max_clock_jump,
        admin_key_file,
        metrics_listen,
        keep_messages: Keeping(keep_messages),
        tls_cert,
        tls_key,
        trusted_proxy: trusted_proxies,
        demo,
        log: log_format,
        log_level,
        end_with_stdin,
        #[cfg(lamplighter_mutations)]
        fault,
        limits,
    } = arguments;
    #[cfg(lamplighter_mutations)]
    if let Some(fault) = fault {
        lamplighter_core::mutations::for_good(fault);
    }
    let lost_log_lines = LostLines::default();
    log::begin(log_format, log_level, common.quiet, &lost_log_lines);
    let files_max = raise_file_limit();
    let config = Config {
        store,
        clock: match clock {
            ClockChoice::System => Clock::system_within(max_clock_jump),
            ClockChoice::Manual(at) => Clock::manual(at),
        },
        admin_keys: admin_keys(admin_key_file.as_deref())?.into_iter().map(used_key).collect(),
        metrics_listener: None,
        keep_messages,
        trusted_proxies,
        tls: tls(tls_cert.zip(tls_key))?,
        limits: used(&limits, files_max),
        lost_log_lines,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Stop::machine(error.into()))?;
    let stdin = end_with_stdin.then(stdin_ends);
    let exit =
        runtime.block_on(serve((listen, metrics_listen), config, Arc::clone(zones), demo, stdin));
    log::flush();
    exit
}

/// The certificate and its key, where the service is to speak TLS.
fn tls(files: Option<(PathBuf, PathBuf)>) -> Result<Option<Tls>, Stop> {
    let Some((certificate, key)) = files else { return Ok(None) };
    Tls::read(&certificate, &key).map(Some).map_err(|error| match error {
        error @ TlsError::Unreadable { .. } => Stop::machine(error.into()),
        error => Stop::invalid(error.into()),
    })
}

/// So many files at least are kept for the store and for what is read of it.
const OWN_FILES_MIN: usize = 32;

/// How many connections there may be where so many files may be open: the service needs some itself.
fn connections_max(asked: Option<u32>, files_max: Option<u64>) -> usize {
    let wanted = asked.map_or(Limits::default().connections_max, |asked| asked as usize);
    let files_max = files_max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX);
    let own = (files_max / 10).max(OWN_FILES_MIN);
    let allowed = files_max.saturating_sub(own).max(1);
    let taken = format!("the machine lets {files_max} files be open (`ulimit -n`)");
    match asked {
        _ if wanted <= allowed => {}
        Some(_) => tracing::warn!(
            "{taken}: {allowed} connections are taken in, not the {wanted} of --max-connections"
        ),
        None => tracing::info!("{taken}: {allowed} connections are taken in at once"),
    }
    wanted.min(allowed)
}

/// Limits as typed into limits as used.
fn used(limits: &LimitArguments, files_max: Option<u64>) -> Limits {
    let connections = connections_max(limits.max_connections, files_max);
    let by_address = limits.max_connections_by_address.map(|max| max as usize);
    Limits {
        body_bytes_max: limits.max_body as usize * 1_024,
        connections_max: connections,
        by_address_max: by_address.unwrap_or_else(|| Limits::share_of(connections)),
        sockets_max: connections,
        streams_max: connections,
        failures_max: FailuresMax::of(limits.max_failed_logins),
        messages_max: limits.max_messages,
        messages_of_property_max: limits.max_messages_by_property,
        free_bytes_min: u64::from(limits.min_free) << 20,
        silence_max: limits.heartbeat,
        password_cost: PasswordCost {
            memory_kib: limits.password_memory,
            ..PasswordCost::default()
        },
        ..Limits::default()
    }
}

/// A key that has no name is the admin's.
fn used_key(NamedKey { name, key }: NamedKey) -> AdminKey {
    AdminKey { name: name.unwrap_or_else(|| "admin".to_owned()), secret: Secret::new(key) }
}

fn listen_on(address: SocketAddr, option: &str) -> Result<TcpListener, Stop> {
    let bound = bind(address).with_context(|| format!("cannot listen on {address}"));
    bound.map_err(|error| {
        let hint = format!("is another service there? {option} takes another address");
        Stop::machine(error).hint(hint)
    })
}

async fn serve(
    (listen, metrics_listen): (SocketAddr, Option<SocketAddr>),
    mut config: Config,
    zones: Arc<Zones>,
    demo: bool,
    stdin: Option<oneshot::Receiver<()>>,
) -> Result<Exit, Stop> {
    let clock_is_manual = config.clock.is_manual();
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let listener = listen_on(listen, "--listen")?;
    if let Some(address) = metrics_listen {
        let listener = listen_on(address, "--metrics-listen")?;
        let address = listener.local_addr().map_err(|error| Stop::machine(error.into()))?;
        tracing::info!("metrics on http://{address}/metrics");
        config.metrics_listener = Some(listener);
    }
    let address = listener.local_addr().map_err(|error| Stop::machine(error.into()))?;
    let service = Service::start(listener, config, zones).await.map_err(cannot_start)?;
    print_out(format_args!("listening on {scheme}://{address}\n"))?;
    if clock_is_manual {
        print_out(format_args!("the clock is manual: PUT {scheme}://{address}/v1/clock\n"))?;
    }
    if let Some(key) = &service.new_admin_key {
        print_out(format_args!("admin key (shown this once): {}\n", key.reveal()))?;
    }
    if demo {
        let filled = service.fill_in_demo().await.map_err(|error| Stop::machine(error.into()))?;
        say_demo(&filled, scheme, address)?;
    }
    tracing::info!(%address, "ready");
    service.run(stopped(stdin)).await.map_err(|error| Stop::machine(error.into()))?;
    tracing::info!("stopped; everything that was answered is on disk");
    Ok(Exit::AllWell)
}

fn say_demo(demo: &Demo, scheme: &str, address: SocketAddr) -> Result<(), Stop> {
    let property = demo.property;
    print_out(format_args!(
        "\nagents     {scheme}://{address}/\nvisitors   {scheme}://{address}/demo/{property}\n"
    ))?;
    for (agent, password) in &demo.agents {
        print_out(format_args!("log in as  {agent}, password {}\n", password.reveal()))?;
    }
    Ok(())
}

/// Why a store cannot be used, and what to do.
pub fn cannot_use(store: StoreError) -> Stop {
    match &store {
        StoreError::Foreign { .. } | StoreError::Newer { .. } => Stop::invalid(store.into())
            .hint("--store takes another file; this one was not touched"),
        StoreError::Damaged { .. } => Stop::machine(store.into()).hint(
            "nothing was repaired: put a copy of the file back that is whole, with `lamplighter store \
             restore`",
        ),
        StoreError::InUse { .. } => {
            Stop::machine(store.into()).hint("stop the other service, or take another --store")
        }
        StoreError::Machine { .. } => Stop::machine(store.into()),
    }
}

fn cannot_start(error: StartError) -> Stop {
    match error {
        StartError::Core(CoreError::Store(store)) => cannot_use(store),
        StartError::PasswordCost(_) => Stop::invalid(error.into()),
        error => Stop::machine(error.into()),
    }
}

/// Told when nobody holds the other end of stdin any more, be it that whoever did was killed.
fn stdin_ends() -> oneshot::Receiver<()> {
    let (tell, ended) = oneshot::channel();
    std::thread::spawn(move || {
        // Whatever is said there is not listened to.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = tell.send(());
    });
    ended
}

/// Until Ctrl-C, a SIGTERM, or the end of stdin where that counts.
async fn stopped(stdin: Option<oneshot::Receiver<()>>) {
    let stdin_ended = async {
        match stdin {
            Some(ended) => drop(ended.await),
            None => std::future::pending().await,
        }
    };
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        drop(tokio::signal::ctrl_c().await);
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
        () = stdin_ended => return,
    }
    // Whoever is impatient ends it at once: what was answered is on disk all the same.
    tokio::spawn(async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(Exit::MachineFailed as i32);
        }
    });
}
