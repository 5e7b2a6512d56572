//! HTTP/2 by hand: frames as an honest client sends them, and as no honest client does.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

/// A connection of HTTP/2.
pub struct Http2<S> {
    pub stream: S,
    began: Instant,
}

/// What has not come by then does not come: streams that are kept alive never fall silent.
const PATIENCE: Duration = Duration::from_secs(60);

/// A frame as it came.
#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RESET: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GO_AWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `:status: 200`, as the static table of HPACK has it.
pub const OK: u8 = 0x88;

impl<S: Read + Write> Http2<S> {
    /// A connection that has begun.
    pub fn over(stream: S) -> Self {
        Self { stream, began: Instant::now() }
    }

    /// Begins with knowledge that the other end speaks it.
    pub fn begin(mut stream: S) -> Self {
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("sends");
        let mut http = Self::over(stream);
        http.send(SETTINGS, 0, 0, &[]).expect("sends");
        http
    }

    pub fn send(
        &mut self,
        kind: u8,
        flags: u8,
        stream: u32,
        payload: &[u8],
    ) -> std::io::Result<()> {
        let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.stream.write_all(&frame)
    }

    /// Asks for a path; streams of clients have odd numbers, each higher than the one before.
    pub fn get(&mut self, stream: u32, path: &str) -> std::io::Result<()> {
        // `:method: GET` and `:scheme: http`, then `:path` and `:authority` as they stand.
        let mut block = vec![0x82, 0x86];
        for (name, value) in [(0x04, path), (0x01, "localhost")] {
            block.extend([name, u8::try_from(value.len()).expect("short")]);
            block.extend(value.as_bytes());
        }
        self.send(HEADERS, END_HEADERS | END_STREAM, stream, &block)
    }

    /// The next frame as it comes; `None` where the connection has ended.
    pub fn frame(&mut self) -> Option<Frame> {
        assert!(self.began.elapsed() < PATIENCE, "waited in vain");
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).ok()?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).ok()?;
        let stream = u32::from_be_bytes(head[5..].try_into().expect("four"));
        Some(Frame { kind: head[3], flags: head[4], stream, payload })
    }

    /// The next frame; settings and pings are acknowledged.
    pub fn next(&mut self) -> Option<Frame> {
        let frame = self.frame()?;
        match frame.kind {
            // Whoever does not listen any more is told all the same by what was sent.
            SETTINGS if frame.flags & ACK == 0 => drop(self.send(SETTINGS, ACK, 0, &[])),
            PING if frame.flags & ACK == 0 => drop(self.send(PING, ACK, 0, &frame.payload)),
            _ => {}
        }
        Some(frame)
    }

    /// The next frame of a kind on a stream.
    pub fn next_of(&mut self, kind: u8, stream: u32) -> Frame {
        loop {
            let frame = self.next().expect("the connection goes on");
            if frame.kind == kind && frame.stream == stream {
                return frame;
            }
        }
    }

    /// The next event of an event stream; what only keeps it alive is none.
    pub fn event(&mut self, stream: u32) -> String {
        loop {
            let data = self.next_of(DATA, stream).payload;
            if data.starts_with(b"event: ") {
                return String::from_utf8(data).expect("text");
            }
        }
    }

    /// The answer on a stream: the first byte of its headers, and its body.
    pub fn answer(&mut self, stream: u32) -> (u8, String) {
        let headers = self.next_of(HEADERS, stream);
        let mut body = Vec::new();
        let mut is_over = headers.flags & END_STREAM != 0;
        while !is_over {
            let data = self.next_of(DATA, stream);
            body.extend(&data.payload);
            is_over = data.flags & END_STREAM != 0;
        }
        (headers.payload[0], String::from_utf8(body).expect("text"))
    }
}
