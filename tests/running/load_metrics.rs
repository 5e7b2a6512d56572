//! A test as whoever watches services sees it: what is read at `/metrics` and what is sent by OTLP, by a generator
//! and by its gatherer, is in the end what the report says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::read::GzDecoder;
use lamplighter_load::result::LoadResult;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use prost::Message;

use crate::client::KEY;
use crate::processes::{Process, serve, until};

/// The longest that a test may take; a machine that runs other tests, too, takes its time.
const PATIENCE: Duration = Duration::from_secs(120);
const PLAN: [&str; 15] = [
    "--properties",
    "16",
    "--agents",
    "2",
    "--visitors",
    "60/s",
    "--streams",
    "8",
    "--pace",
    "2s",
    // What a machine that is busy with other tests keeps is not asked here.
    "--within",
    "10s",
    "--no-default-gates",
    "--duration",
    "8s",
];

/// Starts `lamplighter load` with what it says in a file of this name.
fn load(folder: &Path, name: &str, arguments: &[&str]) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    command.arg("load").args(arguments).current_dir(folder);
    command.env("LAMPLIGHTER_ADMIN_KEY", KEY);
    command.env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20YTpi");
    let told = std::fs::File::create(folder.join(format!("{name}.told"))).expect("a file");
    command.stdin(Stdio::null()).stderr(told.try_clone().expect("the same file")).stdout(told);
    Process(command.spawn().expect("the program starts"))
}

fn said(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(format!("{name}.told"))).unwrap_or_default()
}

pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

/// What is read at `/metrics`, with its headers; `None` where nobody listens.
pub fn read_metrics(address: SocketAddr) -> Option<(String, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let request = "GET /metrics HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.to_ascii_lowercase(), body.to_owned()))
}

/// Reads again and again until nobody listens any more; what was read last.
pub fn read_to_the_end(address: SocketAddr) -> String {
    let (head, mut last) = until("metrics can be read", PATIENCE, || read_metrics(address));
    assert!(head.starts_with("http/1.1 200") && head.contains("openmetrics-text"), "{head}");
    until("nobody listens any more", PATIENCE, || {
        let read = read_metrics(address);
        let is_over = read.is_none();
        last = read.map_or_else(|| last.clone(), |(_, body)| body);
        is_over.then_some(())
    });
    last
}

/// A receiver of OTLP that refuses the first message; all that it took.
struct Receiver {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<ExportMetricsServiceRequest>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let taken = Arc::new(Mutex::new(Vec::new()));
        let own = Arc::clone(&taken);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let stream = stream.expect("a connection");
                let request = read_message(&stream);
                let answer = match number {
                    0 => "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 9\r\n\r\nnot today",
                    _ => "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
                };
                if number > 0 {
                    own.lock().expect("nobody panics").push(request);
                }
                (&stream).write_all(answer.as_bytes()).expect("is answered");
            }
        });
        Self { address, taken }
    }

    fn last(&self) -> ExportMetricsServiceRequest {
        self.taken.lock().expect("nobody panics").last().expect("a message").clone()
    }
}

fn read_message(stream: &TcpStream) -> ExportMetricsServiceRequest {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).expect("a line") > 0, "{head}");
    }
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /v1/metrics http/1.1"), "{head}");
    for header in ["content-encoding: gzip", "content-type: application/x-protobuf"] {
        assert!(head.contains(header), "{head}");
    }
    assert!(head.contains("authorization: basic ytpi"), "{head}");
    let length = head.split_once("content-length: ").expect("a length").1;
    let length = length.lines().next().expect("a line").parse().expect("a number");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("all of it");
    let mut message = Vec::new();
    GzDecoder::new(&body[..]).read_to_end(&mut message).expect("is packed");
    ExportMetricsServiceRequest::decode(&message[..]).expect("is a message")
}

/// The points of a counter of a message, by the value of one attribute.
fn sent(message: &ExportMetricsServiceRequest, name: &str) -> f64 {
    use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
    let metrics = &message.resource_metrics[0].scope_metrics[0].metrics;
    let metric = metrics.iter().find(|metric| metric.name == name).expect("is sent");
    let Some(Data::Sum(sum)) = &metric.data else { panic!("{name} only grows") };
    let value = |value: &Option<Value>| match value {
        Some(Value::AsDouble(value)) => *value,
        other => panic!("{other:?}"),
    };
    sum.data_points.iter().map(|point| value(&point.value)).sum()
}

/// How many a histogram of a message has counted.
fn sent_count(message: &ExportMetricsServiceRequest, name: &str) -> u64 {
    let metrics = &message.resource_metrics[0].scope_metrics[0].metrics;
    let metric = metrics.iter().find(|metric| metric.name == name).expect("is sent");
    let Some(Data::ExponentialHistogram(all)) = &metric.data else { panic!("{name}") };
    all.data_points.iter().map(|point| point.count).sum()
}

