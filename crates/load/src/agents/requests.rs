//! How an agent's requests get to the target is someone else's business.

use crate::product::HttpCall;

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HttpReply {
    /// An answer is there.
    Answer {
        /// The HTTP status, by which it is known whether a write took effect.
        status: u16,
        /// All of its body, to be read by the product.
        body: Vec<u8>,
    },
    /// None is, and none will come; why, in a word or two.
    Nothing(&'static str),
}

/// Makes requests for an agent. A clone makes requests at the same time.
pub trait Requests: Clone + Send + 'static {
    /// Makes a request, and waits for all of the answer.
    fn request(
        &mut self,
        operation: &'static str,
        call: &HttpCall,
    ) -> impl Future<Output = HttpReply> + Send;

    /// The latest answer had the right status, and could not be read.
    fn unreadable(&mut self);
}
