//! To whom a widget is shown, and which pages a pattern means (rules V1 to V4).

use std::ops::RangeInclusive;

use super::Oracle;
use crate::model::text::Country;
use crate::model::{
    Countries, HiddenBecause, PageList, Settings, Visibility, Visitor, WidgetId, WidgetStatus,
};

impl Oracle {
    /// Rules V1 to V4, the first that hides.
    pub fn visibility(&self, widget: WidgetId, visitor: &Visitor) -> Visibility {
        let Settings {
            pages,
            countries,
            hide_on,
            hide_when_offline,
            // Nothing in rules V1 to V4 is about these.
            scheduler: _,
            offline_when_all_agents_offline: _,
            greetings: _,
            pre_chat_form: _,
        } = &self.widgets[&widget].1;
        let on = |list: PageList| {
            let page = visitor.page.as_deref();
            let is_on = |page| pages[list].iter().any(|p| page_matches(p.as_str(), page));
            page.is_some_and(is_on)
        };
        let lives_in = |countries: &[Country]| {
            visitor.country.is_some_and(|country| countries.contains(&country))
        };
        if !pages[PageList::Show].is_empty() && !on(PageList::Show) {
            return Visibility::Hidden(HiddenBecause::Page);
        }
        if on(PageList::Hide) {
            return Visibility::Hidden(HiddenBecause::Page);
        }
        match countries {
            Some(Countries::Only(countries)) if !lives_in(countries) => {
                return Visibility::Hidden(HiddenBecause::Country);
            }
            Some(Countries::Except(countries)) if lives_in(countries) => {
                return Visibility::Hidden(HiddenBecause::Country);
            }
            _ => {}
        }
        if visitor.device.is_some_and(|kind| hide_on[kind]) {
            return Visibility::Hidden(HiddenBecause::Device);
        }
        if *hide_when_offline && self.answer(widget).status == WidgetStatus::Offline {
            return Visibility::Hidden(HiddenBecause::Offline);
        }
        Visibility::Shown
    }
}

/// Whether a page pattern means a page (rule V1, "Page patterns").
pub fn page_matches(pattern: &str, page: &str) -> bool {
    let (pattern, page) = (without_query(pattern), without_query(page));
    let is_path = pattern.starts_with('/') || pattern.starts_with('*');
    let ours = if is_path { Url::of_path(pattern) } else { Url::new(pattern) };
    let theirs = if page.starts_with('/') { Url::of_path(page) } else { Url::new(page) };
    let agree = |ours: &Option<String>, theirs: &Option<String>| {
        ours.is_none() || theirs.is_none() || ours == theirs
    };
    agree(&ours.scheme, &theirs.scheme)
        && agree(&ours.host, &theirs.host)
        && agree(&ours.port, &theirs.port)
        && path_matches(ours.path, &segments(theirs.path))
}

/// An address taken apart; what it does not name is `None`.
struct Url<'a> {
    scheme: Option<String>,
    host: Option<String>,
    port: Option<String>,
    path: &'a str,
}

impl<'a> Url<'a> {
    fn of_path(path: &'a str) -> Self {
        Self { scheme: None, host: None, port: None, path }
    }

    fn new(url: &'a str) -> Self {
        let (scheme, rest) = match url.split_once("://") {
            // What stands behind a slash belongs to the path, whatever it looks like.
            Some((scheme, rest)) if !scheme.contains('/') => (Some(scheme), rest),
            _ => (None, url),
        };
        let path_at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_at);
        let address = authority.split('@').next_back().unwrap_or_default();
        let (host, port) = match address.split_once("]:") {
            Some((host, port)) => (format!("{host}]"), Some(port)),
            None if address.starts_with('[') => (address.to_owned(), None),
            None => match address.split_once(':') {
                Some((host, port)) => (host.to_owned(), Some(port)),
                None => (address.to_owned(), None),
            },
        };
        let named = |text: &str| (!text.is_empty()).then(|| text.to_lowercase());
        Self {
            scheme: scheme.and_then(named),
            host: named(&host),
            port: port.and_then(named),
            path,
        }
    }
}

/// The query and the fragment never count.
fn without_query(url: &str) -> &str {
    &url[..url.find(['?', '#']).unwrap_or(url.len())]
}

/// Empty path segments don't count.
fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn path_matches(pattern: &str, page: &[&str]) -> bool {
    let parts = segments(pattern);
    // `*` alone, or `/*`: every page, the empty path too.
    if parts == ["*"] && !pattern.ends_with('/') {
        return true;
    }
    let ends_with_star = parts.last() == Some(&"*");
    let stands_for = |place: usize| -> RangeInclusive<usize> {
        let open_ended = place + 1 == parts.len() && !pattern.ends_with('/');
        // With stars at both ends the last one's rule holds; the first is exactly one segment.
        let open_fronted = place == 0 && !ends_with_star && !pattern.starts_with('/');
        if open_ended || open_fronted { 1..=usize::MAX } else { 1..=1 }
    };
    parts_match(&parts, 0, page, &stands_for)
}

/// The bytes that a segment stands for. One that is percent-encoded is that byte, as RFC 3986 has it; but
/// a reserved sign that is encoded does not mean what it means when it is not, and so is another one.
fn signs(segment: &str) -> Vec<(u8, bool)> {
    let mut signs = Vec::new();
    let mut at = 0;
    while at < segment.len() {
        let begins = segment.as_bytes()[at] == b'%';
        let triplet = segment.as_bytes().get(at + 1..at + 3).filter(|_| begins);
        let encoded = triplet
            .and_then(|digits| str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let byte = encoded.unwrap_or(segment.as_bytes()[at]);
        signs.push((byte, encoded.is_some() && ":/?#[]@!$&'()*+,;=".contains(char::from(byte))));
        at += if encoded.is_some() { 3 } else { 1 };
    }
    signs
}

/// Tries every number of segments that each star may stand for.
fn parts_match(
    parts: &[&str],
    place: usize,
    page: &[&str],
    stands_for: &dyn Fn(usize) -> RangeInclusive<usize>,
) -> bool {
    match parts.get(place) {
        None => page.is_empty(),
        Some(&"*") => (0..=page.len()).any(|count| {
            stands_for(place).contains(&count)
                && parts_match(parts, place + 1, &page[count..], stands_for)
        }),
        Some(literal) => {
            page.first().is_some_and(|segment| signs(segment) == signs(literal))
                && parts_match(parts, place + 1, &page[1..], stands_for)
        }
    }
}
