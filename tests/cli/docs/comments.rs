//! What stands above an item is a sentence, and no word that its name has already.

use super::root;
use crate::imports::source_files;

/// The word of a line that is a comment of a single one.
fn word(line: &str) -> Option<&str> {
    let text = line.trim().strip_prefix("///")?.trim().strip_suffix('.')?;
    (!text.contains(' ')).then_some(text)
}

#[test]
fn no_item_is_told_by_one_word() {
    let mut files = Vec::new();
    for folder in ["src", "crates"] {
        source_files(&root().join(folder), &mut files);
    }
    let (mut looked_at, mut found) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        let mut is_inside = false;
        for (line, number) in text.lines().zip(1..) {
            let is_comment = line.trim_start().starts_with("///");
            looked_at += usize::from(is_comment);
            // What goes on from a line before may end in a word.
            if let Some(word) = word(line).filter(|_| !is_inside) {
                found.push(format!("{}:{number}: {word}", file.display()));
            }
            is_inside = is_comment;
        }
    }
    assert!(looked_at > 10_000, "comments were not found: {looked_at}");
    assert!(found.is_empty(), "{}", found.join("\n"));
}
