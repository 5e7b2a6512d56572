//! A target file tried out with one agent: what is told of a product that is not as it must be.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lamplighter_target::Trust;
use lamplighter_target::driver::{Endpoint, Exchange, ExchangeListener};
use lamplighter_target::file::check;
use lamplighter_target::file::section::Section;
use lamplighter_target::trial::{TrialListener, TrialOptions, TrialResult, try_out};

use super::FRONT;
use super::fake::{Fake, Reply, Seen, ok, status};
use super::plays::{FILE, Product};

/// Takes down what is told.
#[derive(Default)]
struct Told {
    wrong: Mutex<Vec<String>>,
    exchanges: Mutex<Vec<Exchange>>,
}

impl ExchangeListener for Told {
    fn on_exchange(&self, exchange: &Exchange) {
        let mut exchanges = self.exchanges.lock().expect("no test panics while it holds this");
        exchanges.push(exchange.clone());
    }
}

impl TrialListener for Told {
    fn stage(&self, _: &str) {}

    fn seen(&self, _: &str) {}

    fn wrong(&self, what: &str) {
        self.wrong.lock().expect("no test panics while it holds this").push(what.to_owned());
    }
}

/// Tries a file out on the product, but for what is answered otherwise: the result, what is wrong, and the
/// calls.
async fn tried(
    text: &str,
    otherwise: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static,
) -> (TrialResult, Vec<String>, Vec<Exchange>) {
    let product = Mutex::new(Product::default());
    let fake = Fake::start(move |seen, _| {
        let truly = || product.lock().expect("no test panics while it holds this").answer(seen);
        otherwise(seen).unwrap_or_else(truly)
    })
    .await;
    let checked = check(format!("{FRONT}{text}").as_bytes(), &|path| Err(path.to_owned()));
    let file = checked.file.unwrap_or_else(|| panic!("{:#?}", checked.findings));
    let endpoint = Endpoint::new(&fake.url(), &Trust::Machine).expect("an address");
    let told = Arc::new(Told::default());
    let tried = try_out(file, endpoint, told.clone(), &TrialOptions::default()).await;
    let take = |all: &Mutex<Vec<String>>| all.lock().expect("nobody else holds it").clone();
    let exchanges = told.exchanges.lock().expect("nobody else holds it").clone();
    (tried.expect("it is there"), take(&told.wrong), exchanges)
}

fn with_hold(hold: &str) -> String {
    FILE.replace("[team]", &format!("[device.hold]\n{hold}\n[team]"))
}

#[tokio::test]
async fn a_product_that_is_as_it_must_be_passes() {
    let (trial, wrong, _) =
        tried(&with_hold("call = { get = \"/hold\" }\nevery = 0.05"), |_| None).await;
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!((trial.wrong, trial.not_run), (0, Vec::new()));
}

#[tokio::test]
async fn t27_a_device_that_nothing_ever_holds_is_told() {
    let polls = with_hold("call = { get = \"/hold\" }\nevery = 0.05");
    // What settles at once counts as connected until it is answered.
    let slow = format!("{polls}[timing]\nshows_within = 0.4\n");
    let at_once = tried(&slow, |seen| {
        let later = || Reply::Later(Duration::from_millis(300), 404, String::new());
        (seen.path == "/hold").then(later)
    });
    // The call must be refused before it has settled.
    let polls = format!("{polls}[timing]\nhold_settles = 0.5\n");
    let refused = tried(&polls, |seen| (seen.path == "/hold").then(|| status(404)));
    let script = "socket = \"/hold\"\nscript = [{ await = \"never\" }]";
    let waits = format!("[http]\ntimeout = 2\n{}", with_hold(script));
    let waits = tried(&waits, |seen| (seen.path == "/hold").then(|| Reply::Socket(vec!["hello"])));
    let (refused, waits, at_once) = tokio::join!(refused, waits, at_once);
    let [why] = &at_once.1[..] else { panic!("{:?}", at_once.1) };
    assert!(why.contains("d1") && why.contains(": refused (status 404)"), "{why}");
    assert_eq!(refused.1, ["session lost on d1: refused (status 404)"]);
    assert_eq!(
        waits.1[0],
        "what holds d1 has not connected it within 15 s: its script has not begun within 2 s"
    );
}

