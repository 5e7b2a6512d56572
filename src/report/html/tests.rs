use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::page;
use crate::report::summary::Summary;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{Options, Verdict, run};

fn played(path: &str, text: &str) -> Verdict {
    let options = Options { picture: true, ..Options::default() };
    run(
        Path::new(path),
        text.as_bytes(),
        &Arc::new(Zones::bundled()),
        options,
        &AtomicBool::new(false),
    )
}

fn page_of(verdicts: &[Verdict]) -> String {
    let mut summary = Summary::default();
    verdicts.iter().for_each(|verdict| summary.add(verdict));
    let mut out = Vec::new();
    page(&mut out, verdicts, &[], &summary, Duration::from_millis(12)).expect("a page");
    String::from_utf8(out).expect("UTF-8")
}

const HOLDS: &str = "scenario It holds\nproperty acme\n  members ann\nat 2026-03-09 09:00\n  \
     ann logs in on laptop\n  expect acme online\n";
const FAILS: &str = "scenario It fails\nproperty acme\n  members ann\nat 2026-03-09 09:00\n  \
     expect acme online because agent-online\n";
const FAULTY: &str = "scenario It is faulty\nproperty acme\nat noon\n";

#[test]
fn whatever_is_put_in_is_escaped() {
    let text = "scenario <script>alert(1)</script> & \"so\" 'on'\nsource   </title><b>\n\
         property acme\n  members ann\n  greeting online \"<script>alert(2)</script>\"\n\
         at 2026-03-09 09:00\n  ann logs in on laptop\n  \
         expect acme online greeting \"<img src=x onerror=alert(3)>\"\n";
    let page = page_of(&[played("<i>&.scenario", text), played("b", "<script>alert(4)</script>")]);
    assert_eq!(page.matches("<script>").count(), 1, "only our own");
    assert!(!page.contains("alert(1)</") && page.contains("&lt;script&gt;alert(1)"));
    assert!(!page.contains("<img") && page.contains("&lt;img src=x"));
    assert!(!page.contains("</title><b>") && !page.contains("<i>"));
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let page = page_of(&[played("a", HOLDS), played("b", FAILS), played("c", FAULTY)]);
    for outside in ["http://", "https://", "src=", "@import", "<link rel=\"stylesheet", "//cdn"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let urls = page.split("url(").skip(1);
    assert!(urls.into_iter().all(|url| url.starts_with('#')));
    let links = page.split("href=\"").skip(1);
    assert!(links.into_iter().all(|link| link.starts_with('#') || link.starts_with("data:,\"")));
}

#[test]
fn what_did_not_hold_comes_first_and_open() {
    let verdicts: Vec<Verdict> =
        [HOLDS, FAULTY, HOLDS, HOLDS, FAILS].map(|t| played("a", t)).into();
    let page = page_of(&verdicts);
    let scenarios: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("<details class=\"scenario ")).collect();
    assert_eq!(
        scenarios,
        [
            "failed\" id=\"s1\" open>",
            "invalid\" id=\"s2\" open>",
            "passed\" id=\"s3\">",
            "passed\" id=\"s4\">",
            "passed\" id=\"s5\">",
        ]
    );
    assert!(page.contains("2 of 5 scenarios do not hold"));
}

