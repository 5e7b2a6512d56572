//! Outages in words: from when to when, what failed, and whether what was acknowledged before was still
//! true behind it.

use lamplighter_load::figures::{counted, duration, thousands};
use lamplighter_load::result::{AfterOutage, LoadResult, Outage};

/// An outage in words.
pub struct OutageTold {
    /// `from 12.0s to 16.1s, 4.06s`
    pub when: String,
    /// `813 calls failed: connection refused (800), timed out (13); 5 waited for its end`
    pub what: String,
    /// When the first right answer came again, and how answers behind it were judged.
    pub after: Vec<String>,
    /// Whether what was acknowledged before was found not to be true.
    pub is_bad: bool,
}

/// All outages of a run, in words.
pub fn told(result: &LoadResult) -> Vec<OutageTold> {
    result.outages.iter().map(tell).collect()
}

fn tell(outage: &Outage) -> OutageTold {
    let at = |us: i64| duration(us.max(0) as f64);
    let Outage { from_us, to_us, failed, waited, after } = outage;
    let when = match to_us {
        Some(to_us) => {
            let length = duration((to_us - from_us) as f64);
            format!("from {} to {}, {length}", at(*from_us), at(*to_us))
        }
        None => format!("from {} on", at(*from_us)),
    };
    let words = failed.iter().map(|(why, count)| format!("{why} ({})", thousands(*count)));
    let words: Vec<String> = words.collect();
    let failed = match outage.failed_count() {
        0 => "no call failed".to_owned(),
        count => format!("{} failed: {}", counted(count, "call"), words.join(", ")),
    };
    let what = match waited {
        0 => failed,
        count => format!("{failed}; {} waited for its end", counted(*count, "call")),
    };
    let after_told = match to_us {
        None => vec!["no right answer came any more".to_owned()],
        Some(to_us) => after_words(after, &at(*to_us)),
    };
    let is_bad = after.wrong > 0 || after.messages_lost > 0;
    OutageTold { when, what, after: after_told, is_bad }
}

fn after_words(after: &AfterOutage, first: &str) -> Vec<String> {
    let of = |wrong: u64, count: u64, what: &str| match count {
        0 => format!("none {what}"),
        _ => format!("{} {what}: {} wrong", thousands(count), thousands(wrong)),
    };
    let mut told = vec![
        format!(
            "the first right answer came at {first}; of those asked for behind it {}",
            of(after.wrong, after.answers, "were judged")
        ),
        format!(
            "of these {}",
            of(
                after.unchanged_wrong,
                after.unchanged,
                "rest on what was acknowledged before it alone"
            )
        ),
    ];
    if after.messages > 0 {
        told.push(format!(
            "{} acknowledged before: {} lost",
            counted(after.messages, "message"),
            thousands(after.messages_lost)
        ));
    }
    told
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_with_what_was_true_behind_it() {
        let after = AfterOutage {
            answers: 2_310,
            wrong: 1,
            unchanged: 412,
            unchanged_wrong: 0,
            messages: 17,
            messages_lost: 0,
        };
        let failed = [("connection refused".to_owned(), 800), ("503".to_owned(), 13)].into();
        let outage =
            Outage { from_us: 12_003_000, to_us: Some(16_063_000), failed, waited: 5, after };
        let told = tell(&outage);
        assert_eq!(told.when, "from 12.0s to 16.1s, 4.06s");
        assert_eq!(
            told.what,
            "813 calls failed: 503 (13), connection refused (800); 5 calls waited for its end"
        );
        assert_eq!(
            told.after,
            [
                "the first right answer came at 16.1s; of those asked for behind it 2,310 were \
                 judged: 1 wrong",
                "of these 412 rest on what was acknowledged before it alone: 0 wrong",
                "17 messages acknowledged before: 0 lost",
            ]
        );
        assert!(told.is_bad);
        let told = tell(&Outage { from_us: 5_000_000, to_us: None, ..Outage::default() });
        assert_eq!((told.when.as_str(), told.what.as_str()), ("from 5.00s on", "no call failed"));
        assert_eq!(told.after, ["no right answer came any more"]);
    }
}
