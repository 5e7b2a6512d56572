//! Server-sent events, read from pieces that are cut anywhere (rule T40 of target files).

use crate::file::response_error::ResponseError;

/// Puts events together, up to a length each.
#[derive(Debug)]
pub struct SseParser {
    /// The longest event that is read.
    bytes_max: usize,
    /// The line that is not at its end yet.
    line: Vec<u8>,
    /// Whether the last piece ended with a carriage return, behind which a line feed says nothing.
    is_after_return: bool,
    data: Vec<u8>,
    has_data: bool,
}

impl SseParser {
    /// Nothing has come yet; an event has so many bytes at most.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            line: Vec::new(),
            is_after_return: false,
            data: Vec::new(),
            has_data: false,
        }
    }

    /// Takes a piece, and gives the data of each event that ends in it. Comments, and events without
    /// data, are none; an event is read by what it says, whatever it is named.
    ///
    /// # Errors
    /// When an event is longer than is read.
    pub fn take(
        &mut self,
        piece: &[u8],
        mut event: impl FnMut(&[u8]),
    ) -> Result<(), ResponseError> {
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
        match self.line.len() + self.data.len() > self.bytes_max {
            true => Err(ResponseError::TooLong { bytes_max: self.bytes_max }),
            false => Ok(()),
        }
    }

    fn line_ends(&mut self, line: &[u8], event: &mut impl FnMut(&[u8])) {
        if line.is_empty() {
            if self.has_data {
                event(&self.data);
            }
            self.data.clear();
            self.has_data = false;
            return;
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &line[line.len()..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        // Comments have an empty name; names of events, ids and times to retry are not used.
        if field == b"data" {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.has_data = true;
            self.data.extend_from_slice(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut parser = SseParser::new(100);
        let mut events = Vec::new();
        for piece in pieces {
            let text = |data: &[u8]| String::from_utf8(data.to_vec()).expect("text");
            parser.take(piece, |data| events.push(text(data))).expect("short events");
        }
        events
    }

    #[test]
    fn t40_events_are_the_same_however_the_bytes_are_cut() {
        let all = b": hello\n\nevent: widget\ndata: {\"a\":1}\n\nid: 7\nretry: 5\n\ndata:x\r\ndata: y\r\n\r\n\
                    event: none\n\n: beat\nevent:ping\rdata\r\rdata: left open";
        let whole = events(&[all]);
        assert_eq!(whole, ["{\"a\":1}", "x\ny", ""]);
        for first in 0..all.len() {
            for second in first..all.len() {
                let cut = [&all[..first], &all[first..second], &all[second..]];
                assert_eq!(events(&cut), whole, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn t6_an_event_without_end_is_not_read_forever() {
        let piece = [b'x'; 60];
        for lines in [&piece[..], b"data: and again and again and again\n"] {
            let mut parser = SseParser::new(100);
            let took = (0..5).try_for_each(|_| parser.take(lines, |_| ()));
            assert_eq!(took, Err(ResponseError::TooLong { bytes_max: 100 }));
        }
    }
}
