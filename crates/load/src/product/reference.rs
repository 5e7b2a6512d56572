//! The reference API, as `lamplighter serve` speaks it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Call, LoggedIn, MessageSaid, Method, Product, SocketSaid, Unreadable, WidgetSaid};
use lamplighter_core::model::{
    AgentStatus, Chosen, Form, HiddenBecause, Millis, Settings, Visitor, WidgetStatus,
};
use lamplighter_core::world::Timing;
use lamplighter_target::{of_settings, of_timing, of_visitor};

/// So many messages on a page: as many as the API gives at most.
const MESSAGES_A_PAGE: usize = 200;

/// `lamplighter serve`, and whoever speaks its API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

/// `GET /v1/widgets/…`, and the data of an event. What is not looked at is skipped over.
#[derive(Deserialize)]
struct WidgetBody<'a> {
    #[serde(borrow)]
    widget: Cow<'a, str>,
    status: WidgetStatus,
    chat: bool,
    shown: bool,
    hidden_because: Option<HiddenBecause>,
    #[serde(borrow)]
    greeting: Cow<'a, str>,
    form: Form,
    version: u64,
}

/// What every write answers.
#[derive(Deserialize)]
struct WrittenBody {
    version: BTreeMap<String, u64>,
}

/// `POST /v1/login`
#[derive(Deserialize)]
struct LoginBody {
    token: String,
    version: BTreeMap<String, u64>,
}

/// `GET /v1/team/…`, and a part of what comes on sockets.
#[derive(Deserialize)]
struct TeamMember {
    agent: String,
    status: AgentStatus,
}

/// What comes on a socket.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum SocketBody {
    Team {
        property: String,
        team: Vec<TeamMember>,
        version: u64,
    },
    Status {
        property: String,
        agent: String,
        status: AgentStatus,
        version: u64,
    },
    /// The socket's own device, and whatever else there may be one day.
    #[serde(other)]
    Other,
}

/// `GET /v1/settings`
#[derive(Serialize, Deserialize)]
struct TimingBody {
    grace: String,
    auto_away: Option<String>,
}

/// `GET /v1/messages/…`
#[derive(Deserialize)]
struct MessagesBody {
    messages: Vec<MessageBody>,
    next: Option<i64>,
}

#[derive(Deserialize)]
struct MessageBody {
    name: String,
    email: String,
    message: String,
}

fn read<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(answer).map_err(|error| Unreadable(error.to_string()))
}

fn call(method: Method, path: impl Into<String>) -> Call {
    Call { method, path: path.into(), bearer: None, body: None }
}

impl Call {
    fn with(self, body: &Value) -> Self {
        Self { body: Some(body.to_string()), ..self }
    }

    fn by(self, token: Option<&str>) -> Self {
        Self { bearer: token.map(str::to_owned), ..self }
    }
}

