use super::live::{LivePage, PartsTold, live_page};
use super::page;
use lamplighter_load::gates::Gate;
use lamplighter_load::gather::{PartState, PartStatus};
use lamplighter_load::merge::merge;
use lamplighter_load::result::{Goal, LoadResult, STILL_RUNNING};
use lamplighter_load::sample::Sample;

fn page_of(result: &LoadResult) -> String {
    let mut out = Vec::new();
    page(&mut out, result).expect("a page");
    String::from_utf8(out).expect("UTF-8")
}

fn bad() -> LoadResult {
    let mut result = Sample { is_bad: true, ..Sample::default() }.whole();
    let gates = ["wrong > 0", "p99(widget) > 5s"].map(|gate| Gate::parse(gate).expect("a gate"));
    result.gates = gates.iter().map(|gate| gate.verdict(&result)).collect();
    result
}

#[test]
fn whatever_is_put_in_is_escaped() {
    let mut result = bad();
    result.about.target = "http://x/\"><img src=x onerror=alert(2)>".to_owned();
    result.goose = "</pre><script>alert(3)</script>".to_owned();
    result.operations.insert("<i>".to_owned(), lamplighter_load::sample::operation(5, 1, 0));
    let page = page_of(&result);
    assert!(page.contains("lt-&lt;script&gt;alert(1)"), "the property's name");
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<i>"));
}

