//! Services behind TLS, as staging services are: a proxy that ends it stands in front of one.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use crate::client::{KEY, Running, limits, start_with};
use lamplighter_core::model::Instant;
use lamplighter_load::result::LoadResult;
use lamplighter_service::Clock;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A service, and the proxy in front of it that is `localhost` by the word of an authority.
struct Secured {
    _service: Running,
    _proxy: Runtime,
    address: SocketAddr,
    authority: String,
}

impl Secured {
    fn start(folder: &Path, clock: Clock) -> Self {
        let service = start_with(folder, clock, limits());
        let (config, authority) = certified();
        let proxy = Runtime::new().expect("a runtime");
        let upstream = service.address;
        let listener = proxy.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        proxy.spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(acceptor.clone(), stream, upstream));
            }
        });
        Self { _service: service, _proxy: proxy, address, authority }
    }

    /// Runs the program in a folder with the key and the authority's certificate.
    fn run(&self, folder: &Path, arguments: &[&str]) -> Output {
        std::fs::write(folder.join("key"), KEY).expect("is written");
        std::fs::write(folder.join("authority.pem"), &self.authority).expect("is written");
        Command::new(env!("CARGO_BIN_EXE_lamplighter"))
            .args(arguments)
            .args(["--admin-key-file", "key"])
            .current_dir(folder)
            .output()
            .expect("the program starts")
    }

    fn host(&self, scheme: &str, name: &str) -> String {
        format!("--host={scheme}://{name}:{}", self.address.port())
    }
}

/// What one is that an authority certifies to be `localhost`, and that authority's certificate.
fn certified() -> (ServerConfig, String) {
    let mut params = CertificateParams::new([]).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("is signed");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("they are there")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("they belong together");
    (config, authority.pem())
}

/// Passes on what comes, both ways; where one side lets go, the other hears of it.
async fn pass(acceptor: TlsAcceptor, stream: TcpStream, upstream: SocketAddr) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let Ok(mut service) = TcpStream::connect(upstream).await else { return };
    let set = service.set_nodelay(true).and_then(|()| stream.get_ref().0.set_nodelay(true));
    set.expect("a connection takes it");
    // Who is cut off without a word is an error here, and both are closed by it.
    drop(tokio::io::copy_bidirectional(&mut stream, &mut service).await);
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const ONE_DAY: &str = "\
scenario Ann's day
grace 10m
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on laptop
  expect acme online
at +1m
  ann loses connection on laptop
  expect acme online until 09:11
at 09:11
  expect acme offline because nobody-present
";

#[test]
fn a_load_test_by_tls_judges_agents_visitors_streams_and_sockets() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Secured::start(folder.path(), Clock::system());
    let host = target.host("https", "localhost");
    let small = ["--duration", "6s", "--properties", "8", "--visitors", "60/s", "--streams", "10"];
    let further = ["--slow-readers", "20", "--pace", "1s", "--within", "2s", "--messages", "50"];
    let reached = ["load", &host, "--ca-file", "authority.pem"];
    let out = target.run(folder.path(), &[&reached[..], &small, &further].concat());
    assert_eq!(out.status.code(), Some(0), "{}{}", text(&out.stdout), text(&out.stderr));
    let json = std::fs::read(folder.path().join("reports/load.json")).expect("is written");
    let result: LoadResult = serde_json::from_slice(&json).expect("is a result");
    assert!(result.about.target.starts_with("https://localhost:"), "{}", result.about.target);
    let judged = &result.judged;
    assert_eq!(judged.wrong_count(), 0);
    assert!(judged.reads > 200 && judged.teams > 2 && judged.pushes > 10, "{judged:?}");
    for operation in ["widget", "message", "events", "login", "status", "connect"] {
        assert!(result.operations[operation].ok > 0, "{operation}");
    }
}

#[test]
fn scenarios_are_played_by_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Secured::start(folder.path(), Clock::manual(Instant::MIN));
    std::fs::write(folder.path().join("day.scenario"), ONE_DAY).expect("is written");
    let host = target.host("https", "localhost");
    let arguments = ["scenario", "day.scenario", &host, "--ca-file", "authority.pem"];
    let out = target.run(folder.path(), &arguments);
    assert_eq!(out.status.code(), Some(0), "{}{}", text(&out.stdout), text(&out.stderr));
    assert!(text(&out.stdout).contains("3 expectations"), "{}", text(&out.stdout));
}

#[test]
fn who_does_not_show_to_be_who_it_says_is_told_before_anything_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Secured::start(folder.path(), Clock::system());
    let (_, other) = certified();
    std::fs::write(folder.path().join("other.pem"), other).expect("is written");
    std::fs::write(folder.path().join("day.scenario"), ONE_DAY).expect("is written");
    let by_name = target.host("https", "localhost");
    let by_number = target.host("https", "127.0.0.1");
    let plain = format!("--host=https://{}", target._service.address);
    let cases = [
        (&by_name, "other.pem", "cannot trust https://localhost:", "--ca-file FILE names"),
        (&by_number, "authority.pem", "cannot trust https://127.0.0.1:", "--ca-file FILE names"),
        (&plain, "authority.pem", "no secure connection to https://", "does it speak TLS"),
    ];
    for (host, trusted, why, hint) in cases {
        for command in [&["load"][..], &["scenario", "day.scenario"]] {
            let arguments = [command, &[host, "--ca-file", trusted]].concat();
            let out = target.run(folder.path(), &arguments);
            let said = text(&out.stderr);
            assert_eq!(out.status.code(), Some(3), "{arguments:?}: {said}");
            assert!(said.contains(why) && said.contains(hint), "{arguments:?}: {said}");
        }
    }
}
