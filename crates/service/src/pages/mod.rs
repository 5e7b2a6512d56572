//! What people look at: the agents' dashboard, the demonstration site and the embedded widget, with
//! the scripts, styles and pictures that belong to them. Templates are filled in here; everything
//! else is handed out as it stands.
//!
//! The pages load nothing from elsewhere and hold no script or style of their own, so that they work
//! under `Content-Security-Policy: default-src 'self'`.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error};
use serde::Serialize;

/// The names end in `.html`, and so whatever is put in is escaped.
const DASHBOARD: &str = "dashboard.html";
const DEMO: &str = "demo.html";

/// What is served at `/widget.js`, for any site to embed: one block, so that it leaves no names behind.
pub const WIDGET: &str =
    concat!("{\n", include_str!("follow.js"), include_str!("widget.js"), "}\n");

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// Below `/assets/`: the name, the content type and the text.
const ASSETS: [(&str, &str, &str); 31] = [
    ("account.js", SCRIPT, include_str!("account.js")),
    ("admin.js", SCRIPT, include_str!("admin.js")),
    ("api.js", SCRIPT, include_str!("api.js")),
    ("ask.js", SCRIPT, include_str!("ask.js")),
    ("coverage.js", SCRIPT, include_str!("coverage.js")),
    ("dashboard.css", STYLE, include_str!("dashboard.css")),
    ("dashboard.js", SCRIPT, include_str!("dashboard.js")),
    ("dates.js", SCRIPT, include_str!("dates.js")),
    ("day.js", SCRIPT, include_str!("day.js")),
    ("demo.css", STYLE, include_str!("demo.css")),
    ("demo.js", SCRIPT, include_str!("demo.js")),
    ("device.js", SCRIPT, include_str!("device.js")),
    ("directory.js", SCRIPT, include_str!("directory.js")),
    ("dom.js", SCRIPT, include_str!("dom.js")),
    ("entries.js", SCRIPT, include_str!("entries.js")),
    ("exceptions.js", SCRIPT, include_str!("exceptions.js")),
    ("hours.js", SCRIPT, include_str!("hours.js")),
    ("icon.svg", PICTURE, include_str!("icon.svg")),
    ("live.js", SCRIPT, include_str!("live.js")),
    ("members.js", SCRIPT, include_str!("members.js")),
    ("menu.js", SCRIPT, include_str!("menu.js")),
    ("merge.js", SCRIPT, include_str!("merge.js")),
    ("messages.js", SCRIPT, include_str!("messages.js")),
    ("month.js", SCRIPT, include_str!("month.js")),
    ("places.js", SCRIPT, include_str!("places.js")),
    ("question.js", SCRIPT, include_str!("question.js")),
    ("settings.js", SCRIPT, include_str!("settings.js")),
    ("team.js", SCRIPT, include_str!("team.js")),
    ("turns.js", SCRIPT, include_str!("turns.js")),
    ("whole.js", SCRIPT, include_str!("whole.js")),
    ("window.js", SCRIPT, include_str!("window.js")),
];

/// What the dashboard is filled in with.
#[derive(Serialize)]
struct Dashboard {
    version: &'static str,
    statuses: [Choice; 3],
}

/// A status that an agent can choose (rule P2).
#[derive(Serialize)]
struct Choice {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
}

/// What the demonstration is filled in with.
#[derive(Serialize)]
struct Demo<'a> {
    property: &'a str,
    widget: &'a str,
    exists: bool,
}

/// The agents' dashboard, for `/`.
///
/// # Errors
/// When the template and its data don't fit: a mistake in the program.
pub fn dashboard() -> Result<String, Error> {
    let statuses = [
        Choice { name: "online", label: "Online", hint: "Visitors can chat with you" },
        Choice { name: "away", label: "Away", hint: "You may take a while to answer" },
        Choice { name: "invisible", label: "Invisible", hint: "You don't count for visitors" },
    ];
    rendered(DASHBOARD, &Dashboard { version: env!("CARGO_PKG_VERSION"), statuses })
}

/// A site that embeds the widget of the full name `widget`, such as `acme` or `acme/sales`, of
/// `property`; where it does not exist, a page that says so.
///
/// # Errors
/// When the template and its data don't fit: a mistake in the program.
pub fn demo(property: &str, widget: &str, exists: bool) -> Result<String, Error> {
    rendered(DEMO, &Demo { property, widget, exists })
}

/// The content type and the text of what is served as `/assets/{name}`.
pub fn asset(name: &str) -> Option<(&'static str, &'static str)> {
    ASSETS
        .iter()
        .find(|(asset, _, _)| *asset == name)
        .map(|(_, content_type, text)| (*content_type, *text))
}

fn rendered(name: &str, data: &impl Serialize) -> Result<String, Error> {
    let mut templates = Environment::new();
    // Lines that only steer leave nothing behind.
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    templates.add_template(DASHBOARD, include_str!("dashboard.html"))?;
    templates.add_template(DEMO, include_str!("demo.html"))?;
    templates.get_template(name)?.render(Serde(data))
}

#[cfg(test)]
mod tests {
    use lamplighter_target::wire::WidgetDocument;

    use super::*;

    #[test]
    fn every_page_is_filled_in() {
        assert!(dashboard().unwrap().contains("data-status=\"invisible\""));
        let demo = demo("acme", "acme/sales", true).unwrap();
        assert!(demo.contains("data-property=\"acme\""));
        assert!(demo.contains("data-widget=\"sales\""));
    }

    #[test]
    fn names_are_escaped() {
        let page = demo("<i>", "<i>", false).unwrap();
        assert!(!page.contains("<i>"));
        assert!(!page.contains("/widget.js"));
    }

    #[test]
    fn whatever_a_page_names_is_there() {
        let mut named = 0;
        let pages = [dashboard().unwrap(), demo("acme", "acme", true).unwrap()];
        for page in &pages {
            for rest in page.split("/assets/").skip(1) {
                let name = rest.split('"').next().unwrap();
                assert!(asset(name).is_some(), "{name}");
                named += 1;
            }
        }
        assert!(named >= 6);
        let modules = ASSETS.iter().filter(|(_, kind, _)| *kind == SCRIPT);
        for (asset_name, _, text) in modules {
            for rest in text.split("from \"./").skip(1) {
                let name = rest.split('"').next().unwrap();
                assert!(asset(name).is_some(), "{name} in {asset_name}");
            }
        }
    }

    #[test]
    fn whatever_can_be_set_can_be_set_on_the_page() {
        let form = asset("settings.js").expect("it is there").1;
        let document = serde_json::to_value(WidgetDocument::default()).expect("a document");
        for name in document.as_object().expect("an object").keys() {
            assert!(form.contains(name), "{name}");
        }
    }

    #[test]
    fn pages_hold_no_script_and_no_style_of_their_own() {
        for page in [dashboard().unwrap(), demo("acme", "acme", true).unwrap()] {
            for forbidden in ["<style", " style=", "javascript:", " onclick=", "://"] {
                assert!(!page.replace("http://www.w3.org", "").contains(forbidden), "{forbidden}");
            }
            for script in page.split("<script").skip(1) {
                assert!(script.contains("></script>"), "{script}");
            }
        }
    }
}