#[tokio::test]
async fn t4_a_session_that_ends_by_itself_is_told() {
    let hold = with_hold("call = { get = \"/hold/{{value}}\" }\nevery = 0.02");
    let file = format!("[http]\ngone = {{ status = 401 }}\n{hold}[timing]\nshows_within = 0.2\n");
    let (_, wrong, _) = tried(&file, |seen| (seen.path == "/hold/away").then(|| status(401))).await;
    assert!(wrong.contains(&"session lost on d2: it is gone".to_owned()), "{wrong:?}");
}

#[tokio::test]
async fn p6_who_is_suspended_is_no_part_of_a_folded_widget() {
    let suspends =
        "[member]\nsuspend = { post = \"/suspend\" }\nreinstate = { post = \"/back\" }\n";
    let (_, wrong, exchanges) = tried(&format!("{FILE}{suspends}"), |_| None).await;
    assert_eq!(wrong, Vec::<String>::new());
    assert!(exchanges.iter().any(|exchange| exchange.section == Section::MemberSuspend));
}

#[tokio::test]
async fn a_stream_that_was_listened_to_has_run() {
    let widget = r#"
[widget]
read = { get = "/widget", keep.said = { regex = "^(\\w+)$" } }
push = { stream = "/stream", keep.said = { regex = "^(\\w+)$" } }
says = [{ status = ["online", "away", "offline"] }]
"#;
    let file = FILE.replace("[widget]\nfrom = \"team\"\n", widget);
    let file = format!("properties = [{{ property = \"acme\" }}]\n{file}");
    let (trial, wrong, _) = tried(&file, |seen| match &*seen.path {
        "/widget" => Some(ok("online")),
        "/stream" => Some(Reply::Raw(b"HTTP/1.1 200 OK\r\n\r\ndata: online\n\n".to_vec())),
        _ => None,
    })
    .await;
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(trial.not_run, Vec::new());
}

#[tokio::test]
async fn a_step_that_is_not_done_is_told_with_the_header_that_it_looked_at() {
    let login = r#"login = [{ as = "visitor", get = "/form" }, { as = "visitor", post = "/login/{{agent}}/{{device}}", done = { status = 302, header = { Location = "^/home", X-Csrf = "." } }, keep.csrf = { header = "x-csrf" } }]"#;
    let one = r#"login = { as = "visitor", post = "/login/{{agent}}/{{device}}" }"#;
    let file =
        FILE.replace(one, login).replace("[team]", "headers = { X-Csrf = \"{{csrf}}\" }\n[team]");
    let (_, wrong, exchanges) = tried(&file, |seen| {
        let headers = vec![("Location", "/nowhere".to_owned()), ("X-Csrf", "s3cret-1".to_owned())];
        seen.path.starts_with("/login").then(|| Reply::Plain(302, headers, Vec::new()))
    })
    .await;
    let shown = "`Location` is `/nowhere`, `X-Csrf` is `***x-csrf***`";
    assert_eq!(wrong, [format!("device.login is refused (status 302), at step 2, {shown}")]);
    let login = exchanges.iter().find(|exchange| exchange.step == 2).expect("it is called");
    assert_eq!(login.looked_at[0], ("Location".to_owned(), Some("/nowhere".to_owned())));
    assert!(!format!("{:?}", login.looked_at).contains("s3cret-1"));
}

#[tokio::test]
async fn a_socket_whose_handshake_is_answered_as_gone_is_told_as_gone() {
    let file = with_hold("socket = \"/hold\"\nscript = [{ await = \"never\" }]");
    let file = format!("[http]\ngone = {{ status = 401 }}\n{file}");
    let (_, wrong, exchanges) =
        tried(&file, |seen| (seen.path == "/hold").then(|| status(401))).await;
    assert_eq!(wrong, ["session lost on d1: it is gone"]);
    let hold = exchanges.iter().find(|exchange| exchange.section == Section::DeviceHold);
    assert_eq!(hold.expect("it is asked for").outcome, "gone");
}
