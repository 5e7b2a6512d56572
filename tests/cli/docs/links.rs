//! Every link between the pages of the repository leads somewhere.

use std::path::{Path, PathBuf};

use super::root;

/// All pages that a person reads.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for folder in ["", "benches", "docs", "reports", "scenarios"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder").flatten();
        let paths = entries.map(|entry| entry.path());
        pages.extend(paths.filter(|path| path.extension().is_some_and(|e| e == "md")));
    }
    pages
}

/// The targets of the links of a page that lead to files and headings.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://"))
}

/// What a link can lead to within a page: its headings as GitHub names them, and its anchors.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter_map(|line| {
        let heading = line.trim_start_matches('#').strip_prefix(' ')?;
        let heading = heading.to_lowercase().replace(' ', "-");
        line.starts_with('#').then_some(heading)
    });
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let headings = headings.map(|heading| heading.chars().filter(kept).collect());
    let ids = page.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    headings.chain(ids.map(str::to_owned)).collect()
}

fn read(page: &Path) -> String {
    std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

#[test]
fn every_link_leads_to_a_file_and_to_a_place_in_it() {
    let mut followed = 0;
    for page in pages() {
        let text = read(&page);
        for link in links(&text) {
            let (file, anchor) = match link.split_once('#') {
                Some((file, anchor)) => (file, Some(anchor)),
                None => (link, None),
            };
            let target = match file {
                "" => page.clone(),
                file => page.parent().expect("a folder").join(file),
            };
            assert!(target.exists(), "{} links to {link}", page.display());
            if let Some(anchor) = anchor {
                let there = anchors(&read(&target)).iter().any(|found| found == anchor);
                assert!(there, "{} links to {link}", page.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed}");
}
