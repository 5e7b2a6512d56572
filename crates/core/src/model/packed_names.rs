//! Names one behind the other, in hardly more space than they have letters, of which one is asked for now and
//! then.

/// Names that were put together once.
#[derive(Clone, Debug, Default)]
pub struct PackedNames {
    /// Before each name its length: a byte, or for long ones [`IS_LONG`] and four bytes.
    bytes: Vec<u8>,
    /// Where every so manieth begins.
    starts: Vec<u64>,
    len: usize,
}

/// So many are gone through for one of them at most.
const STRIDE: usize = 16;

/// Stands in the place of a length that has more than a byte.
const IS_LONG: u8 = u8::MAX;

impl PackedNames {
    /// All of them in their order.
    pub fn new<'a>(names: impl ExactSizeIterator<Item = &'a [u8]> + Clone) -> Self {
        // No more room than is needed: this is what they are packed for.
        let mut packed = Self {
            bytes: Vec::with_capacity(names.clone().map(room).sum()),
            starts: Vec::with_capacity(names.len().div_ceil(STRIDE)),
            len: 0,
        };
        names.for_each(|name| packed.push(name));
        packed
    }

    fn push(&mut self, name: &[u8]) {
        if self.len.is_multiple_of(STRIDE) {
            self.starts.push(self.bytes.len() as u64);
        }
        match u8::try_from(name.len()).ok().filter(|len| *len != IS_LONG) {
            Some(len) => self.bytes.push(len),
            None => {
                let len = u32::try_from(name.len()).expect("a name is shorter than 4 GiB");
                self.bytes.push(IS_LONG);
                self.bytes.extend_from_slice(&len.to_le_bytes());
            }
        }
        self.bytes.extend_from_slice(name);
        self.len += 1;
    }

    /// The name that begins at a byte, and where the next one does.
    #[inline]
    fn name_at(&self, start: usize) -> (&[u8], usize) {
        let (begins, len) = match self.bytes[start] {
            IS_LONG => {
                let len = self.bytes[start + 1..].first_chunk().expect("four bytes of length");
                (start + 1 + len.len(), u32::from_le_bytes(*len) as usize)
            }
            len => (start + 1, usize::from(len)),
        };
        (&self.bytes[begins..begins + len], begins + len)
    }

    /// The name at a place, from zero.
    pub fn get(&self, index: usize) -> &[u8] {
        let first = self.starts[index / STRIDE] as usize;
        let start = (0..index % STRIDE).fold(first, |start, _| self.name_at(start).1);
        self.name_at(start).0
    }

    /// All in their order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        (0..self.len).map(move |_| {
            let (name, next) = self.name_at(start);
            start = next;
            name
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// How many bytes a name takes.
fn room(name: &[u8]) -> usize {
    let is_long = name.len() >= usize::from(IS_LONG);
    1 + if is_long { size_of::<u32>() } else { 0 } + name.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_a_byte_more_than_they_have_and_are_found_in_any_order() {
        let names: Vec<Vec<u8>> = [0, 1, 15, 16, 254, 255, 256, 70_000]
            .into_iter()
            .cycle()
            .take(50)
            .enumerate()
            .map(|(index, len)| vec![index as u8; len])
            .collect();
        let packed = PackedNames::new(names.iter().map(Vec::as_slice));
        assert_eq!((packed.len(), packed.is_empty()), (50, false));
        assert!(packed.iter().eq(&names));
        assert!((0..50).rev().all(|index| packed.get(index) == names[index]));
        assert_eq!(packed.bytes.len(), packed.bytes.capacity());
        let few = PackedNames::new(names[..5].iter().map(Vec::as_slice));
        assert_eq!(few.bytes.len(), 5 + 1 + 15 + 16 + 254);
        assert!(PackedNames::new([].into_iter()).is_empty());
    }
}
