//! The page of the town that the documentation tells with.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::Millis;
use lamplighter_coverage::play::{Opened, Options, Visitors};
use lamplighter_scenario::play::Prepared;

#[test]
fn a_page_is_whole_needs_no_network_and_its_links_lead_somewhere() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/coverage/town.scenario");
    let zones = Arc::new(Zones::bundled());
    let bytes = std::fs::read(&path).expect("the town");
    let prepared = Prepared::new(&path, &bytes, &zones);
    let opened = Opened::new(&path, prepared, &zones).expect("a sound scenario");
    let options = Options {
        from: None,
        to: None,
        ghost_after: Millis(43_200_000),
        visitors: Visitors::None,
        seed: 1,
        staffing: None,
        alternatives: Vec::new(),
        jobs: 1,
    };
    let coverage =
        opened.play(&options, &AtomicBool::new(false), &mut |_, _| {}).expect("a report");
    let mut page = Vec::new();
    super::page(&mut page, "a <town>", &coverage).expect("a page");
    let page = String::from_utf8(page).expect("UTF-8");
    assert!(page.contains("a &lt;town&gt;") && page.trim_end().ends_with("</html>"));
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"));
    // The hours of the whole, and of each of 58 widgets.
    assert_eq!(page.matches("<span class=\"cell ").count(), 59 * 168);
    let links: Vec<&str> = page.split("href=\"#").skip(1).collect();
    assert!(links.len() > 100, "{} links", links.len());
    for link in links {
        let target = link.split('"').next().expect("a target");
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
    }
}
