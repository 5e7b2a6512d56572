//! Patterns of pages (rule V1): which URLs a `pages show` or `pages hide` list means.

use thiserror::Error;

use crate::model::PagePattern;
use crate::model::text::TextError;
use crate::mutations::{Mutation, is_on};

/// A page pattern, taken apart once and matched often.
///
/// ```
/// use lamplighter_core::pages::{PageUrl, Pattern};
/// let shop: Pattern = "example.com/shop/*".parse()?;
/// assert!(shop.matches(&PageUrl::new("https://EXAMPLE.com/shop/lamps?colour=red")));
/// assert!(!shop.matches(&PageUrl::new("https://example.com/shop")));
/// # Ok::<(), lamplighter_core::pages::PatternError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    address: Address,
    path: PathPattern,
}

/// Why a text is no page pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum PatternError {
    /// There is nothing in it.
    #[error("a page pattern cannot be empty")]
    Empty,
    /// It begins with neither `/`, `*` nor a host.
    #[error("a page pattern begins with `/`, with `*` or with a host")]
    NoHost,
}

/// The page that a visitor is on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageUrl {
    address: Address,
    segments: Vec<String>,
}

/// What comes before the path; each part counts only where page and pattern both name it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Address {
    scheme: Option<String>,
    host: Option<String>,
    port: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum PathPattern {
    /// `*` or `/*`: every page, the empty path too.
    Everything,
    /// As many segments as these.
    Exactly(Vec<Segment>),
    /// These, then one or more of any kind.
    Beginning(Vec<Segment>),
    /// One or more of any kind, then these.
    Ending(Vec<Segment>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Segment {
    /// A whole `*`: any one segment.
    Any,
    Literal(String),
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = without_query(text);
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        if text.starts_with('*') {
            return Ok(Self { address: Address::default(), path: PathPattern::new(text) });
        }
        let (address, path) = split_address(text);
        if !text.starts_with('/') && address.host.is_none() {
            return Err(PatternError::NoHost);
        }
        Ok(Self { address, path: PathPattern::new(path) })
    }
}

impl std::str::FromStr for PagePattern {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        match text.parse::<Pattern>() {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(TextError::new(error.to_string(), "rule V1")
                .help("write for example `/shop/*` or `example.com/shop`")),
        }
    }
}

impl From<&PagePattern> for Pattern {
    fn from(pattern: &PagePattern) -> Self {
        pattern.as_str().parse().expect("a page pattern is made of a text that is one")
    }
}

impl Pattern {
    /// Whether the pattern means this page.
    pub fn matches(&self, page: &PageUrl) -> bool {
        self.address.agrees(&page.address) && self.path.matches(&page.segments)
    }
}

/// The first pattern of a list that means a page; `None` where none does.
pub fn first_match<'a>(patterns: &'a [PagePattern], page: &PageUrl) -> Option<&'a PagePattern> {
    patterns.iter().find(|pattern| Pattern::from(*pattern).matches(page))
}

impl PageUrl {
    /// Takes a URL apart. Every text is some page.
    pub fn new(url: &str) -> Self {
        let (address, path) = split_address(without_query(url));
        Self { address, segments: segments(path).map(normal_form).collect() }
    }
}

impl PathPattern {
    fn new(path: &str) -> Self {
        let parts: Vec<Segment> = segments(path)
            .map(|part| match part {
                "*" => Segment::Any,
                _ => Segment::Literal(normal_form(part)),
            })
            .collect();
        // A slash beyond the star makes it exactly one segment, which is what `Exactly` says.
        let open_ended = !path.ends_with('/');
        let open_fronted = !path.starts_with('/');
        match &parts[..] {
            [Segment::Any]
                if open_ended && (open_fronted || !is_on(Mutation::EveryPageNeedsSegment)) =>
            {
                Self::Everything
            }
            [beginning @ .., Segment::Any] if open_ended => Self::Beginning(beginning.to_vec()),
            [.., Segment::Any] => Self::Exactly(parts),
            [Segment::Any, ending @ ..] if open_fronted => Self::Ending(ending.to_vec()),
            _ => Self::Exactly(parts),
        }
    }

    fn matches(&self, page: &[String]) -> bool {
        match self {
            Self::Everything => true,
            Self::Exactly(parts) => page.len() == parts.len() && agree(parts, page),
            Self::Beginning(parts) => {
                let long_enough = page.len() > parts.len()
                    || is_on(Mutation::FinalStarMatchesNothing) && page.len() == parts.len();
                long_enough && agree(parts, page)
            }
            Self::Ending(parts) => {
                page.len() > parts.len() && agree(parts, &page[page.len() - parts.len()..])
            }
        }
    }
}

/// Whether segments agree as far as the shorter side reaches.
fn agree(parts: &[Segment], page: &[String]) -> bool {
    parts.iter().zip(page).all(|(part, segment)| match part {
        Segment::Any => true,
        Segment::Literal(text) => text == segment,
    })
}

impl Address {
    fn agrees(&self, page: &Self) -> bool {
        let same = |ours: &Option<String>, theirs: &Option<String>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        same(&self.scheme, &page.scheme)
            && same(&self.host, &page.host)
            && same(&self.port, &page.port)
    }
}

/// The query and the fragment never count.
fn without_query(url: &str) -> &str {
    if is_on(Mutation::QueryCounts) {
        return url;
    }
    url.split(['?', '#']).next().unwrap_or_default()
}

