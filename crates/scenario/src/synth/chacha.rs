//! The block with which a stream of ChaCha8 begins.
//!
//! Nearly all streams of a synthetic world end within it. A generator that makes four blocks at once, as those
//! that are to be had do, takes three times as long for what is asked of it.

/// A key, as words.
pub(super) type Key = [u32; 8];

/// The words that a stream begins with.
pub(super) type Block = [u32; WORDS];

/// So many words are a block.
pub(super) const WORDS: usize = 16;

/// `expand 32-byte k`
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// Two rounds are one of columns and one of diagonals.
const DOUBLE_ROUNDS: usize = 4;

/// The first block of a key's stream, with counter and nonce zero.
#[inline]
pub(super) fn first_block(key: &Key) -> Block {
    let mut start = [0; WORDS];
    start[..4].copy_from_slice(&CONSTANTS);
    start[4..12].copy_from_slice(key);
    let mut block = start;
    for _ in 0..DOUBLE_ROUNDS {
        quarter_round([0, 4, 8, 12], &mut block);
        quarter_round([1, 5, 9, 13], &mut block);
        quarter_round([2, 6, 10, 14], &mut block);
        quarter_round([3, 7, 11, 15], &mut block);
        quarter_round([0, 5, 10, 15], &mut block);
        quarter_round([1, 6, 11, 12], &mut block);
        quarter_round([2, 7, 8, 13], &mut block);
        quarter_round([3, 4, 9, 14], &mut block);
    }
    for (word, begun) in block.iter_mut().zip(start) {
        *word = word.wrapping_add(begun);
    }
    block
}

#[inline(always)]
fn quarter_round([a, b, c, d]: [usize; 4], words: &mut Block) {
    let mut step = |to: usize, from: usize, turned: usize, bits: u32| {
        words[to] = words[to].wrapping_add(words[from]);
        words[turned] = (words[turned] ^ words[to]).rotate_left(bits);
    };
    step(a, b, d, 16);
    step(c, d, b, 12);
    step(a, b, d, 8);
    step(c, d, b, 7);
}
