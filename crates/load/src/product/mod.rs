//! The calls of a chat product: what is sent, and what its answers say. This is all that has to be
//! mapped to put another product under load; `docs/products.md` beside it says how.

use lamplighter_core::model::{
    AgentStatus, Chosen, Form, HiddenBecause, Settings, Visitor, WidgetStatus,
};
use lamplighter_target::file::request::Request;
use lamplighter_target::file::step::Verb;
use thiserror::Error;

pub use reference::Reference;

mod reference;

/// An HTTP call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpCall {
    /// The method of the request.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// What is sent as `Authorization: Bearer …`, if anything. The calls of an admin have nothing
    /// here: whoever has the admin key adds it.
    pub bearer: Option<String>,
    /// A JSON body, if there is one.
    pub body: Option<String>,
}

impl HttpCall {
    /// The same as the driver of a target file would send it.
    pub fn request(&self) -> Request {
        let verb = match self.method {
            Method::Get => Verb::Get,
            Method::Put => Verb::Put,
            Method::Post => Verb::Post,
            Method::Delete => Verb::Delete,
        };
        let bearer = self.bearer.iter().map(|token| ("Authorization", format!("Bearer {token}")));
        let json = self.body.iter().map(|_| ("Content-Type", "application/json".to_owned()));
        Request {
            verb,
            path: self.path.clone(),
            headers: bearer.chain(json).map(|(name, value)| (name.to_owned(), value)).collect(),
            body: self.body.clone().unwrap_or_default().into_bytes(),
        }
    }
}

/// The methods that calls have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// GET
    Get,
    /// PUT
    Put,
    /// POST
    Post,
    /// DELETE
    Delete,
}

impl Method {
    /// As it stands in a request.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// What an answer to a login says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceLogin {
    /// The token that the login gave, which goes on every call of the device.
    pub token: String,
    /// For each property concerned the version at which it took effect, where the product says so.
    pub versions: Vec<(String, u64)>,
}

/// What came on a device's socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SocketNews {
    /// All of a team.
    Team {
        /// The name of the property whose team it is.
        property: String,
        /// Each member's name, with what team-mates see.
        team: Vec<(String, AgentStatus)>,
        /// What it knew, where the product says so.
        version: Option<u64>,
    },
    /// One member of it.
    Status {
        /// The name of the property whose member it is.
        property: String,
        /// The name of the member.
        agent: String,
        /// What team-mates see of the member (rule P4).
        status: AgentStatus,
        /// What it knew, where the product says so.
        version: Option<u64>,
    },
    /// Something that is not judged.
    Other,
}

/// A widget's answer as it stands in a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WidgetReading<'a> {
    /// The full name of the widget.
    pub widget: std::borrow::Cow<'a, str>,
    /// The greeting, which goes with the status (rule C1).
    pub greeting: std::borrow::Cow<'a, str>,
    /// The status (rules W1 to W6).
    pub status: WidgetStatus,
    /// Whether a visitor can start a chat (rule C1).
    pub chat: bool,
    /// What hides it from this visitor, if anything.
    pub hidden_because: Option<HiddenBecause>,
    /// The form, which goes with the status (rules C2, C3).
    pub form: Form,
    /// The version of the property that the answer knew, where the product has versions.
    pub version: Option<u64>,
}

/// A message that a visitor left, as a property has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftMessage {
    /// The visitor's name.
    pub name: String,
    /// The address to which an answer would go (rule C3).
    pub email: String,
    /// The text of the message, by which it is found again at the end.
    pub message: String,
}

/// An answer that is none of the product's.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("the answer cannot be read: {0}")]
pub struct UnreadableAnswer(pub String);

/// A chat product's calls. Nothing here waits: it says what to send, and reads what came back.
pub trait Product: Send + Sync + std::fmt::Debug {
    /// Its name, for reports.
    fn name(&self) -> &'static str;

    /// Makes an account, or sets its password.
    fn put_agent(&self, agent: &str, password: &str) -> HttpCall;
    /// Makes a property with its own widget, or sets it anew; to do so twice changes nothing.
    fn put_property(
        &self,
        property: &str,
        members: &[String],
        suspended: &[String],
        settings: &Settings,
    ) -> HttpCall;
    /// Makes a further widget, by its full name, or sets it anew.
    fn put_widget(&self, widget: &str, settings: &Settings) -> HttpCall;
    /// Takes a property away with its widgets.
    fn delete_property(&self, property: &str) -> HttpCall;
    /// What is set for the whole service (rules P7, P8), to be put back later.
    fn get_timing(&self) -> HttpCall;
    /// Sets grace (in milliseconds) for the whole service, auto-away off.
    fn put_timing(&self, grace_ms: u64) -> HttpCall;
    /// Puts back what an answer to [`get_timing`](Self::get_timing) said.
    fn put_timing_back(&self, answer: &[u8]) -> Result<HttpCall, UnreadableAnswer>;

    /// A device logs in.
    fn login(&self, agent: &str, password: &str, device: &str) -> HttpCall;
    /// What the answer says.
    fn read_login(&self, answer: &[u8]) -> Result<DeviceLogin, UnreadableAnswer>;
    /// A device's status is set, or that of all devices.
    fn status(&self, token: &str, chosen: Chosen, everywhere: bool) -> HttpCall;
    /// A device is logged out, or all devices.
    fn logout(&self, token: &str, everywhere: bool) -> HttpCall;
    /// The versions at which a status or a logout took effect; empty where the product has none.
    fn read_versions(&self, answer: &[u8]) -> Result<Vec<(String, u64)>, UnreadableAnswer>;
    /// The path of a device's WebSocket; the token goes along as `Authorization: Bearer …`.
    fn socket(&self, token: &str) -> HttpCall;
    /// What came on it.
    fn read_socket(&self, text: &str) -> Result<SocketNews, UnreadableAnswer>;
    /// A look at a team, by a member's token or the admin's key (`None`).
    fn team(&self, property: &str, token: Option<&str>) -> HttpCall;
    /// What it says.
    fn read_team(&self, answer: &[u8]) -> Result<Vec<(String, AgentStatus)>, UnreadableAnswer>;

    /// What a widget shows to a visitor.
    fn widget(&self, widget: &str, visitor: &Visitor) -> HttpCall;
    /// What it says.
    fn read_widget<'a>(&self, answer: &'a [u8]) -> Result<WidgetReading<'a>, UnreadableAnswer>;
    /// The event stream of a widget: server-sent events, each with a body like
    /// [`widget`](Self::widget)'s as its data.
    fn events(&self, widget: &str, visitor: &Visitor) -> HttpCall;
    /// A visitor leaves a message.
    fn leave_message(&self, widget: &str, message: &LeftMessage) -> HttpCall;
    /// A page of the messages that a property has, the latest first; `after` is what the page
    /// before said comes next.
    fn messages(&self, property: &str, after: Option<&str>) -> HttpCall;
    /// What it says, and what comes next.
    fn read_messages(
        &self,
        answer: &[u8],
    ) -> Result<(Vec<LeftMessage>, Option<String>), UnreadableAnswer>;
}
