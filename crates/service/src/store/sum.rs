//! Sums over what is written (FNV-1a, 64 bits): every step can be undone, so that one bit more or less in
//! anything that was added makes another sum.

use rusqlite::types::ValueRef;

/// A sum so far.
pub struct Sum(u64);

impl Sum {
    /// The sum over nothing at all.
    pub fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    /// Over everything so far, and these bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    /// As it is kept.
    pub fn kept(self) -> i64 {
        self.0 as i64
    }

    /// Over everything so far, and a value with its kind and length: no two lists of values are added alike.
    fn add_value(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.add(&[0]),
            ValueRef::Integer(number) => {
                self.add(&[1]);
                self.add(&number.to_le_bytes());
            }
            ValueRef::Real(number) => {
                self.add(&[2]);
                self.add(&number.to_le_bytes());
            }
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                self.add(&[if matches!(value, ValueRef::Text(_)) { 3 } else { 4 }]);
                self.add(&(bytes.len() as u64).to_le_bytes());
                self.add(bytes);
            }
        }
    }
}

/// The sum of a table's row.
pub fn sum_of<'a>(table: &str, values: impl IntoIterator<Item = ValueRef<'a>>) -> i64 {
    let mut sum = Sum::new();
    sum.add_value(ValueRef::Text(table.as_bytes()));
    for value in values {
        sum.add_value(value);
    }
    sum.kept()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rows_that_differ_in_a_bit_a_kind_or_a_border_have_the_same_sum() {
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        let rows = [
            vec![text("ann"), text("laptop")],
            vec![text("annl"), text("aptop")],
            vec![text("ann"), text("laptoq")],
            vec![ValueRef::Blob(b"ann"), text("laptop")],
            vec![text("ann"), ValueRef::Null],
            vec![ValueRef::Integer(0), ValueRef::Null],
        ];
        let mut sums: Vec<i64> = rows.iter().map(|row| sum_of("tokens", row.clone())).collect();
        sums.push(sum_of("messages", rows[0].clone()));
        let count = sums.len();
        sums.sort_unstable();
        sums.dedup();
        assert_eq!(sums.len(), count);
    }
}
