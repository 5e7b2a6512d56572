//! Whatever a file holds, reading it ends, and every finding has a place in it.

use proptest::prelude::*;

use crate::file::builtin::BUILT_IN;
use crate::file::check;

fn is_read(text: &[u8]) -> Result<(), TestCaseError> {
    let checked = check(text, &|_| Err("nothing stands beside it".to_owned()));
    let whole = checked.source.text();
    for finding in &checked.findings {
        let span = finding.diagnostic.span;
        prop_assert!(whole.get(span.start..span.end).is_some(), "{finding:?}");
        prop_assert!(
            !finding.diagnostic.message.is_empty() && !finding.diagnostic.label.is_empty()
        );
    }
    prop_assert_eq!(checked.file.is_none(), checked.has_errors());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_file_with_a_part_gone_or_doubled_is_read_to_its_end(
        file in 0..BUILT_IN.len(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, any::<bool>()), 1..6),
    ) {
        let mut bytes = BUILT_IN[file].1.as_bytes().to_vec();
        for (at, length, is_gone) in cuts {
            let start = at.index(bytes.len());
            let end = (start + length).min(bytes.len());
            let part = bytes[start..end].to_vec();
            bytes.splice(start..end, if is_gone { Vec::new() } else { [part.clone(), part].concat() });
        }
        is_read(&bytes)?;
    }

    #[test]
    fn a_file_of_any_words_is_read_to_its_end(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "[target]", "[[device.login]]", "[widget]", "[hours.shape]", "\n", " = ", "\"{{a|b}}\"",
                "\"{{\"", "'''\n{{x}}\n'''", "get", "json", "keep.a", "{ ", " }", "[", "]", ", ", "1",
                "true", "says", "when", "status", "\"\\u00e4{{n}}\"", "2026-01-01", "ä", "# c", "1e400",
            ]),
            0..60,
        ),
    ) {
        is_read(words.concat().as_bytes())?;
    }
}
