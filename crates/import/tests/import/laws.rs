//! Laws: what the order of rows, the room for sorting and the way of writing times must not change.

use lamplighter_core::model::Instant;
use lamplighter_import::sort::Sorter;
use proptest::prelude::*;

use crate::common::{Scratch, import_text, import_with, in_zone, mapping};

const EVENTS: &str = r#"
format = 1
[time]
at     = "at"
format = "FORMAT"
[agent]
column = "who"
[device]
column = "where"
[[action]]
column = "what"
login  = "in"
logout = "out"
online = "on"
away   = "away"
"#;

/// Rows at instants of their own, so that their order is that of time.
fn rows() -> impl Strategy<Value = Vec<(i64, String)>> {
    let what = prop::sample::select(vec!["in", "out", "on", "away"]);
    prop::collection::vec((1..40_000_i64, 0..3_u8, 0..2_u8, what), 1..60).prop_map(|rows| {
        let mut at_s = 1_780_000_000;
        let row = |(step, who, device, what): (i64, u8, u8, &str)| {
            at_s += step;
            (at_s, format!("a{who},d{device},{what}"))
        };
        rows.into_iter().map(row).collect()
    })
}

fn log(rows: &[(i64, String)], write: impl Fn(i64) -> String) -> String {
    let rows = rows.iter().map(|(at_s, rest)| format!("{},{rest}\n", write(*at_s)));
    format!("at,who,where,what\n{}", rows.collect::<String>())
}

fn instant(at_s: i64) -> Instant {
    Instant::from_millis(at_s * 1_000).expect("in range")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_and_the_room_for_sorting_change_nothing(
        rows in rows(), order in prop::num::u64::ANY, run_entries in 1_usize..20,
    ) {
        let mapping = mapping(&EVENTS.replace("FORMAT", "epoch"));
        let (in_order, _) = import_text(&log(&rows, |at_s| at_s.to_string()), &mapping);
        let mut shuffled = rows;
        shuffled.sort_by_key(|(at_s, _)| (*at_s as u64).wrapping_mul(order | 1));
        let file = Scratch::new(log(&shuffled, |at_s| at_s.to_string()).as_bytes());
        let sorter = Sorter::with_runs_of(run_entries);
        let (trace, _) = import_with(&file.0, &mapping, sorter).expect("it can be imported");
        prop_assert_eq!(trace.split_once('\n').map(|(_, rows)| rows), Some(in_order.as_str()));
    }

    #[test]
    fn the_way_of_writing_times_changes_nothing(rows in rows()) {
        let zone = "Asia/Kolkata";
        let local = |at_s: i64| instant(at_s).to_local(19_800);
        let of = |format: &str, write: &dyn Fn(i64) -> String| {
            let mapping = in_zone(mapping(&EVENTS.replace("FORMAT", format)), zone);
            import_text(&log(&rows, write), &mapping).0
        };
        let iso = of("iso", &|at_s| instant(at_s).to_string());
        prop_assert_eq!(&of("epoch", &|at_s| at_s.to_string()), &iso);
        prop_assert_eq!(&of("epoch-ms", &|at_s| (at_s * 1_000).to_string()), &iso);
        prop_assert_eq!(&of("iso", &|at_s| local(at_s).to_string()), &iso);
        let format = "%d/%m/%Y %I:%M:%S %p";
        prop_assert_eq!(&of(format, &|at_s| local(at_s).format(format).to_string()), &iso);
    }
}
