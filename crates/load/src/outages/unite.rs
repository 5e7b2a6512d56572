//! Outages of the parts of a run as those of the whole. All generators ask one target: outages that
//! overlap are one, which lasts as long as any of them got no right answer.

use crate::result::{AfterOutage, Outage};

/// Adds a part's outages, in whatever order parts come.
pub fn unite(whole: &mut Vec<Outage>, part: Vec<Outage>) {
    let mut all = std::mem::take(whole);
    all.extend(part);
    all.sort_by_key(|outage| (outage.from_us, outage.to_us.unwrap_or(i64::MAX)));
    for outage in all {
        match whole.last_mut() {
            Some(last) if last.to_us.is_none_or(|to_us| outage.from_us <= to_us) => {
                add(last, outage);
            }
            _ => whole.push(outage),
        }
    }
}

fn add(whole: &mut Outage, part: Outage) {
    let Outage { from_us: _, to_us, failed, waited, after } = whole;
    *to_us = to_us.zip(part.to_us).map(|(one, other)| one.max(other));
    for (word, count) in part.failed {
        *failed.entry(word).or_default() += count;
    }
    *waited += part.waited;
    let AfterOutage { answers, wrong, unchanged, unchanged_wrong, messages, messages_lost } = after;
    *answers += part.after.answers;
    *wrong += part.after.wrong;
    *unchanged += part.after.unchanged;
    *unchanged_wrong += part.after.unchanged_wrong;
    *messages += part.after.messages;
    *messages_lost += part.after.messages_lost;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outage(from_us: i64, to_us: Option<i64>, waited: u64) -> Outage {
        Outage { from_us, to_us, waited, ..Outage::default() }
    }

    proptest::proptest! {
        #[test]
        fn parts_unite_in_any_order_and_in_steps(
            parts in proptest::collection::vec(
                proptest::collection::vec((0..100_i64, 0..30_i64, 0..9_u64), 0..4),
                0..5,
            ),
        ) {
            let parts: Vec<Vec<Outage>> = parts
                .into_iter()
                .map(|part| {
                    let of = |(from, length, waited)| {
                        outage(from, (length > 0).then_some(from + length), waited)
                    };
                    let mut own = Vec::new();
                    unite(&mut own, part.into_iter().map(of).collect());
                    own
                })
                .collect();
            let (mut all, mut backwards, mut at_once) = (Vec::new(), Vec::new(), Vec::new());
            parts.iter().for_each(|part| unite(&mut all, part.clone()));
            parts.iter().rev().for_each(|part| unite(&mut backwards, part.clone()));
            unite(&mut at_once, parts.concat());
            assert_eq!(all, backwards);
            assert_eq!(all, at_once);
            let waited = |outages: &[Outage]| outages.iter().map(|o| o.waited).sum::<u64>();
            assert_eq!(waited(&all), parts.iter().map(|part| waited(part)).sum::<u64>());
        }
    }

    #[test]
    fn outages_that_overlap_are_one_and_others_stay_apart() {
        let mut whole = vec![outage(10, Some(20), 1), outage(50, Some(60), 2)];
        unite(&mut whole, vec![outage(18, Some(30), 4), outage(70, None, 8)]);
        let expected = [outage(10, Some(30), 5), outage(50, Some(60), 2), outage(70, None, 8)];
        assert_eq!(whole, expected);
    }
}
