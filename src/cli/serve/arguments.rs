//! Arguments of `serve` as typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values;

/// `lamplighter serve` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
The API describes itself at /openapi.json. The admin key is LAMPLIGHTER_ADMIN_KEY or the content of
--admin-key-file; with neither, the first start makes one and prints it once.

Examples:
  lamplighter serve --demo                                 # a filled-in example, to look at
  lamplighter serve --listen 0.0.0.0:80 --store /var/lib/lamplighter.db --admin-key-file key
  lamplighter serve --listen 10.0.0.5:8080 --trusted-proxy 10.0.0.0/8
  lamplighter serve --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem
  lamplighter serve --clock manual:2026-03-09T13:55:00Z    # time goes on by PUT /v1/clock alone")]
pub struct ServeArguments {
    /// The address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub listen: std::net::SocketAddr,
    /// The file that keeps everything; made if need be
    #[arg(long, value_name = "FILE", default_value = "lamplighter.db")]
    pub store: PathBuf,
    /// The machine's clock, or one that stands at an instant until it is put
    #[arg(long, value_name = "system|manual:INSTANT", default_value = "system")]
    #[arg(value_parser = values::clock)]
    pub clock: values::ClockChoice,
    /// How far ahead the machine's clock may jump; further, no writes are taken until it is put right
    #[arg(long, value_name = "DURATION", default_value_t = lamplighter_service::CLOCK_JUMP_MAX)]
    #[arg(value_parser = values::clock_jump)]
    pub max_clock_jump: lamplighter_core::model::Millis,
    /// A file with the admin key, or with several, a line `NAME: KEY` each; what is written with a key is noted with
    /// its name (`GET /v1/audit`)
    #[arg(long, value_name = "FILE")]
    pub admin_key_file: Option<PathBuf>,
    /// Answer /metrics on this address and port, and nowhere else
    #[arg(long, value_name = "ADDR:PORT")]
    pub metrics_listen: Option<std::net::SocketAddr>,
    /// How long messages of visitors are kept: a duration, or `forever`
    #[arg(long, value_name = "DURATION", default_value = "400d")]
    #[arg(value_parser = values::keeping)]
    pub keep_messages: values::Keeping,
    /// The certificate of the service, with those that it hangs on, in PEM: it then speaks TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// A proxy, or a network of them, that is believed whom it calls for (Forwarded,
    /// X-Forwarded-For); several by several options
    #[arg(long, value_name = "CIDR")]
    pub trusted_proxy: Vec<lamplighter_service::ProxyNetwork>,
    /// Fill in an example property, and print its addresses and passwords
    #[arg(long)]
    pub demo: bool,
    /// How to write the log, to stderr
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log: LogFormat,
    /// How much to log
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log_level: LogLevel,
    // For who starts it for a purpose of its own: it ends, too, when its stdin does.
    #[arg(long, hide = true)]
    pub end_with_stdin: bool,
    /// Run with one deliberate fault
    #[cfg(lamplighter_mutations)]
    #[arg(long, value_parser = crate::cli::simulate::fault)]
    pub fault: Option<lamplighter_core::mutations::Mutation>,
    #[command(flatten)]
    pub limits: LimitArguments,
}

/// How much of everything there may be; what is more is answered 413, 429 or 503.
#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// The largest body, in KiB
    #[arg(long, value_name = "KIB", default_value_t = 256)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub max_body: u32,
    /// Open connections, sockets of agents, and event streams: so many of each, and no more than nine
    /// tenths of the files that the machine lets be open [default: 50000]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: Option<u32>,
    /// So many of each from one address (of IPv6, one network of 64 bits) [default: a fifth of
    /// --max-connections]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections_by_address: Option<u32>,
    /// Failed logins of an account from one address within a minute; ten times as many of an account
    /// from everywhere, and from one address
    #[arg(long, value_name = "N", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_failed_logins: u32,
    /// Messages left from one address within a minute
    #[arg(long, value_name = "N", default_value_t = 60)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pub max_messages: u32,
    /// Messages left with one property within a day (UTC), by whomever
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pub max_messages_by_property: u32,
    /// How much of the volume with the store must be free, in MiB: with less, /readyz and /metrics say
    /// that the store is nearly full
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    pub min_free: u32,
    /// How long a device without a socket may be silent before its connection is lost (rule P7)
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = values::some_time)]
    pub heartbeat: lamplighter_core::model::Millis,
    /// Memory that checking a password takes, in KiB: less is faster, and easier to guess
    #[arg(long, value_name = "KIB", default_value_t = 19_456)]
    #[arg(value_parser = clap::value_parser!(u32).range(8..=4_194_304))]
    pub password_memory: u32,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    // Lines for people.
    Text,
    // An object a line, for programs.
    Json,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}
