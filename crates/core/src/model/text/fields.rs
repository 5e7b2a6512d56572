//! The numbers in a text of a known shape.

/// The numbers in a text of exactly this shape, where `d` stands for a digit.
pub fn fields(text: &str, shape: &str) -> Option<Vec<u32>> {
    if text.len() != shape.len() {
        return None;
    }
    let mut fields = vec![0];
    for (c, expected) in text.bytes().zip(shape.bytes()) {
        match (c, expected) {
            (b'0'..=b'9', b'd') => {
                let last = fields.last_mut()?;
                *last = *last * 10 + u32::from(c - b'0');
            }
            (c, expected) if c == expected && c != b'd' => fields.push(0),
            _ => return None,
        }
    }
    Some(fields)
}
