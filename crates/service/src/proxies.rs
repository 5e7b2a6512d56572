//! Who calls where a proxy stands in between: what trusted proxies say of it is believed (`Forwarded`,
//! RFC 7239; `X-Forwarded-For`), what anybody else says is not.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use axum::http::header::FORWARDED;
use ipnet::{IpNet, Ipv4Net};

/// A network whose machines are trusted proxies: `10.0.0.0/8`, or the address of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProxyNetwork(IpNet);

impl FromStr for ProxyNetwork {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let one = || text.parse().map(|address: IpAddr| IpNet::from(address.to_canonical()));
        let network = text.parse().or_else(|_| one()).map_err(|_| {
            "expected a network such as `10.0.0.0/8` or `fd00::/8`, or an address".to_owned()
        })?;
        canonical(network).map(Self)
    }
}

/// A network of IPv4 in the words of IPv6 (`::ffff:10.0.0.0/104`) is the one of IPv4: addresses are compared in that
/// form.
fn canonical(network: IpNet) -> Result<IpNet, String> {
    let IpNet::V6(mapped) = network else { return Ok(network) };
    let Some(address) = mapped.addr().to_ipv4_mapped() else { return Ok(network) };
    let length = mapped.prefix_len().checked_sub(96);
    let of_ipv4 = length.and_then(|length| Ipv4Net::new(address, length).ok());
    of_ipv4.map(IpNet::V4).ok_or_else(|| {
        "that is more than all of IPv4: write its networks such as `10.0.0.0/8`".to_owned()
    })
}

/// The proxies that are believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<ProxyNetwork>);

/// A hop on the way of a call, as a proxy tells it: `None` where it tells no address.
type Hop = Option<IpAddr>;

impl TrustedProxies {
    /// The machines of these networks.
    pub fn new(networks: Vec<ProxyNetwork>) -> Self {
        Self(networks)
    }

    /// Whether a machine is one of them.
    pub fn are(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.0.contains(&address))
    }

    /// Who calls, by the connection and the headers of a call: the last hop that is none of them.
    ///
    /// Where both headers are there and do not tell the same, the proxy writes one of them and lets the
    /// other pass as it came from anybody: then neither is believed, and the call counts as the proxy's.
    pub fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.are(peer) {
            return peer;
        }
        let hops = |name: &str, read: fn(&str) -> Vec<Hop>| {
            let lines = headers.get_all(name).into_iter();
            let hops: Vec<Hop> =
                lines.flat_map(|line| line.to_str().map_or(vec![None], read)).collect();
            (!hops.is_empty()).then(|| self.last_untrusted(peer, &hops))
        };
        let forwarded = hops(FORWARDED.as_str(), read_forwarded);
        let x_forwarded_for = hops("x-forwarded-for", read_x_forwarded_for);
        match (forwarded, x_forwarded_for) {
            (Some(one), Some(other)) if one != other => peer,
            (one, other) => one.or(other).unwrap_or(peer),
        }
    }

    /// Each proxy vouches for the hop to its right being so, as far as it is trusted itself.
    fn last_untrusted(&self, peer: IpAddr, hops: &[Hop]) -> IpAddr {
        let mut last = peer;
        for hop in hops.iter().rev() {
            match *hop {
                Some(address) if self.are(address) => last = address,
                Some(address) => return address,
                None => return last,
            }
        }
        last
    }
}

fn read_x_forwarded_for(line: &str) -> Vec<Hop> {
    line.split(',').map(address).collect()
}

/// Reads a line of `Forwarded`: hops between commas, pairs between semicolons, values in quotes or not.
fn read_forwarded(line: &str) -> Vec<Hop> {
    // Somebody's quote that does not end would swallow what proxies have written behind it.
    let Some(elements) = split(line, ',') else { return vec![None] };
    let hop = |element: &str| {
        let pairs = split(element, ';')?;
        let mut pairs = pairs.iter().filter_map(|pair| pair.split_once('='));
        let (_, node) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
        let node = node.trim();
        address(node.strip_prefix('"').and_then(|node| node.strip_suffix('"')).unwrap_or(node))
    };
    elements.into_iter().map(hop).collect()
}

/// The parts of a text between separators that stand outside of quotes; `None` where a quote does not
/// end.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut from) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if c == separator && !is_quoted => {
                parts.push(&text[from..at]);
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    (!is_quoted).then_some(parts)
}