/// A name as a segment of a path: names may have letters of any script.
fn segment(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

/// The full name of a widget as segments of a path.
fn widget_path(widget: &str) -> String {
    let segments: Vec<String> = widget.split('/').map(segment).collect();
    format!("/v1/widgets/{}", segments.join("/"))
}

fn pairs(version: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    version.into_iter().collect()
}

fn team(members: Vec<TeamMember>) -> Vec<(String, AgentStatus)> {
    members.into_iter().map(|member| (member.agent, member.status)).collect()
}

impl Product for Reference {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn put_agent(&self, agent: &str, password: &str) -> Call {
        let path = format!("/v1/agents/{}", segment(agent));
        call(Method::Put, path).with(&json!({ "password": password }))
    }

    fn put_property(
        &self,
        property: &str,
        members: &[String],
        suspended: &[String],
        settings: &Settings,
    ) -> Call {
        let mut document: Map<String, Value> = of_settings(settings);
        document.insert("members".to_owned(), json!(members));
        document.insert("suspended".to_owned(), json!(suspended));
        let path = format!("/v1/properties/{}", segment(property));
        call(Method::Put, path).with(&Value::Object(document))
    }

    fn put_widget(&self, widget: &str, settings: &Settings) -> Call {
        let (property, widget) = widget.split_once('/').unwrap_or((widget, ""));
        let path = format!("/v1/properties/{}/widgets/{}", segment(property), segment(widget));
        call(Method::Put, path).with(&Value::Object(of_settings(settings)))
    }

    fn delete_property(&self, property: &str) -> Call {
        call(Method::Delete, format!("/v1/properties/{}", segment(property)))
    }

    fn get_timing(&self) -> Call {
        call(Method::Get, "/v1/settings")
    }

    fn put_timing(&self, grace_ms: u64) -> Call {
        let timing = Timing { grace: Millis(grace_ms), auto_away: None };
        call(Method::Put, "/v1/settings").with(&of_timing(timing))
    }

    fn put_timing_back(&self, answer: &[u8]) -> Result<Call, Unreadable> {
        let TimingBody { grace, auto_away } = read(answer)?;
        let body = json!({ "grace": grace, "auto_away": auto_away });
        Ok(call(Method::Put, "/v1/settings").with(&body))
    }

    fn login(&self, agent: &str, password: &str, device: &str) -> Call {
        let body = json!({ "agent": agent, "password": password, "device": device });
        call(Method::Post, "/v1/login").with(&body)
    }

    fn read_login(&self, answer: &[u8]) -> Result<LoggedIn, Unreadable> {
        let LoginBody { token, version } = read(answer)?;
        Ok(LoggedIn { token, versions: pairs(version) })
    }

    fn status(&self, token: &str, chosen: Chosen, everywhere: bool) -> Call {
        let body = json!({ "status": chosen, "everywhere": everywhere });
        call(Method::Put, "/v1/status").with(&body).by(Some(token))
    }

    fn logout(&self, token: &str, everywhere: bool) -> Call {
        let body = json!({ "everywhere": everywhere });
        call(Method::Post, "/v1/logout").with(&body).by(Some(token))
    }

    fn read_versions(&self, answer: &[u8]) -> Result<Vec<(String, u64)>, Unreadable> {
        read::<WrittenBody>(answer).map(|body| pairs(body.version))
    }

    fn socket(&self, token: &str) -> Call {
        call(Method::Get, "/v1/connect").by(Some(token))
    }

    fn read_socket(&self, text: &str) -> Result<SocketSaid, Unreadable> {
        Ok(match read(text.as_bytes())? {
            SocketBody::Team { property, team: members, version } => {
                SocketSaid::Team { property, team: team(members), version: Some(version) }
            }
            SocketBody::Status { property, agent, status, version } => {
                SocketSaid::Status { property, agent, status, version: Some(version) }
            }
            SocketBody::Other => SocketSaid::Other,
        })
    }

    fn team(&self, property: &str, token: Option<&str>) -> Call {
        call(Method::Get, format!("/v1/team/{}", segment(property))).by(token)
    }

    fn read_team(&self, answer: &[u8]) -> Result<Vec<(String, AgentStatus)>, Unreadable> {
        read(answer).map(team)
    }

    fn widget(&self, widget: &str, visitor: &Visitor) -> Call {
        call(Method::Get, widget_path(widget) + &of_visitor(visitor))
    }

    fn read_widget<'a>(&self, answer: &'a [u8]) -> Result<WidgetSaid<'a>, Unreadable> {
        let body: WidgetBody<'a> = read(answer)?;
        let WidgetBody { widget, status, chat, shown, hidden_because, greeting, form, version } =
            body;
        if shown == hidden_because.is_some() {
            let why = "what is hidden has a reason, and what is shown has none";
            return Err(Unreadable(why.to_owned()));
        }
        let version = Some(version);
        Ok(WidgetSaid { widget, greeting, status, chat, hidden_because, form, version })
    }

    fn events(&self, widget: &str, visitor: &Visitor) -> Call {
        call(Method::Get, format!("{}/events{}", widget_path(widget), of_visitor(visitor)))
    }

    fn leave_message(&self, widget: &str, message: &MessageSaid) -> Call {
        let MessageSaid { name, email, message } = message;
        let body = json!({ "name": name, "email": email, "message": message });
        call(Method::Post, widget_path(widget) + "/messages").with(&body)
    }

    fn messages(&self, property: &str, after: Option<&str>) -> Call {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &MESSAGES_A_PAGE.to_string());
        if let Some(after) = after {
            query.append_pair("before", after);
        }
        call(Method::Get, format!("/v1/messages/{}?{}", segment(property), query.finish()))
    }

    fn read_messages(
        &self,
        answer: &[u8],
    ) -> Result<(Vec<MessageSaid>, Option<String>), Unreadable> {
        let MessagesBody { messages, next } = read(answer)?;
        let said = messages.into_iter().map(|MessageBody { name, email, message }| MessageSaid {
            name,
            email,
            message,
        });
        Ok((said.collect(), next.map(|next| next.to_string())))
    }
}

#[cfg(test)]
#[path = "reference/tests.rs"]
mod tests;