/// The page was black on white for want of a file that names them.
#[test]
fn every_colour_that_the_page_asks_for_is_there() {
    let page = page_of(&bad());
    let mut asked = 0;
    for rest in page.split("var(--").skip(1) {
        let name = rest.split([')', ',']).next().expect("a name");
        assert!(page.contains(&format!("--{name}:")), "nothing says what --{name} is");
        asked += 1;
    }
    assert!(asked > 30, "{asked}");
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_no_script() {
    let page = page_of(&bad());
    for outside in ["https://", "src=", "@import", "<link rel=\"stylesheet", "//cdn", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    // The target's address is told, and leads nowhere.
    assert!(page.split("href=\"").skip(1).all(|link| link.starts_with("data:,\"")));
    assert!(page.split("url(").skip(1).all(|url| url.starts_with('#')));
    assert!(!page.contains("NaN") && !page.contains("inf%"));
}

#[test]
fn everything_is_on_it() {
    let page = page_of(&bad());
    for part in [
        "4 wrong answers, 1 of 2 gates failed",
        "<code>wrong &gt; 0</code>",
        "Visitors’ latency by percentile",
        "Visitors’ latency over time",
        "Rates over time",
        "Open connections",
        "the generator fell behind",
        "<span class=\"flag-mark\">edge-late</span> lt-mill-204",
        "scheduler closes",
        "never ended",
        "expect harbour online because agent-online",
        "class=\"wrong-mark\"",
        "Told to a visitor on &#x2f;pricing, from DE, on a desktop, by request <code>lt-1-600</code>",
        "x-request-id: lt-1-600",
        "<td title=\"How often the hours of a widget began or ended",
        "✓ met",
        "read over an edge",
        "Outages of the target",
        "from 4.00s to 5.90s, 1.90s",
        "64 calls failed: 503 (32), timed out (32); 16 calls waited for its end",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(page_of(&Sample::default().whole()).contains("No wrong answer"));
}

#[test]
fn a_run_without_anything_has_a_page() {
    let mut result = Sample { seconds: 0, ..Sample::default() }.whole();
    result.about.interval_ms = 0;
    let page = page_of(&result);
    assert!(!page.contains("NaN") && !page.contains("<figure"));
}

#[test]
fn a_day_stays_a_small_page() {
    let mut result = Sample { seconds: 2, ..Sample::default() }.whole();
    let interval = result.intervals[0].clone();
    result.intervals = vec![interval; 86_400];
    result.about.lasted_ms = 86_400_000;
    let page = page_of(&result);
    assert!(page.len() < 400_000, "{} bytes", page.len());
}

/// What stands in an attribute of each element that begins so.
fn hovers<'p>(page: &'p str, element: &str) -> Vec<&'p str> {
    let rest = page.split(element).skip(1).filter_map(|rest| rest.split('>').next());
    rest.map(|head| {
        let title = head.split("title=\"").nth(1).and_then(|title| title.split('"').next());
        title.unwrap_or_default()
    })
    .collect()
}

#[test]
fn every_number_is_explained_where_one_points_at_it_and_in_a_list() {
    let page = page_of(&bad());
    let numbers = page.split("What the numbers mean").next().expect("the page before it");
    let without_marks = numbers.replace("<li class=\"key", "<span").replace("<th></th>", "");
    let rows = hovers(&without_marks, "<th scope=\"row\"");
    let columns: Vec<&str> = hovers(&without_marks, "<th title");
    assert!(rows.len() >= 16 && columns.len() >= 14, "{} {}", rows.len(), columns.len());
    let about = hovers(&without_marks, "<dt title").len();
    assert!(about >= 12, "{about}");
    let facts: Vec<&str> = without_marks
        .split("<li")
        .skip(1)
        .filter(|rest| {
            rest.contains("<b>") && rest.split("</li>").next().is_some_and(|li| li.contains("<b>"))
        })
        .map(|rest| rest.split('>').next().unwrap_or_default())
        .collect();
    assert!(facts.len() > 20, "{}", facts.len());
    for fact in &facts {
        assert!(fact.contains("title=\"") && !fact.contains("title=\"\""), "<li{fact}>");
    }
    for means in rows {
        assert!(!means.is_empty());
        assert!(page.contains(&format!("<dd>{means}</dd>")), "{means}");
    }
}

#[test]
fn a_run_without_edges_and_graces_says_so_beside_its_gates() {
    let mut result = Sample::default().whole();
    let told = "no edge of a scheduler and no end of a grace happened in this run";
    result.edges.schedulers = 1;
    assert!(!page_of(&result).contains(told));
    (result.edges.schedulers, result.edges.graces) = (0, 0);
    let page = page_of(&result);
    assert!(page.contains(told) && page.contains("logarithmic scale"), "{page}");
}

/// The title of a page, the line above all else, and the class of its colour.
fn headed(page: &str) -> [&str; 3] {
    let between = |from: &str, to: &str| {
        let (_, rest) = page.split_once(from).expect(from);
        rest.split_once(to).expect(to).0
    };
    [between("<title>", " · "), between("<h1>", "</h1>"), between("<header class=\"", "\">")]
}

/// A run that was cut off was titled "Passed".
#[test]
fn only_a_run_that_is_over_can_have_passed() {
    let whole = |spoil: fn(&mut LoadResult)| {
        let mut result = Sample::default().whole();
        result.gates = vec![Gate::parse("wrong > 0").expect("a gate").verdict(&result)];
        spoil(&mut result);
        page_of(&result)
    };
    let good = "o wrong answer, every gate passed";
    let page = whole(|_| {});
    assert_eq!(headed(&page), ["Passed", &format!("N{good}"), "passed"]);
    let page = whole(|result| {
        result.about.interrupted = true;
        result.about.ended_early = Some("Ctrl-C, or a signal to end".to_owned());
    });
    assert_eq!(headed(&page), ["Cut off", &format!("Cut off: n{good} until then"), "invalid"]);
    assert!(page.contains("<li>ended early: Ctrl-C"));
    let page = whole(|result| {
        result.about.interrupted = true;
        result.about.ended_early = Some(STILL_RUNNING.to_owned());
    });
    assert_eq!(headed(&page), ["Not finished", &format!("Not finished: n{good}"), "invalid"]);
    let page = whole(|result| result.unfinished.push("8 properties are left".to_owned()));
    assert_eq!(headed(&page), ["Not finished", &format!("Not finished: n{good}"), "invalid"]);
    let page = whole(|result| result.gates[0].passed = false);
    assert_eq!(headed(&page), ["1 gate failed", "No wrong answer, 1 of 1 gate failed", "failed"]);
    let mut bad = bad();
    let told = "4 wrong answers, 1 of 2 gates failed";
    assert_eq!(headed(&page_of(&bad)), ["4 wrong answers", told, "failed"]);
    bad.about.interrupted = true;
    let (title, told) = ("Cut off: 4 wrong answers", format!("Cut off: {told}"));
    assert_eq!(headed(&page_of(&bad)), [title, &told, "failed"]);
}

/// The page of a test of two parts, the second of which is lost.
fn live(told: PartsTold<'_>, lacks: Option<Vec<String>>) -> String {
    let states = [PartState::Playing, PartState::Lost("nothing was heard of it".to_owned())];
    let parts: Vec<PartStatus> = ["1/2", "2/2"]
        .into_iter()
        .zip(states)
        .map(|(shard, state)| PartStatus {
            shard: shard.to_owned(),
            state: Some(state),
            clock: Default::default(),
            lasted_ms: 4_000,
            sent: 400,
            wrong: 0,
        })
        .collect();
    live_page(&LivePage { told, parts: &parts, start: None, lacks }).expect("a page")
}

/// A test that went on was titled "Passed", above a warning that it had ended early.
#[test]
fn a_test_that_goes_on_is_told_of_as_far_as_it_is() {
    let mut parts = Sample::default().parts(2);
    for part in &mut parts {
        part.about.ended_early = Some(STILL_RUNNING.to_owned());
        part.about.interrupted = true;
        part.unfinished.push("3 messages were not looked for: that is done at the end".to_owned());
        part.goals.get_mut(&Goal::Edges).expect("a goal").planned += 1_000;
        part.edges.schedulers = 0;
        part.edges.graces = 0;
    }
    let so_far = merge(parts.clone()).expect("parts of one run");
    let page = live(PartsTold::Whole(&so_far), None);
    assert_eq!(headed(&page), ["Running", "So far: no wrong answer", "running"]);
    assert!(page.contains("lost: nothing was heard of it") && page.contains("not yet"));
    for end in ["Passed", "<li>ended early", "done at the end", "it says little", "nothing of them"]
    {
        assert!(!page.contains(end), "{end}");
    }
    // One of them has come to its end by itself.
    parts[1].about.ended_early = Some("a gate failed: errors > 1%".to_owned());
    let so_far = merge(parts).expect("parts of one run");
    let page = live(PartsTold::Whole(&so_far), None);
    assert!(page.contains("<li>ended early: shard 2&#x2f;2: a gate failed: errors &gt; 1%</li>"));

    let mut bad = bad();
    bad.about.ended_early = Some(STILL_RUNNING.to_owned());
    let page = live(PartsTold::Whole(&bad), None);
    let told = "So far: 4 wrong answers, 1 of 2 gates failed";
    assert_eq!(headed(&page), ["So far: 4 wrong answers", told, "failed"]);

    let lost = "shard 2/2 was lost, 31.0% of the plan is unjudged: nothing was heard of it";
    let mut whole = Sample::default().whole();
    whole.about.interrupted = true;
    whole.unfinished.push(lost.to_owned());
    let page = live(PartsTold::Whole(&whole), Some(vec![lost.to_owned()]));
    assert_eq!(headed(&page), ["Cut off", "Cut off: no wrong answer until then", "invalid"]);
    assert!(page.contains("31.0% of the plan is unjudged"));
    let page = live(PartsTold::Whole(&Sample::default().whole()), Some(Vec::new()));
    assert_eq!(headed(&page), ["Passed", "No wrong answer", "passed"]);
}

/// Where the parts did not add up the page said that the test had not begun.
#[test]
fn a_test_without_a_result_says_why_it_has_none() {
    let page = live(PartsTold::Nothing, None);
    let told = "Nothing is known of answers yet";
    assert_eq!(headed(&page), ["Before the start", told, "running"]);
    let unlike = PartsTold::Unlike("--within is `1` in the one and `2` in the other".to_owned());
    for lacks in [None, Some(Vec::new())] {
        let page = live(unlike.clone(), lacks);
        let told = "What the parts tell does not add up";
        assert_eq!(headed(&page), ["The parts do not add up", told, "failed"]);
        assert!(page.contains("<p class=\"wrong-told\">--within is `1` in the one"));
    }
    let lacks = vec!["shard 2/2 was never heard of".to_owned()];
    let page = live(PartsTold::Nothing, Some(lacks));
    let told = "The test ended before any part had told anything";
    assert_eq!(headed(&page), ["Ended", told, "failed"]);
    assert!(page.contains("<li>shard 2&#x2f;2 was never heard of</li>"));
}
