//! Where the fields of a row end: 32 bytes of it looked at together, whatever stands there.

/// So many bytes are looked at together: nearly all rows have no more behind their instant.
pub const SHORT: usize = 32;

/// Which of some bytes are commas, and which of them stand in no name of ASCII, a bit each, the first byte's
/// lowest. There are no quotes. Blanks stand in names only between others, which is for the reader to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Marks {
    /// The commas.
    pub commas: u32,
    /// Blanks, controls and what is beyond ASCII; no commas.
    pub others: u32,
}

#[cfg(target_arch = "x86_64")]
impl Marks {
    /// Sixteen bytes at a time, as all processors of x86-64 can.
    #[inline(always)]
    pub fn of(bytes: &[u8; SHORT]) -> Self {
        use safe_arch::{
            add_i8_m128i, cmp_eq_mask_i8_m128i, cmp_lt_mask_i8_m128i, m128i, move_mask_i8_m128i,
            set_splat_i8_m128i,
        };

        let of = |half: [u8; 16]| {
            let half = m128i::from(half);
            let commas = cmp_eq_mask_i8_m128i(half, set_splat_i8_m128i(b',' as i8));
            // With one more, what is beyond the letters of ASCII is less than any of them.
            let next = add_i8_m128i(half, set_splat_i8_m128i(1));
            let others = cmp_lt_mask_i8_m128i(next, set_splat_i8_m128i(b'!' as i8 + 1));
            [commas, others].map(|mask| move_mask_i8_m128i(mask) as u32)
        };
        let [first, second] = [0, 16].map(|at| *bytes[at..].first_chunk().expect("half of them"));
        let ([commas, others], [more_commas, more_others]) = (of(first), of(second));
        Self { commas: commas | more_commas << 16, others: others | more_others << 16 }
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Marks {
    /// Eight bytes at a time, in a number.
    #[inline(always)]
    pub fn of(bytes: &[u8; SHORT]) -> Self {
        Self::by_words(bytes)
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
impl Marks {
    #[inline(always)]
    fn by_words(bytes: &[u8; SHORT]) -> Self {
        const EACH: u64 = u64::from_le_bytes([1; 8]);
        const LOW: u64 = EACH * 0x7f;
        // The high bits of bytes, side by side.
        let bits =
            |high: u64| ((high & !LOW) >> 7).wrapping_mul(0x0102_0408_1020_4080).to_be_bytes()[0];
        let (words, _) = bytes.as_chunks::<8>();
        let mut marks = Self { commas: 0, others: 0 };
        for (at, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            // The highest bit of each byte apart, no sum is carried over into the next one.
            let no_comma = word ^ (EACH * u64::from(b','));
            let no_comma = ((no_comma & LOW) + LOW) | no_comma;
            let letter = (word & LOW) + EACH * u64::from(0x80 - b'!');
            let delete = (word & LOW) + EACH;
            marks.commas |= u32::from(bits(!no_comma)) << (8 * at);
            marks.others |= u32::from(bits(!letter | delete | word)) << (8 * at);
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one_by_one(bytes: &[u8; SHORT]) -> Marks {
        let bits = |is: fn(&u8) -> bool| {
            let set = bytes.iter().enumerate().filter(|(_, byte)| is(byte));
            set.fold(0, |bits, (at, _)| bits | 1 << at)
        };
        Marks { commas: bits(|&byte| byte == b','), others: bits(|byte| !byte.is_ascii_graphic()) }
    }

    #[test]
    fn each_byte_is_marked_for_itself_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for around in [b'a', b',', b' ', b'!', b'~', 0, 0x7f, 0x80, 0xff] {
                for at in 0..SHORT {
                    let mut bytes = [around; SHORT];
                    bytes[at] = byte;
                    let expected = one_by_one(&bytes);
                    assert_eq!(Marks::of(&bytes), expected, "{byte} at {at} among {around}");
                    assert_eq!(Marks::by_words(&bytes), expected, "{byte} at {at} among {around}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_marked_alike_by_words_and_one_by_one(bytes: [u8; SHORT]) {
            prop_assert_eq!(Marks::of(&bytes), one_by_one(&bytes));
            prop_assert_eq!(Marks::by_words(&bytes), one_by_one(&bytes));
        }
    }
}