#[test]
fn a_failure_is_told_in_full_and_marked_in_the_picture() {
    let page = page_of(&[played("team.scenario", FAILS)]);
    for part in [
        "<p class=\"place\">team.scenario:5:3</p>",
        "<span class=\"gutter\">5</span>  expect acme <mark>online</mark> because agent-online",
        "<dd class=\"expected\">online</dd>",
        "<dd class=\"found\">offline (nobody-present, rule W4)</dd>",
        "<li>at 2026-03-09 09:00 UTC (2026-03-09T09:00:00Z)</li>",
        "<a href=\"#s1-f1\"",
        "id=\"s1-f1\"",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[test]
fn a_fault_is_told_in_full_and_nothing_is_drawn() {
    let page = page_of(&[played("team.scenario", FAULTY)]);
    assert!(page.contains("<p class=\"place\">team.scenario:3:"));
    assert!(page.contains("<mark>noon</mark>"));
    assert!(!page.contains("<figure"));
}

#[test]
fn a_clock_change_and_long_quiet_are_drawn() {
    let text = "scenario A year\ntimezone Europe/Paris\nproperty acme\n  members ann\n\
         at 2026-03-29 00:30\n  ann logs in on laptop\nat +1m\n  ann goes away\nat +1m\n  \
         ann goes online\nat +2h\n  ann goes invisible\nuntil 2027-03-01 00:00\n";
    let page = page_of(&[played("a", text)]);
    assert!(page.contains("the clock goes from 2026-03-29 02:00 to 2026-03-29 03:00"));
    assert!(page.contains("cut short: nothing happens for 336d"));
    assert!(page.contains("2026-03-29 00:32 to 2026-03-29 03:32 (2h)"));
}

#[test]
fn a_page_without_scenarios_says_so() {
    assert!(page_of(&[]).contains("Nothing was run"));
}

#[test]
fn ten_thousand_changes_stay_a_small_picture() {
    let text = "scenario Ten years\nproperty acme\n  members ann\n  scheduler Europe/Berlin\n    \
         daily 09:00-12:00 13:00-17:00\nat 2026-01-01 00:00\n  ann logs in on laptop\n\
         until 2036-01-01 00:00\n";
    let page = page_of(&[played("a", text)]);
    assert!(page.len() < 60_000, "{} bytes", page.len());
    assert!(page.contains("changes by the clock"));
}

#[test]
fn the_rows_of_a_file_stand_together_under_a_heading_with_the_false_one_first() {
    let text = "scenario It is {status}\nexamples\n| status |\n| offline |\n| online |\n| offline |\n\
         property acme\nat 2026-03-09 09:00\n  expect acme {status}\n";
    let mut verdicts = vec![played("holds.scenario", HOLDS)];
    verdicts.extend([4, 5, 6].map(|line| played(&format!("rows.scenario:{line}"), text)));
    let page = page_of(&verdicts);
    assert!(page.contains("<h2 class=\"group\">rows.scenario: 3 rows, 2 passed</h2>"), "{page}");
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    let order = [
        place("class=\"group\""),
        place("<span class=\"path\">rows.scenario:5</span>"),
        place("<span class=\"path\">rows.scenario:4</span>"),
        place("<span class=\"path\">rows.scenario:6</span>"),
        place("<span class=\"path\">holds.scenario</span>"),
    ];
    assert!(order.is_sorted(), "{order:?}");
    assert!(page.contains("row 5: status online"), "{page}");
}

#[test]
fn many_scenarios_stand_in_folders_and_those_open_in_which_one_is_bad() {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for (folder, texts) in
        [("a", vec![HOLDS; 6]), ("b", vec![HOLDS, FAULTY, HOLDS]), ("c", vec![HOLDS, HOLDS, FAILS])]
    {
        let named = texts.iter().enumerate();
        verdicts.extend(named.map(|(at, text)| played(&format!("{folder}/{at}.scenario"), text)));
    }
    let flat = page_of(&verdicts);
    assert!(!flat.contains("<details class=\"folder\""), "twelve are few");
    verdicts.push(played("a/6.scenario", HOLDS));
    let page = page_of(&verdicts);
    let folders: Vec<&str> = page
        .lines()
        .filter(|line| {
            line.starts_with("<details class=\"folder")
                || line.starts_with("<summary><span class=\"folder-path")
        })
        .collect();
    let summary = |path: &str, count: &str| {
        format!(
            "<summary><span class=\"folder-path\"><bdi>{path}</bdi></span> <span class=\"counts\">{count}</span></summary>"
        )
    };
    let [c, b, a] = [
        summary("c", "3 scenarios · <b class=\"failed\">1 failed</b>"),
        summary("b", "3 scenarios · <b class=\"invalid\">1 invalid</b>"),
        summary("a", "7 scenarios"),
    ];
    let (open, shut) = ("<details class=\"folder\" open>", "<details class=\"folder\">");
    assert_eq!(folders, [open, &c, open, &b, shut, &a]);
    assert!(
        page.find("c&#x2f;2.scenario") < page.find("c&#x2f;0.scenario"),
        "what is bad comes first"
    );
}