/// The address of a node, with a port behind it or not. `unknown` and made-up names are none.
fn address(node: &str) -> Hop {
    let node = node.trim();
    let in_brackets = || node.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let with_port = || node.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = node.parse().ok().or_else(with_port).or_else(|| in_brackets().map(IpAddr::V6))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who calls through a proxy `10.0.0.1`, by headers.
    fn caller(headers: &[(&'static str, &str)]) -> String {
        let networks = ["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().expect("a network"));
        let proxies = TrustedProxies::new(networks.to_vec());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        proxies.caller("10.0.0.1".parse().expect("an address"), &map).to_string()
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_calls() {
        for (line, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            // What was there before the first proxy is anybody's word.
            ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
            ("6.6.6.6,203.0.113.7 , 10.2.3.4", "203.0.113.7"),
            ("10.9.9.9, 203.0.113.7, fd00::1", "203.0.113.7"),
            // Nobody but proxies: the first of them.
            ("10.2.3.4, 10.5.6.7", "10.2.3.4"),
            // Behind what is no address nothing is believed.
            ("203.0.113.7, unknown", "10.0.0.1"),
            ("203.0.113.7, unknown, 10.2.3.4", "10.2.3.4"),
            ("203.0.113.7,", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(caller(&[("x-forwarded-for", line)]), expected, "{line}");
        }
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.7")];
        assert_eq!(caller(&lines), "203.0.113.7");
    }

    #[test]
    fn forwarded_is_read_as_its_standard_has_it() {
        for (line, expected) in [
            ("for=203.0.113.7", "203.0.113.7"),
            ("For=\"203.0.113.7:4711\";proto=https;by=10.0.0.1", "203.0.113.7"),
            ("proto=https; for=\"[2001:db8::7]:4711\"", "2001:db8::7"),
            ("for=\"[2001:db8::7]\"", "2001:db8::7"),
            ("for=6.6.6.6, for=203.0.113.7;proto=http, for=10.2.3.4", "203.0.113.7"),
            ("for=\"_a,b;c\", for=203.0.113.7", "203.0.113.7"),
            ("for=_hidden", "10.0.0.1"),
            ("for=unknown", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
            ("203.0.113.7", "10.0.0.1"),
            // A quote that somebody opened before the proxy wrote its own.
            ("for=6.6.6.6;x=\", for=203.0.113.7", "10.0.0.1"),
            ("for=6.6.6.6;x=\", for=\"[2001:db8::7]\"", "10.0.0.1"),
            ("for=6.6.6.6;x=\"\\, for=203.0.113.7", "10.0.0.1"),
        ] {
            assert_eq!(caller(&[("forwarded", line)]), expected, "{line}");
        }
    }

    #[test]
    fn a_header_that_the_proxy_lets_pass_is_not_believed() {
        let both = |forwarded, x| caller(&[("forwarded", forwarded), ("x-forwarded-for", x)]);
        assert_eq!(both("for=203.0.113.7", "203.0.113.7"), "203.0.113.7");
        assert_eq!(both("for=6.6.6.6", "203.0.113.7"), "10.0.0.1");
        assert_eq!(both("for=203.0.113.7", "6.6.6.6"), "10.0.0.1");
    }

    #[test]
    fn whoever_is_no_proxy_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.7".parse().expect("a value"));
        let stranger = "198.51.100.1".parse().expect("an address");
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().expect("a network")]);
        assert_eq!(proxies.caller(stranger, &headers), stranger);
        assert_eq!(TrustedProxies::default().caller(stranger, &headers), stranger);
    }

    #[test]
    fn a_network_of_ipv4_is_the_same_in_the_words_of_ipv6() {
        for (mapped, plain) in [
            ("::ffff:127.0.0.1/128", "127.0.0.1/32"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
        ] {
            let network = |text: &str| text.parse::<ProxyNetwork>().expect(text);
            assert_eq!(network(mapped), network(plain), "{mapped}");
        }
        let told = "::ffff:0:0/90".parse::<ProxyNetwork>().expect_err("more than all of IPv4");
        assert!(told.contains("10.0.0.0/8"), "{told}");
    }

    #[test]
    fn networks_are_read_and_what_is_none_is_told() {
        for text in ["10.0.0.0/8", "10.1.2.3/8", "127.0.0.1", "::1", "fd00::/8"] {
            assert!(text.parse::<ProxyNetwork>().is_ok(), "{text}");
        }
        for text in ["10.0.0.0/33", "proxy", "", "10.0.0", "/8"] {
            assert!(text.parse::<ProxyNetwork>().is_err(), "{text}");
        }
    }
}
