//! The memory that a password is hashed in: many megabytes, and none of it while nobody logs in.

use argon2::Block;

/// Of what is given back, C libraries keep pieces of up to so many bytes for the next time, one for each
/// thread that ever had one; what is larger goes back to the system at once (`DEFAULT_MMAP_THRESHOLD_MAX`
/// of glibc).
const KEPT_BYTES_MAX: usize = 32 << 20;

/// The memory of one worker: taken with the first hash, handed on from hash to hash, given back with the
/// worker.
#[derive(Debug, Default)]
pub struct HashMemory(Vec<Block>);

impl HashMemory {
    /// So many blocks, with anything in them.
    pub fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            // Room that nobody writes to is an address and nothing else.
            self.0 = Vec::with_capacity(count.max(KEPT_BYTES_MAX / Block::SIZE + 1));
            self.0.resize(count, Block::default());
        }
        &mut self.0[..count]
    }

    /// How many blocks there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_too_large_to_be_kept_and_grows_only_when_it_must() {
        let mut memory = HashMemory::default();
        assert_eq!(memory.blocks(8).len(), 8);
        assert!(memory.0.capacity() * Block::SIZE > KEPT_BYTES_MAX);
        let before = memory.0.as_ptr();
        assert_eq!(memory.blocks(4).len(), 4);
        assert_eq!(memory.0.as_ptr(), before);
        assert_eq!(memory.blocks(16).len(), 16);
        assert_eq!(memory.len(), 16);
    }
}