fn holds_what_the_report_says(read: &str, sent_last: &ExportMetricsServiceRequest, json: &Path) {
    let json = std::fs::read(json).expect("is written");
    let result: LoadResult = serde_json::from_slice(&json).expect("is a result");
    let widget = &result.operations["widget"];
    let p99 = widget.intended.percentile(99.0) as f64 / 1e6;
    let labels = "operation=\"widget\",from=\"intended\"";
    for line in [
        format!("lamplighter_load_visitors_sent_total {}.0", result.rate.sent),
        format!("lamplighter_load_latency_seconds_count{{{labels}}} {}", widget.intended.count()),
        format!(
            "lamplighter_load_quantile_seconds{{{labels},of=\"latency\",quantile=\"0.99\"}} {p99}"
        ),
        "lamplighter_load_gate_passes{gate=\"wrong > 0\"} 1.0".to_owned(),
    ] {
        assert!(read.lines().any(|told| told == line), "{line}: {read}");
    }
    assert_eq!(sent(sent_last, "lamplighter.load.visitors_sent"), result.rate.sent as f64);
    let all = result.operations.values();
    let all = all.map(|stats| stats.intended.count() + stats.service.count()).sum::<u64>();
    assert_eq!(sent_count(sent_last, "lamplighter.load.latency"), all);
}

#[test]
fn what_is_read_and_sent_in_the_end_is_what_the_report_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_service, host) = serve(folder.path());
    let (of_part, of_gatherer) = (Receiver::start(), Receiver::start());
    let (part_at, gatherer_at) = (free_address(), free_address());
    let (prometheus, otlp) = (gatherer_at.to_string(), format!("http://{}", of_gatherer.address));
    let mut gatherer = load(
        folder.path(),
        "gatherer",
        &[
            &["gather", "--parts", "1", "--listen", "127.0.0.1:0", "--json", "whole.json"][..],
            &["--prometheus", &prometheus, "--otlp", &otlp, "--wrong", "wrong-whole"],
        ]
        .concat(),
    );
    let gather = until("the gatherer listens", PATIENCE, || {
        let said = said(folder.path(), "gatherer");
        Some(said.split_once("gathering 1 part at ")?.1.lines().next()?.to_owned())
    });
    let (prometheus, otlp) = (part_at.to_string(), format!("http://{}", of_part.address));
    let mut part = load(
        folder.path(),
        "part",
        &[
            &PLAN[..],
            &["--host", &host, "--gather", &gather, "--json", "part.json"],
            &["--prometheus", &prometheus, "--otlp", &otlp],
        ]
        .concat(),
    );
    let reads =
        [part_at, gatherer_at].map(|address| std::thread::spawn(move || read_to_the_end(address)));
    let [read_part, read_gatherer] = reads.map(|read| read.join().expect("is read"));
    let (part_said, gatherer_said) = (said(folder.path(), "part"), said(folder.path(), "gatherer"));
    assert_eq!(part.ended(PATIENCE).code(), Some(0), "{part_said}");
    assert_eq!(gatherer.ended(PATIENCE).code(), Some(0), "{gatherer_said}");
    let refused =
        "its answer is 503 Service Unavailable not today; the run goes on, and it is tried again";
    assert!(part_said.contains(refused), "{part_said}");
    assert!(gatherer_said.contains("the one part is ready, and starts at "), "{gatherer_said}");
    holds_what_the_report_says(&read_part, &of_part.last(), &folder.path().join("part.json"));
    let whole = folder.path().join("whole.json");
    holds_what_the_report_says(&read_gatherer, &of_gatherer.last(), &whole);
    assert!(read_gatherer.contains("lamplighter_load_parts{state=\"done\"} 1.0"));
    assert!(!read_part.contains("lamplighter_load_parts"));
}

#[test]
fn metrics_that_cannot_be_told_as_asked_are_an_error_before_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = taken.local_addr().map(|address| (taken, address.to_string())).expect("an address");
    for (arguments, code, told) in [
        (["--prometheus", &taken.1], 3, "--prometheus takes another address"),
        (["--otlp", "collector:4318"], 2, "for example --otlp http://127.0.0.1:4318"),
    ] {
        let host = ["--host", "http://127.0.0.1:9"];
        let mut ran = load(folder.path(), "refused", &[&host[..], &arguments].concat());
        assert_eq!(ran.ended(PATIENCE).code(), Some(code));
        let said = said(folder.path(), "refused");
        assert!(said.contains("error: ") && said.contains(told), "{said}");
    }
}
