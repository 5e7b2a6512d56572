//! Lines of a bounded length, out of a pipe.

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// What came out of a pipe.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// A line without its end.
    Whole(Vec<u8>),
    /// The beginning of a line that is longer than it may be; the rest follows.
    TooLong(Vec<u8>),
    /// The pipe is closed.
    End,
}

/// The next line, of so many bytes at most.
///
/// # Errors
/// When the pipe cannot be read.
pub async fn next(
    pipe: &mut (impl AsyncBufRead + Unpin),
    bytes_max: usize,
) -> std::io::Result<Line> {
    let mut line = Vec::new();
    loop {
        let bytes = pipe.fill_buf().await?;
        if bytes.is_empty() {
            return Ok(if line.is_empty() { Line::End } else { Line::Whole(line) });
        }
        let (taken, is_whole) = match bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end, true),
            None => (bytes.len(), false),
        };
        let room = bytes_max.saturating_sub(line.len());
        if taken > room {
            line.extend_from_slice(&bytes[..room]);
            pipe.consume(room);
            return Ok(Line::TooLong(line));
        }
        line.extend_from_slice(&bytes[..taken]);
        pipe.consume(taken + usize::from(is_whole));
        if is_whole {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(Line::Whole(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::BufReader;

    use super::*;

    #[tokio::test]
    async fn a_line_is_whole_wherever_the_pipe_is_cut_and_never_longer_than_it_may_be() {
        let text = b"one\r\n\ntwo\nlonger than ten\nend";
        for capacity in 1..20 {
            let mut pipe = BufReader::with_capacity(capacity, &text[..]);
            let mut found = Vec::new();
            loop {
                match next(&mut pipe, 10).await.expect("a pipe") {
                    Line::End => break,
                    line => found.push(line),
                }
            }
            let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
            let cut = Line::TooLong(b"longer tha".to_vec());
            let all =
                vec![whole("one"), whole(""), whole("two"), cut, whole("n ten"), whole("end")];
            assert_eq!(found, all, "{capacity}");
        }
    }
}
