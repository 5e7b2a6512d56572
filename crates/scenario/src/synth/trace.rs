//! A population's events as a CSV trace.

use std::io::{self, Write};

use super::events::DrawnSpans;
use super::in_turn::in_turn;
use super::names::{self, AGENT_BYTES_MAX, DEVICES};
use super::packed::{DEED_BITS, Packed, TraceEvent, taken_apart};
use super::population::Population;
use lamplighter_core::model::Instant;
use lamplighter_core::trace::COLUMNS;

/// Writes a trace with its header, a row for each event.
///
/// # Errors
/// When `out` takes no more.
pub fn write_trace(
    events: impl Iterator<Item = TraceEvent>,
    out: &mut impl Write,
) -> io::Result<()> {
    write_header(out)?;
    let mut row = Vec::with_capacity(80);
    for event in events {
        row.clear();
        event.at.write_to(&mut row);
        row.push(b',');
        names::push_agent(event.agent, &mut row);
        row.push(b',');
        if let Some(device) = event.device {
            row.extend_from_slice(DEVICES[usize::from(device)].as_bytes());
        }
        row.push(b',');
        row.extend_from_slice(event.action.word().as_bytes());
        row.push(b'\n');
        out.write_all(&row)?;
    }
    Ok(())
}

/// Writes the trace of all that a population does, by so many threads, which make no difference to it. `told`
/// is told on the way how many rows were written, and up to which instant; gives how many there are.
///
/// # Errors
/// When `out` takes no more.
pub fn write_trace_by(
    population: &Population,
    threads: usize,
    out: &mut impl Write,
    told: &mut dyn FnMut(u64, Instant),
) -> io::Result<u64> {
    write_header(out)?;
    let mut rows = 0;
    let mut drawn = DrawnSpans::new(population, threads);
    while let Some(spans) = drawn.draw_more() {
        let fill = |span, page: &mut Page| {
            let begins_ms = drawn.put_in_order(span, &mut page.events);
            page.fill(begins_ms);
        };
        in_turn(threads, spans, fill, |page| -> io::Result<()> {
            out.write_all(&page.text[..page.end])?;
            rows += page.events.len() as u64;
            if let Some(at) = page.last {
                told(rows, at);
            }
            Ok(())
        })?;
    }
    Ok(rows)
}

fn write_header(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", COLUMNS.join(","))
}

/// The rows of a span of time.
#[derive(Default)]
struct Page {
    events: Vec<Packed>,
    /// The rows, up to an end behind which there is nothing but room.
    text: Vec<u8>,
    end: usize,
    /// The instant of the last one.
    last: Option<Instant>,
}

/// No row is longer than this, the room included that its parts are written into.
const ROW_BYTES_MAX: usize = INSTANT_BYTES_MAX + 1 + AGENT_BYTES_MAX + Tail::ROOM;
const INSTANT_BYTES_MAX: usize = "2026-03-02T08:15:00.123Z".len();

impl Page {
    /// Writes the events down, which lie in a span that begins then.
    fn fill(&mut self, begins_ms: i64) {
        let room = self.events.len() * ROW_BYTES_MAX;
        if self.text.len() < room {
            self.text.resize(room, 0);
        }
        let mut clock = WrittenSecond::default();
        let mut end = 0;
        for event in &self.events {
            let row: &mut [u8; ROW_BYTES_MAX] =
                self.text[end..].first_chunk_mut().expect("there is room for every row");
            let mut at = clock.write(begins_ms + event.since_ms(), row);
            row[at] = b',';
            at += 1 + names::write_agent(event.agent(), &mut row[at + 1..]);
            end += at + TAILS[event.deed()].write(&mut row[at..]);
        }
        self.end = end;
        let last = self.events.last().map(|event| begins_ms + event.since_ms());
        self.last = last.and_then(Instant::from_millis);
    }
}

/// The text of the second that the last instant lay in, in which the next mostly lies as well.
#[derive(Default)]
struct WrittenSecond {
    second: Option<i64>,
    text: Vec<u8>,
}

