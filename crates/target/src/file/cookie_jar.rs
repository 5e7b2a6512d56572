//! The cookies of one caller (RFC 6265 for one host; rule T12 of target files).

use cookie::Cookie;
use lamplighter_core::model::{Instant, Millis};

/// Cookies as a server has set them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CookieJar {
    cookies: Vec<StoredCookie>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct StoredCookie {
    name: String,
    value: String,
    path: String,
    is_secure: bool,
    ends: Option<Instant>,
}

/// Where a call goes, as far as cookies ask for it.
#[derive(Clone, Copy, Debug)]
pub struct CookieOrigin<'a> {
    /// The host that is called, without its port.
    pub host: &'a str,
    /// The path that is called, without its query: cookies can be for a part of the host.
    pub path: &'a str,
    /// Whether the call goes by TLS, which `Secure` cookies ask for.
    pub is_tls: bool,
}

impl CookieOrigin<'_> {
    /// Secure cookies go to this machine without TLS, too.
    fn is_secure(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        self.is_tls || is_loopback || host.eq_ignore_ascii_case("localhost")
    }
}

impl CookieJar {
    /// Takes one `Set-Cookie` of an answer, whatever the answer's status; one that is over takes the
    /// cookie away. What is no cookie, or is for another host, is passed over.
    pub fn take(&mut self, set_cookie: &str, origin: CookieOrigin<'_>, now: Instant) {
        let Ok(cookie) = Cookie::parse(set_cookie) else { return };
        if cookie.domain().is_some_and(|domain| !is_within(origin.host, domain)) {
            return;
        }
        let path = match cookie.path() {
            Some(path) if path.starts_with('/') => path.to_owned(),
            _ => default_path(origin.path).to_owned(),
        };
        let ends = match cookie.max_age() {
            Some(age) => {
                let millis = u64::try_from(age.whole_milliseconds()).unwrap_or(u64::MAX);
                now.checked_add(Millis(millis)).or(Some(Instant::MAX))
            }
            None => cookie.expires_datetime().map(|at| {
                let millis = at.unix_timestamp().saturating_mul(1_000);
                Instant::from_millis(millis).unwrap_or(match millis {
                    ..0 => Instant::MIN,
                    _ => Instant::MAX,
                })
            }),
        };
        let held = StoredCookie {
            name: cookie.name().to_owned(),
            value: cookie.value().to_owned(),
            path,
            is_secure: cookie.secure() == Some(true),
            ends,
        };
        let place =
            self.cookies.iter().position(|old| old.name == held.name && old.path == held.path);
        let is_over = held.ends.is_some_and(|ends| ends <= now);
        match (place, is_over) {
            // It keeps the place that it had when it was first set.
            (Some(place), false) => self.cookies[place] = held,
            (Some(place), true) => drop(self.cookies.remove(place)),
            (None, false) => self.cookies.push(held),
            (None, true) => {}
        }
    }

    /// What a call sends as `Cookie`, if there is anything: longer paths first, then older ones.
    pub fn header(&self, origin: CookieOrigin<'_>, now: Instant) -> Option<String> {
        let is_sent = |cookie: &&StoredCookie| {
            cookie.is_alive(now)
                && (origin.is_secure() || !cookie.is_secure)
                && is_below(origin.path, &cookie.path)
        };
        let mut sent: Vec<&StoredCookie> = self.cookies.iter().filter(is_sent).collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> =
            sent.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The value of a cookie, for `keep`; of several paths the longest.
    pub fn get(&self, name: &str, now: Instant) -> Option<&str> {
        let named =
            self.cookies.iter().filter(|cookie| cookie.name == name && cookie.is_alive(now));
        named.max_by_key(|cookie| cookie.path.len()).map(|cookie| cookie.value.as_str())
    }

    /// Every name with its value, to be masked.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cookies.iter().map(|cookie| (cookie.name.as_str(), cookie.value.as_str()))
    }

    /// Forgets all, as a login does.
    pub fn clear(&mut self) {
        self.cookies.clear();
    }
}

impl StoredCookie {
    fn is_alive(&self, now: Instant) -> bool {
        self.ends.is_none_or(|ends| now < ends)
    }
}

