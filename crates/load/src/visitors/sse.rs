//! Server-sent events, read from pieces that are cut anywhere.

/// The longest event that is read.
const EVENT_BYTES_MAX: usize = 1_024 * 1_024;

/// Puts events together.
#[derive(Debug, Default)]
pub struct SseParser {
    /// The line that is not at its end yet.
    line: Vec<u8>,
    /// Whether the last piece ended with a carriage return, behind which a line feed says nothing.
    is_after_return: bool,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
}

/// An event is too long to be one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong;

impl SseParser {
    /// Takes a piece, and gives each event that ends in it: its name (empty where it has none) and
    /// its data. Comments, and events without data, are none.
    ///
    /// # Errors
    /// When an event has more than a mebibyte.
    pub fn take(
        &mut self,
        piece: &[u8],
        mut event: impl FnMut(&[u8], &[u8]),
    ) -> Result<(), TooLong> {
        let mut rest = piece;
        if self.is_after_return && rest.first() == Some(&b'\n') {
            rest = &rest[1..];
        }
        if !piece.is_empty() {
            self.is_after_return = false;
        }
        while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
            let (line, behind) = (&rest[..end], &rest[end + 1..]);
            if self.line.is_empty() {
                self.line_ends(line, &mut event);
            } else {
                self.line.extend_from_slice(line);
                let line = std::mem::take(&mut self.line);
                self.line_ends(&line, &mut event);
            }
            rest = match (rest[end], behind) {
                (b'\r', [b'\n', behind @ ..]) => behind,
                (b'\r', []) => {
                    self.is_after_return = true;
                    behind
                }
                _ => behind,
            };
        }
        self.line.extend_from_slice(rest);
        match self.line.len() + self.data.len() > EVENT_BYTES_MAX {
            true => Err(TooLong),
            false => Ok(()),
        }
    }

    fn line_ends(&mut self, line: &[u8], event: &mut impl FnMut(&[u8], &[u8])) {
        if line.is_empty() {
            if self.has_data {
                event(&self.name, &self.data);
            }
            self.name.clear();
            self.data.clear();
            self.has_data = false;
            return;
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &line[line.len()..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                self.data.extend_from_slice(value);
            }
            // Comments have an empty name; ids and times to retry are not used.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Event = (String, String);

    fn events(pieces: &[&[u8]]) -> Vec<Event> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let mut parser = SseParser::default();
        let mut events = Vec::new();
        for piece in pieces {
            let took = parser.take(piece, |name, data| events.push((text(name), text(data))));
            took.expect("short events");
        }
        events
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let all = b": hello\n\nevent: widget\ndata: {\"a\":1}\n\nid: 7\nretry: 5\n\ndata:x\r\ndata: y\r\n\r\n\
                    event: none\n\n: beat\nevent:ping\rdata\r\rdata: left open";
        let whole = events(&[all]);
        let event = |name: &str, data: &str| (name.to_owned(), data.to_owned());
        assert_eq!(whole, [event("widget", "{\"a\":1}"), event("", "x\ny"), event("ping", "")]);
        for first in 0..all.len() {
            for second in first..all.len() {
                let cut = [&all[..first], &all[first..second], &all[second..]];
                assert_eq!(events(&cut), whole, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn an_event_without_end_is_not_read_forever() {
        let mut parser = SseParser::default();
        let piece = vec![b'x'; 64 * 1_024];
        let took = (0..17).try_for_each(|_| parser.take(&piece, |_, _| ()));
        assert_eq!(took, Err(TooLong));
    }
}
