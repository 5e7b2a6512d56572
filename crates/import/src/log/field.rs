//! What a row of a log has in a column, and what a file may have before its first.

/// What a row has in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field<'a> {
    /// A text; an empty one where there is nothing.
    Text(&'a str),
    /// The row ends before it.
    Missing,
    /// Bytes that are no text.
    NotUtf8,
}

/// What some programs write before the first byte of a text, and belongs to no field.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
