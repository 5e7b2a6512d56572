//! The HTTP client of a caller: connections of our own, or a client that counts requests, such as goose's.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use super::connection::RawAnswer;
use super::endpoint::Endpoint;
use super::pool::{Limits, Pool};
use crate::file::request::Request;
use crate::file::response_error::ResponseError;
use crate::file::section::Section;

/// A request that was sent, until its response is there.
pub type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = Result<ClientResponse, ResponseError>> + Send + 'a>>;

/// Sends the requests of one caller, one or more at a time.
pub trait HttpClient: Send + Sync + Debug {
    /// Makes a call of a section. `wrote` is told when it goes out.
    ///
    /// # Errors
    /// Within: why there is no answer.
    fn send<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        section: Section,
        request: &'a Request,
        limits: Limits,
        wrote: &'a mut (dyn FnMut() + Send),
    ) -> ResponseFuture<'a>;

    /// Closes every connection of its own that waits.
    fn close_idle(&self);
}

/// A response, and who else is told what it means.
pub struct ClientResponse {
    /// The response as it came.
    pub answer: RawAnswer,
    /// Is told whether the step is done by it.
    pub judged: Option<Box<dyn FnOnce(bool) + Send>>,
}

impl HttpClient for Pool {
    fn send<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        _: Section,
        request: &'a Request,
        limits: Limits,
        wrote: &'a mut (dyn FnMut() + Send),
    ) -> ResponseFuture<'a> {
        Box::pin(async move {
            let answer = self.call(endpoint, request, limits, wrote).await?;
            Ok(ClientResponse { answer, judged: None })
        })
    }

    fn close_idle(&self) {
        Self::close_idle(self);
    }
}
