use super::*;
use crate::result::{Class, EVIDENCE_MAX_PER_CLASS, GateVerdict};
use crate::sample::Sample;

fn bad() -> Sample {
    Sample { is_bad: true, ..Sample::default() }
}

/// What the parts say in words, and what each generator took, the whole cannot know of itself.
fn whole_of(parts: u64) -> LoadResult {
    let mut whole = bad().whole();
    whole.generator.cpu_us *= parts;
    whole.judged.cpu_us *= parts;
    let warning = whole.generator.warnings.remove(0);
    let told = (1..=parts).map(|number| format!("shard {number}/{parts}: {warning}"));
    whole.generator.warnings = told.collect();
    whole
}

fn with_gates(mut result: LoadResult, gates: &[&str]) -> LoadResult {
    let gates = gates.iter().map(|gate| Gate::parse(gate).expect("a gate").verdict(&result));
    result.gates = gates.collect();
    result
}

#[test]
fn parts_add_up_to_the_whole_byte_for_byte() {
    for count in [2, 3, 7] {
        let gates = ["wrong > 0", "p99(widget) > 50ms", "errors > 0.1%"];
        let mut parts: Vec<LoadResult> =
            bad().parts(count).into_iter().map(|part| with_gates(part, &gates)).collect();
        parts.reverse();
        // `decisive` is a rounded share of each part in the sample.
        let decisive: u64 = parts.iter().map(|part| part.judged.decisive).sum();
        let merged = merge(parts).expect("parts of one run");
        let mut whole = whole_of(count as u64);
        whole.judged.decisive = decisive;
        let json = |result: &LoadResult| serde_json::to_string(result).expect("JSON");
        assert_eq!(json(&merged), json(&with_gates(whole, &gates)), "{count} parts");
    }
}

#[test]
fn merging_in_steps_gives_the_same_as_all_at_once() {
    let mut parts = bad().parts(4);
    for (index, part) in parts.iter_mut().enumerate() {
        part.goose = format!("table {index}\n");
        part.about.skew_ms = index as f64;
        part.about.arguments.push_str(&format!(" --shard {}/4", index + 1));
    }
    let all = merge(parts.clone()).expect("all");
    let last = parts.split_off(2);
    let [first, last] = [parts, last].map(|half| merge(half).expect("half"));
    assert_eq!(first.about.shards, ["1/4", "2/4"]);
    assert_eq!(missing_shards(&first.about), ["3/4", "4/4"]);
    assert_eq!(merge(vec![last, first]).expect("both"), all);
    assert_eq!(all.about.shards, ["1/1"]);
    assert!(missing_shards(&all.about).is_empty());
    assert!(!all.about.arguments.contains("shard"), "{}", all.about.arguments);
    assert!((all.about.skew_ms - 1.5).abs() < 1e-9);
    assert!((all.about.skew_uncertain_ms - 2.3).abs() < 1e-9);
    assert!(all.goose.starts_with("── shard 1/4 ──\ntable 0\n── shard 2/4 ──\n"), "{}", all.goose);
}

#[test]
fn gates_are_held_against_the_whole() {
    let parts = bad().parts(2);
    let [mut one, other] = <[LoadResult; 2]>::try_from(parts).expect("two");
    one.gates = vec![GateVerdict {
        gate: "wrong > 3".to_owned(),
        passed: true,
        value: "2 of 500 answers".to_owned(),
    }];
    let whole = merge(vec![other, one]).expect("parts of one run");
    assert!(!whole.gates[0].passed, "{:?}", whole.gates);
    assert!(whole.gates[0].value.starts_with("4 of "), "{:?}", whole.gates);
}

#[test]
fn where_no_promise_is_enough_for_a_part_none_is_for_the_whole() {
    let mut parts = bad().parts(2);
    parts[0].judged.within_enough_ms = Some(9_000.0);
    assert_eq!(merge(parts.clone()).expect("a whole").judged.within_enough_ms, Some(9_000.0));
    parts[1].judged.within_enough_ms = None;
    assert_eq!(merge(parts).expect("a whole").judged.within_enough_ms, None);
}

#[test]
fn evidence_is_bounded_while_all_is_counted() {
    let mut parts = bad().parts(2);
    let stale = parts[0].judged.evidence[0].clone();
    for part in &mut parts {
        part.judged.evidence = vec![stale.clone(); 75];
        part.judged.wrong = [(Class::Stale, 75)].into();
    }
    let whole = merge(parts).expect("parts of one run");
    assert_eq!(whole.judged.evidence.len(), EVIDENCE_MAX_PER_CLASS);
    assert_eq!(whole.judged.wrong_count(), 150);
}

#[test]
fn what_does_not_add_up_is_told_with_what_to_do() {
    let spoilt = |spoil: fn(&mut LoadResult)| {
        let mut parts = bad().parts(2);
        spoil(&mut parts[1]);
        merge(parts).expect_err("no parts of one run").to_string()
    };
    assert_eq!(merge(Vec::new()).expect_err("nothing").to_string(), "there is no part to merge");
    for (spoil, message) in [
        (
            (|part| part.format = 9) as fn(&mut LoadResult),
            "a part has format 9, this release reads 2; merge with the release that made it",
        ),
        (
            |part| part.about.shards = vec!["1/2".to_owned()],
            "the shard 1/2 is there twice; name every part once",
        ),
        (
            |part| part.about.shards = vec!["2/3".to_owned()],
            "the shards 1/2 and 2/3 overlap: the plan was divided by 2 and by 3; merge parts of \
             one division",
        ),
        (
            |part| part.about.shards = vec!["1/1".to_owned()],
            "the shards 1/1 and 1/2 overlap: the plan was divided by 1 and by 2; merge parts of \
             one division",
        ),
        (
            |part| part.about.shards = vec!["3/2".to_owned()],
            "`3/2` is no shard: a part says which it is as I/N, e.g. `2/4`",
        ),
        (
            |part| part.about.plan = "0000".to_owned(),
            "the parts 1/2 and 2/2 are not of one run: the plan is `6f0c2b7e91d4a853` in the one \
             and `0000` in the other; give every generator the same arguments and --start-at, and \
             another --shard",
        ),
        (
            |part| part.about.interval_ms = 500,
            "the parts 1/2 and 2/2 are not of one run: the length of a stretch is `1000 ms` in the \
             one and `500 ms` in the other; give every generator the same arguments and \
             --start-at, and another --shard",
        ),
        (
            |part| {
                part.gates = vec![GateVerdict {
                    gate: "wrong".to_owned(),
                    passed: true,
                    value: String::new(),
                }]
            },
            "a part has the gate `wrong`, which cannot be read: expected an operator, found the \
             end (column 6); a gate says when the run fails, with `>`, `>=`, `<` or `<=`",
        ),
    ] {
        assert_eq!(spoilt(spoil), message);
    }
}
