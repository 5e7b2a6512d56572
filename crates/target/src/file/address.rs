//! Where a service is: the text behind `base` or `--host` (rules T7, T50 of target files).

use http::Uri;

/// An address with its parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// Whether it is spoken to by TLS.
    pub is_tls: bool,
    /// The name or IP address without the port.
    pub host: String,
    /// The port, that of the scheme where none is named.
    pub port: u16,
    /// What goes in front of every path, without a slash at its end.
    pub path: String,
    /// Whether it names a user: that is no place for a secret.
    pub has_user: bool,
}

impl Address {
    /// Reads `http://HOST:PORT/PATH` or the same with `https`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let shape = "expected `http://HOST:PORT`, or `https://HOST:PORT`";
        let uri: Uri = text.parse().map_err(|_| shape)?;
        let (is_tls, port) = match uri.scheme_str() {
            Some("http") => (false, 80),
            Some("https") => (true, 443),
            _ => return Err("it begins with `http://` or `https://`"),
        };
        let authority = uri.authority().filter(|named| !named.host().is_empty()).ok_or(shape)?;
        if uri.query().is_some() {
            return Err("a query stands in the steps");
        }
        Ok(Self {
            is_tls,
            host: authority.host().to_owned(),
            port: authority.port_u16().unwrap_or(port),
            path: uri.path().trim_end_matches('/').to_owned(),
            has_user: authority.as_str().contains('@'),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t7_an_address_has_a_path_that_goes_in_front_of_all_others() {
        for (text, is_tls, host, port, path) in [
            ("http://127.0.0.1:8008", false, "127.0.0.1", 8008, ""),
            ("http://chat.example/", false, "chat.example", 80, ""),
            ("https://chat.example/app/index.php/", true, "chat.example", 443, "/app/index.php"),
            ("http://[::1]:80/x", false, "[::1]", 80, "/x"),
        ] {
            let address = Address::parse(text).expect(text);
            let parts = (address.is_tls, &address.host[..], address.port, &address.path[..]);
            assert_eq!(parts, (is_tls, host, port, path), "{text}");
        }
        for text in ["", "chat.example", "ftp://x", "http://", "http://a b", "http://x/?a=1"] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
        assert!(Address::parse("http://ann:pw@x").is_ok_and(|address| address.has_user));
    }
}
