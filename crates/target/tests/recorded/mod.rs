//! Exchanges with the reference service, recorded in `answers.txt` beside this file: what is sent, and
//! what comes back, letter for letter. The service's tests play them and compare what it says; the
//! clients' tests read them. So neither can change its mind, nor both at once.

/// An exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange<'a> {
    /// The caller: `anyone`, `admin`, or the device of an agent as `ann@laptop`.
    pub caller: &'a str,
    /// The method; `HEARS` for what comes on an open socket.
    pub method: &'a str,
    /// The path with its query; empty for what comes on a socket.
    pub path: &'a str,
    /// The body that is sent, if there is one.
    pub sends: Option<&'a str>,
    /// The status that comes back; 101 for a socket.
    pub status: u16,
    /// The body that comes back; from a socket, its texts.
    pub says: Vec<&'a str>,
}

/// All of them, in the order in which they are played.
pub fn exchanges() -> Vec<Exchange<'static>> {
    let text = include_str!("answers.txt");
    let blocks = text.split("\n\n").map(|block| {
        let lines = block.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.collect::<Vec<_>>()
    });
    blocks.filter(|lines| !lines.is_empty()).map(|lines| exchange(&lines)).collect()
}

fn exchange<'a>(lines: &[&'a str]) -> Exchange<'a> {
    let mut words = lines[0].splitn(3, ' ');
    let mut word = || words.next().unwrap_or_default();
    let (caller, method, path) = (word(), word(), word());
    let behind = |mark: &'static str| lines[1..].iter().filter_map(move |l| l.strip_prefix(mark));
    let mut says = behind("< ");
    let status = says.next().and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no status: {lines:?}"));
    Exchange { caller, method, path, sends: behind("> ").next(), status, says: says.collect() }
}
