//! The page about other products' rules: each knob with its positions, and what is built in.

use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::model::{Knob, RuleSet};
use lamplighter_scenario::language::rules::named;
use lamplighter_scenario::language::span::Span;

use super::{quoted, rows};

const PAGE: &str = include_str!("../../../docs/rules-of-your-product.md");

#[test]
fn the_page_of_knobs_has_each_with_its_positions_in_their_order() {
    let rows = rows(PAGE, "| knob | positions | changes | what it decides |");
    assert_eq!(rows.len(), Knob::ALL.len());
    for (row, &knob) in rows.iter().zip(Knob::ALL) {
        assert_eq!(quoted(row[0]), [knob.name()]);
        let written = quoted(row[1]);
        match knob {
            Knob::Grace => assert_eq!(written, ["2m", "never"], "a duration, or never"),
            _ => assert_eq!(written, knob.positions(), "{}", knob.name()),
        }
        for rule in knob.rules().split([',', ' ']).filter(|word| word.len() == 2 && *word != "to") {
            assert!(row[2].contains(&format!("[{rule}]")), "{}: {rule}", knob.name());
        }
    }
}

#[test]
fn every_answer_to_the_twenty_questions_is_a_position_and_every_knob_has_a_question() {
    let rows = rows(PAGE, "| | question | if so |");
    assert_eq!(rows.len(), 20);
    let mut asked = Vec::new();
    for row in &rows {
        let mut last = None;
        for answer in quoted(row[2]) {
            let knob = answer.split_once(" = ").map(|(knob, _)| Knob::of(knob).expect(answer));
            let knob = knob.or(last).expect("a knob before its positions");
            let position = answer.rsplit(" = ").next().expect("a position").trim_matches('"');
            assert_eq!({ RuleSet::BOOK }.put(knob, position), Ok(()), "{answer}");
            asked.push(knob);
            last = Some(knob);
        }
    }
    assert!(Knob::ALL.iter().all(|knob| asked.contains(knob)));
}

#[test]
fn the_table_of_the_page_is_one_and_every_product_is_on_it() {
    let (_, rest) = PAGE.split_once("```toml\n").expect("a table");
    let (table, _) = rest.split_once("```").expect("its end");
    let rules = named("ours.toml", Span::default(), &|_| Ok(table.to_owned())).expect("rules");
    assert_eq!(rules.position(Knob::Grace), "45s");
    assert_eq!(rules.position(Knob::Hours), "replace");
    assert_eq!(rules.position(Knob::AwayIs), "offline", "extended");
    assert!(PRODUCTS.iter().all(|product| PAGE.contains(&format!("\n{} ", product.name))));
}
