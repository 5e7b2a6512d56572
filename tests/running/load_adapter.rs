//! A load test by the example of an adapter, over the reference service: agents, visitors and teams go
//! through it, all that it says is judged, and a service that lies behind it is found out.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};

use crate::client::{KEY, Running, limits, start_with};
use crate::over_http::liar;
use lamplighter_load::result::LoadResult;
use lamplighter_service::Clock;

fn start() -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_with(folder.path(), Clock::system(), limits());
    (folder, service)
}

fn load(address: SocketAddr, folder: &Path) -> (Output, LoadResult) {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/adapter.toml");
    let out = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(["load", "--host", &format!("http://{address}"), "--duration", "10s"])
        .args(["--properties", "3", "--agents", "2", "--visitors", "30/s", "--pace", "2s"])
        .args(["--grace", "2s", "--within", "2s", "--json", "load.json"])
        .arg("--target")
        .arg(target)
        .env("LAMPLIGHTER_VAR_admin_key", KEY)
        .current_dir(folder)
        .output()
        .expect("the command runs");
    let json = std::fs::read(folder.join("load.json"));
    let json = json.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&out.stderr)));
    (out, serde_json::from_slice(&json).expect("a result"))
}

fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

#[test]
fn a_product_behind_an_adapter_is_loaded_and_judged() {
    let (folder, service) = start();
    let (out, result) = load(service.address, folder.path());
    let said = said(&out);
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert_eq!(result.about.product, "reference by an adapter");
    let judged = &result.judged;
    assert!(judged.reads > 150 && judged.decisive > 50, "{judged:?}");
    assert!(judged.teams > 0 && judged.wrong_count() == 0, "{judged:?}");
    for operation in ["widget", "login", "status", "logout", "connect", "team"] {
        let stats = result.operations.get(operation);
        assert!(stats.is_some_and(|stats| stats.ok > 0), "{operation}: {said}");
        assert!(stats.is_some_and(|stats| stats.errors.is_empty()), "{operation}: {stats:?}");
    }
}

#[test]
fn a_service_that_lies_behind_an_adapter_is_found_out() {
    let (folder, service) = start();
    let liar = liar(service.address, br#""status":"online""#, br#""status":"away"  "#);
    let (out, result) = load(liar, folder.path());
    assert_eq!(out.status.code(), Some(1), "{}", said(&out));
    assert!(result.judged.wrong_count() > 0, "{:?}", result.judged);
}
