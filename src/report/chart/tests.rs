use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use unicode_width::UnicodeWidthStr;

use super::{chart, shortened};
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{Options, Verdict, run};

fn played(text: &str) -> Verdict {
    let options = Options { picture: true, ..Options::default() };
    run(
        Path::new("a.scenario"),
        text.as_bytes(),
        &Arc::new(Zones::bundled()),
        options,
        &AtomicBool::new(false),
    )
}

fn drawn(text: &str, width: usize) -> String {
    let mut out = Vec::new();
    chart(&mut out, &played(text), width).expect("memory takes everything");
    let text = String::from_utf8(out).expect("UTF-8");
    anstream::adapter::strip_str(&text).to_string()
}

const DAY: &str = r"scenario A day with lunch
timezone America/New_York
property acme
  members ann bob
  scheduler America/New_York
    daily 09:00-12:00 13:00-17:00
at 2026-03-09 08:00
  ann logs in on laptop
  expect acme online
at 10:00
  ann logs in on phone
  ann goes invisible on laptop
at 11:00
  ann goes away on phone
at 14:00
  ann logs out
  bob logs in on desk
  bob goes invisible
until 18:00
";

#[test]
fn a_day_is_drawn_to_the_letter() {
    let expected = "\
A day with lunch
2026-03-09 08:00 to 2026-03-09 18:00, America/New_York
at         ▾          ▾     ▾                ▾
ann@laptop ███████████▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁···················
   @phone  ···········██████▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄···················
bob@desk   ··································▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
acme       ······███████████▄▄▄▄▄▄·····▄▄▄▄▄▄▒▒▒▒▒▒▒▒▒··········
  hours    ······═════════════════·····═══════════════··········
FAIL       ✕
           ┬──────────┬─────┬─────┬──────────┬────────┬─────┬───
           08:00    10:00 11:00 12:00      14:00    17:00 18:00
           Mon 9 Mar 2026
█ online  ▒ online, no chat  ▄ away  ▁ invisible
· logged out, offline, closed  ═ hours open  ▾ at
✕ false expectation
";
    assert_eq!(drawn(DAY, 64), expected);
}

#[test]
fn years_of_hours_and_a_clock_change_are_cut_short() {
    let text = "scenario Ten years\ntimezone Europe/Paris\nproperty acme\n  members ann\n  \
         scheduler Europe/Paris\n    daily 09:00-17:00\nat 2026-03-29 01:00\n  \
         ann logs in on desk\nat 04:00\n  ann goes away\nuntil 2036-03-29 00:00\n";
    let drawn = drawn(text, 100);
    for part in ["──//──", "█▄▄", "─±─", "▚▚", "2026 – 2036", "▚ changes too often to draw"]
    {
        assert!(drawn.contains(part), "{part}\n{drawn}");
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [0, 40, 57, 80, 200] {
        let drawn = drawn(DAY, width);
        let marks = drawn.lines().skip(2);
        assert!(marks.clone().all(|line| line.width() <= width.max(40)), "{drawn}");
        assert!(marks.clone().any(|line| line.width() + 12 > width), "{drawn}");
    }
}

#[test]
fn a_faulty_scenario_has_nothing_to_draw() {
    let nothing = "nothing was played, so there is nothing to draw\n";
    assert_eq!(drawn("scenario A plan\nproperty acme\n", 80), nothing);
    assert_eq!(drawn("scenario A fault\nproperty acme\nat noon\n", 80), nothing);
}

#[test]
fn names_keep_their_ends() {
    assert_eq!(shortened("ann@laptop", 10), "ann@laptop");
    assert_eq!(shortened("ann@laptop", 7), "…laptop");
    assert_eq!(shortened("李雷@手机", 6), "…@手机");
    assert_eq!(shortened("李雷@手机", 7), "…@手机");
}
