use super::page;
use lamplighter_load::gates::Gate;
use lamplighter_load::result::LoadResult;
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
