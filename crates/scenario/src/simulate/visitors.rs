//! Visitors, and the pages that they are on: few words, so that patterns meet them.

use crate::synth::random::RandomStream;
use lamplighter_core::model::{DeviceKind, PagePattern, Visitor};

/// A visitor of whom everything may be known or unknown.
pub fn visitor(stream: &mut RandomStream) -> Visitor {
    let known = |stream: &mut RandomStream| stream.chance(80);
    Visitor {
        page: known(stream).then(|| page(stream)),
        country: known(stream).then(|| {
            let code = *stream.one_of(&["FR", "DE", "US", "JP"]);
            code.parse().expect("a country")
        }),
        device: known(stream).then(|| *stream.one_of(&[DeviceKind::Desktop, DeviceKind::Mobile])),
    }
}

/// Draws one to three page patterns (rule V1).
pub fn pages(stream: &mut RandomStream) -> Vec<PagePattern> {
    let count = stream.between(1, 3);
    let pattern = |_| pattern(stream).parse().expect("it begins with a slash, a star or a host");
    (0..count).map(pattern).collect()
}

fn page(stream: &mut RandomStream) -> String {
    let fronts = ["", "https://example.com", "http://Example.com:8080", "https://other.example"];
    let front = if stream.chance(10) { "example.com" } else { *stream.one_of(&fronts) };
    // A colon before two slashes may stand in a path, too; `%61` is another way to write `a`.
    let path = path(stream, &["a", "b", "c", "A", "%61", "b", "x:"]);
    let back = *stream.one_of(&["", "", "", "?a=/b", "#a", "?x#y"]);
    match (front, path.as_str()) {
        ("", "") => format!("/{back}"),
        _ => format!("{front}{path}{back}"),
    }
}

fn pattern(stream: &mut RandomStream) -> String {
    let words = ["a", "b", "*", "*"];
    let pattern = match stream.below(4) {
        // From the front, from the back, anywhere, or behind a host.
        0 => path(stream, &words),
        1 => format!("*{}", path(stream, &words)),
        2 => path(stream, &["a", "*"]),
        _ => {
            let hosts =
                ["example.com", "EXAMPLE.com", "https://example.com", "http://example.com:8080"];
            format!("{}{}", stream.one_of(&hosts), path(stream, &words))
        }
    };
    if pattern.is_empty() { "/".to_owned() } else { pattern }
}

/// Up to three segments, now and then an empty one.
fn path(stream: &mut RandomStream, words: &[&str]) -> String {
    let mut path = String::new();
    for _ in 0..stream.below(4) {
        path.push('/');
        if stream.chance(8) {
            path.push('/');
        }
        path.push_str(stream.one_of::<&str>(words));
    }
    if stream.chance(30) {
        path.push('/');
    }
    path
}