/// Empty segments don't count: `/a//b/` is `/a/b`.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// A segment as RFC 3986 spells it (section 6.2.2): nothing is percent-encoded that need not be, and
/// everything that must. So `/größe` is `/gr%C3%B6%C3%9Fe`, and `%7e` is `~`; what stands for a sign with
/// a meaning of its own stays encoded, so that `%2F` parts nothing and `%2A` is no wildcard.
fn normal_form(segment: &str) -> String {
    if is_on(Mutation::EncodingCounts) {
        return segment.to_owned();
    }
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_reserved = |byte: u8| b":/?#[]@!$&'()*+,;=".contains(&byte);
    let mut normal = String::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        let encoded = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        rest = if encoded.is_some() { &after[2..] } else { after };
        let byte = encoded.unwrap_or(*first);
        match is_unreserved(byte) || encoded.is_none() && is_reserved(byte) {
            true => normal.push(char::from(byte)),
            false => normal.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    normal
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

fn digit(value: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(value)])
}

fn split_address(url: &str) -> (Address, &str) {
    if url.starts_with('/') {
        return (Address::default(), url);
    }
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => (Some(scheme.to_lowercase()), rest),
        _ => (None, url),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // A name before an `@` is the visitor's, not the host's.
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    // The colons within an IPv6 host's brackets part nothing.
    let after_host = host_and_port.rfind(']').unwrap_or(0);
    let (host, port) = match host_and_port[after_host..].find(':') {
        Some(colon) => {
            let (host, port) = host_and_port.split_at(after_host + colon);
            (host, Some(&port[1..]))
        }
        None => (host_and_port, None),
    };
    let fold = if is_on(Mutation::HostCaseCounts) { str::to_owned } else { str::to_lowercase };
    let named = |part: &str| (!part.is_empty()).then(|| fold(part));
    let address = Address { scheme, host: named(host), port: port.and_then(named) };
    (address, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_rule_book_says() {
        for (pattern, page, matches) in [
            ("/a", "/a", true),
            ("/a", "/a/", true),
            ("/a//b/", "/a/b", true),
            ("/a", "/A", false),
            ("/a", "/a/b", false),
            ("/", "https://example.com", true),
            ("/", "/a", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a/b/c", true),
            ("/a/*", "/a", false),
            ("/a/*/", "/a/b", true),
            ("/a/*/", "/a/b/c", false),
            ("/a/*/", "/a", false),
            ("*/b", "/a/b", true),
            ("*/b", "/x/a/b", true),
            ("*/b", "/b", false),
            ("/*/b", "/a/b", true),
            ("/*/b", "/x/a/b", false),
            ("*", "", true),
            ("*", "/a/b", true),
            ("/*", "", true),
            ("/*", "/a/b", true),
            ("/*/", "/a", true),
            ("/*/", "/", false),
            ("/*/", "/a/b", false),
            ("*/", "/a", true),
            ("*/", "/a/b", false),
            ("/a/*/c", "/a/b/c", true),
            ("/a/*/c", "/a/b/b/c", false),
            ("*/b/*", "/a/b/c/d", true),
            ("*/b/*", "/x/a/b/c", false),
            ("*/b/*/", "/a/b/c", true),
            ("*/b/*/", "/a/b/c/d", false),
            ("/a*", "/a*", true),
            ("/a*", "/ab", false),
            ("/a/*", "/a/b?x=/c#/d", true),
            ("/a?x", "/a", true),
            ("example.com/a", "https://EXAMPLE.com:8443/a", true),
            ("example.com/a", "https://example.org/a", false),
            ("example.com/a", "/a", true),
            ("http://example.com/a", "https://example.com/a", false),
            ("http://example.com/a", "example.com/a", true),
            ("example.com:80/a", "http://example.com/a", true),
            ("example.com:80/a", "http://example.com:81/a", false),
            ("example.com", "https://example.com/", true),
            ("example.com", "https://example.com/a", false),
            ("example.com/*", "https://example.com", true),
            ("example.com/*/b", "https://example.com/a/b", true),
            ("example.com/*/b", "https://example.com/x/a/b", false),
            ("http://[::1]:8080/a", "http://[::1]:8080/a", true),
            ("http://[::1]:8080/a", "http://[::2]:8080/a", false),
            ("example.com/a", "https://ann@example.com/a", true),
            // Percent-encoding compares decoded, but for signs that have a meaning of their own.
            ("/gr\u{f6}\u{df}e", "/gr%C3%B6%C3%9Fe", true),
            ("/gr%c3%b6%c3%9fe", "/gr\u{f6}\u{df}e", true),
            ("/%61", "/a", true),
            ("/a b", "/a%20b", true),
            ("/100%", "/100%25", true),
            ("/%zz", "/%25zz", true),
            ("/a%2Fb", "/a/b", false),
            ("/a%2Fb", "/a%2fb", true),
            ("/%2A", "/a", false),
            ("/%2A", "/*", false),
            ("/%41", "/a", false),
            ("/%", "/%2", false),
            // A scheme stands at the front alone.
            ("example.com/*", "example.com/x://b", true),
        ] {
            let parsed: Pattern = pattern.parse().expect(pattern);
            assert_eq!(parsed.matches(&PageUrl::new(page)), matches, "{pattern} on {page}");
        }
    }

    #[test]
    fn texts_that_name_no_page_are_refused() {
        for (text, error) in [
            ("", PatternError::Empty),
            ("?a=b", PatternError::Empty),
            ("https:///a", PatternError::NoHost),
            (":80/a", PatternError::NoHost),
        ] {
            assert_eq!(text.parse::<Pattern>(), Err(error), "{text}");
        }
    }
}