impl WrittenSecond {
    /// Writes an instant at the start of a row; gives where it ends.
    #[inline]
    fn write(&mut self, at_ms: i64, row: &mut [u8; ROW_BYTES_MAX]) -> usize {
        const SECOND_BYTES: usize = INSTANT_BYTES_MAX - ".123Z".len();
        let (second, ms) = (at_ms.div_euclid(1_000), at_ms.rem_euclid(1_000));
        if self.second != Some(second) {
            self.second = Some(second);
            self.text.clear();
            let at = Instant::from_millis(second * 1_000);
            at.expect("a run lies within the years 1970 to 9999").write_to(&mut self.text);
        }
        row[..SECOND_BYTES].copy_from_slice(&self.text[..SECOND_BYTES]);
        if ms == 0 {
            row[SECOND_BYTES] = b'Z';
            return SECOND_BYTES + 1;
        }
        let digit = |number: i64| b'0' + (number % 10) as u8;
        let behind = [b'.', digit(ms / 100), digit(ms / 10), digit(ms), b'Z'];
        row[SECOND_BYTES..INSTANT_BYTES_MAX].copy_from_slice(&behind);
        INSTANT_BYTES_MAX
    }
}

/// The end of a row, behind the agent: the device and the action.
#[derive(Clone, Copy)]
struct Tail {
    text: [u8; Self::ROOM],
    len: usize,
}

impl Tail {
    /// Room for the longest, in whole words of the processor.
    const ROOM: usize = 24;

    const fn of(deed: usize) -> Self {
        let (device, action) = taken_apart(deed);
        let tail = Self { text: [0; Self::ROOM], len: 0 }.then(",");
        let tail = match device {
            Some(device) if (device as usize) < DEVICES.len() => {
                tail.then(DEVICES[device as usize])
            }
            // Of all devices, or of one that nobody has.
            _ => tail,
        };
        tail.then(",").then(action.word()).then("\n")
    }

    const fn then(mut self, text: &str) -> Self {
        let mut place = 0;
        while place < text.len() {
            self.text[self.len] = text.as_bytes()[place];
            self.len += 1;
            place += 1;
        }
        self
    }

    /// Writes it at the start of the rest of a row; gives where it ends.
    #[inline]
    fn write(&self, rest: &mut [u8]) -> usize {
        rest[..Self::ROOM].copy_from_slice(&self.text);
        self.len
    }
}

/// Those of all deeds.
const TAILS: [Tail; 1 << DEED_BITS] = {
    let (mut tails, mut deed) = ([Tail { text: [0; Tail::ROOM], len: 0 }; 1 << DEED_BITS], 0);
    while deed < tails.len() {
        tails[deed] = Tail::of(deed);
        deed += 1;
    }
    tails
};

#[cfg(test)]
mod tests {
    use super::super::knobs::Knobs;
    use super::*;
    use lamplighter_core::hours::Zones;

    #[test]
    fn a_trace_is_the_same_by_however_many_it_is_written() {
        let odd = Knobs {
            properties: 300,
            agents: 7,
            devices: 8,
            days: 3,
            flakiness: 150,
            anomalies: 100,
            odd_hours: 60,
            start: Knobs::start_from("2026-12-30T18:00:00.007Z").expect("a start"),
            ..Knobs::default()
        };
        for knobs in [odd, Knobs { days: 1, properties: 1, agents: 1, ..Knobs::default() }] {
            let population =
                Population::new(knobs, &Zones::bundled()).expect("knobs in their ranges");
            let (mut plainly, mut rows) = (Vec::new(), 0);
            write_trace(population.events().inspect(|_| rows += 1), &mut plainly).expect("memory");
            for threads in [1, 2, 3, 8] {
                let (mut written, mut last) = (Vec::new(), (0, Instant::MIN));
                let mut told = |rows: u64, at: Instant| {
                    assert!(last.0 < rows && last.1 < at);
                    last = (rows, at);
                };
                let count = write_trace_by(&population, threads, &mut written, &mut told);
                assert!(written == plainly, "{threads}");
                assert_eq!((count.expect("memory"), last.0), (rows, rows), "{threads}");
            }
        }
    }
}