/// Whether a host is a domain, or lies within it.
fn is_within(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_lowercase(), domain.trim_start_matches('.').to_lowercase());
    let is_name = host.parse::<std::net::IpAddr>().is_err();
    host == domain
        || is_name && host.strip_suffix(&domain).is_some_and(|front| front.ends_with('.'))
}

/// The folder of the path that set a cookie (RFC 6265, 5.1.4).
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(last) if path.starts_with('/') => &path[..last],
        Some(_) => "/",
    }
}

/// Whether a path is a cookie's path, or lies below it (RFC 6265, 5.1.4).
fn is_below(path: &str, cookie: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Instant {
        // 2026-03-09T13:55:00Z and so many seconds.
        Instant::from_millis((1_773_064_500 + second) * 1_000).expect("in range")
    }

    fn origin(path: &str) -> CookieOrigin<'_> {
        CookieOrigin { host: "chat.example", path, is_tls: false }
    }

    #[test]
    fn t12_cookies_go_by_path_and_age() {
        let mut jar = CookieJar::default();
        for set in [
            "sid=1; Path=/",
            "deep=2; Path=/app/admin; HttpOnly",
            "here=3",
            "short=4; Path=/; Max-Age=10",
            "long=5; Path=/; Expires=Mon, 09 Mar 2026 14:55:00 GMT; Max-Age=nonsense",
            "both=6; Path=/; Max-Age=20; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "gone=7; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
            "no cookie",
        ] {
            jar.take(set, origin("/app/login.php"), at(0));
        }
        for (path, second, sent) in [
            ("/", 0, Some("sid=1; short=4; long=5; both=6")),
            ("/app/x", 0, Some("here=3; sid=1; short=4; long=5; both=6")),
            ("/app/admin/x", 0, Some("deep=2; here=3; sid=1; short=4; long=5; both=6")),
            ("/application", 0, Some("sid=1; short=4; long=5; both=6")),
            ("/", 10, Some("sid=1; long=5; both=6")),
            ("/", 3_600, Some("sid=1")),
        ] {
            assert_eq!(jar.header(origin(path), at(second)).as_deref(), sent, "{path} {second}");
        }
        assert_eq!((jar.get("sid", at(0)), jar.get("short", at(10))), (Some("1"), None));
        jar.clear();
        assert_eq!(jar.header(origin("/"), at(0)), None);
    }

    #[test]
    fn t12_a_later_cookie_of_name_and_path_replaces_and_one_that_is_over_takes_away() {
        let mut jar = CookieJar::default();
        for set in
            ["a=1; Path=/", "b=1; Path=/", "a=2; Path=/", "a=3; Path=/x", "b=; Path=/; Max-Age=0"]
        {
            jar.take(set, origin("/"), at(0));
        }
        assert_eq!(jar.header(origin("/x"), at(0)).as_deref(), Some("a=3; a=2"));
        assert_eq!(jar.get("a", at(0)), Some("3"));
        jar.take("a=; Path=/; Max-Age=-1", origin("/"), at(0));
        assert_eq!(jar.header(origin("/x"), at(0)).as_deref(), Some("a=3"));
    }

    #[test]
    fn t12_secure_cookies_go_by_tls_and_to_loopback() {
        let mut jar = CookieJar::default();
        jar.take("a=1; Secure; Path=/", origin("/"), at(0));
        for (host, is_tls, is_sent) in [
            ("chat.example", false, false),
            ("chat.example", true, true),
            ("127.0.0.1", false, true),
            ("localhost", false, true),
            ("[::1]", false, true),
        ] {
            let header = jar.header(CookieOrigin { host, path: "/", is_tls }, at(0));
            assert_eq!(header.is_some(), is_sent, "{host} {is_tls}");
        }
    }

    #[test]
    fn t12_a_cookie_for_another_host_is_passed_over() {
        for (host, domain, is_taken) in [
            ("chat.example", "chat.example", true),
            ("a.chat.example", ".chat.example", true),
            ("chat.example", "other.example", false),
            ("badchat.example", "chat.example", false),
            ("chat.example", "a.chat.example", false),
            ("127.0.0.1", "0.0.1", false),
        ] {
            let mut jar = CookieJar::default();
            let origin = CookieOrigin { host, path: "/", is_tls: true };
            jar.take(&format!("a=1; Domain={domain}"), origin, at(0));
            assert_eq!(jar.get("a", at(0)).is_some(), is_taken, "{host} {domain}");
        }
    }
}
