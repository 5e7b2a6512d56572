//! Blocks of properties and widgets as text, of what is so somewhere else: a world that was drawn, the plan
//! of a load test, a run of which something is shown.

use super::lex::{write_name, write_word};
use super::print::push_block_line;
use super::settings::setting_lines;
use lamplighter_core::model::{SettingName, Settings};

/// Adds a property's block: who works there, who of them does not count, and what is set.
pub fn push_property<'a>(
    name: &str,
    members: impl IntoIterator<Item = &'a str>,
    suspended: impl IntoIterator<Item = &'a str>,
    settings: &Settings,
    out: &mut String,
) {
    out.push_str(&format!("property {}\n", write_word(name)));
    push_people("members", members, out);
    push_people("suspended", suspended, out);
    push_settings(settings, out);
}

/// Adds the block of a further widget, by its whole name: `acme/shop`.
pub fn push_widget(name: &str, settings: &Settings, out: &mut String) {
    out.push_str(&format!("widget {}\n", write_word(name)));
    push_settings(settings, out);
}

fn push_people<'a>(keyword: &str, names: impl IntoIterator<Item = &'a str>, out: &mut String) {
    let names: Vec<String> = names.into_iter().map(write_name).collect();
    if !names.is_empty() {
        out.push_str(&format!("  {keyword} {}\n", names.join(" ")));
    }
}

/// Adds what is set on a widget, as lines of its block.
pub fn push_settings(settings: &Settings, out: &mut String) {
    for line in setting_lines(settings, [SettingName::Scheduler]) {
        push_block_line(&line, out);
        out.push('\n');
    }
    // What is merely on stands before what is set to something.
    let mut valued = String::new();
    let others = SettingName::all().filter(|name| *name != SettingName::Scheduler);
    for line in setting_lines(settings, others) {
        let start = out.len();
        push_block_line(&line, out);
        out.push('\n');
        if out[start..].trim_start().contains(' ') {
            valued.push_str(&out[start..]);
            out.truncate(start);
        }
    }
    out.push_str(&valued);
}
