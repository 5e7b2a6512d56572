//! The reference API, as `lamplighter serve` speaks it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    DeviceLogin, HttpCall, LeftMessage, Method, Product, SocketNews, UnreadableAnswer,
    WidgetReading,
};
use lamplighter_core::model::{AgentStatus, Chosen, Millis, Settings, Visitor};
use lamplighter_core::world::Timing;
use lamplighter_target::wire::{
    self, Account, Login, Logout, Messages, Name, NewMessage, PropertyDocument, PutStatus,
    SocketMessage, TeamMember, TimingDocument, Versions, WidgetAnswer, WidgetDocument, Written,
    of_visitor,
};

/// So many messages on a page: as many as the API gives at most.
const MESSAGES_A_PAGE: usize = 200;

/// `lamplighter serve`, and whoever speaks its API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

fn read<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, UnreadableAnswer> {
    serde_json::from_slice(answer).map_err(|error| UnreadableAnswer(error.to_string()))
}

fn call(method: Method, path: impl Into<String>) -> HttpCall {
    HttpCall { method, path: path.into(), bearer: None, body: None }
}

impl HttpCall {
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

fn pairs(version: Versions) -> Vec<(String, u64)> {
    version.into_iter().collect()
}

fn team(members: Vec<TeamMember>) -> Vec<(String, AgentStatus)> {
    members.into_iter().map(|member| (member.agent, member.status)).collect()
}

impl Product for Reference {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn put_agent(&self, agent: &str, password: &str) -> HttpCall {
        let path = format!("/v1/agents/{}", segment(agent));
        call(Method::Put, path).with(&json!(Account { password: password.to_owned() }))
    }

    fn put_property(
        &self,
        property: &str,
        members: &[String],
        suspended: &[String],
        settings: &Settings,
    ) -> HttpCall {
        let names = |agents: &[String]| agents.iter().cloned().map(Name).collect();
        let document = PropertyDocument::of(names(members), names(suspended), settings);
        let path = format!("/v1/properties/{}", segment(property));
        call(Method::Put, path).with(&json!(document))
    }

    fn put_widget(&self, widget: &str, settings: &Settings) -> HttpCall {
        let (property, widget) = widget.split_once('/').unwrap_or((widget, ""));
        let path = format!("/v1/properties/{}/widgets/{}", segment(property), segment(widget));
        call(Method::Put, path).with(&json!(WidgetDocument::of(settings)))
    }

    fn delete_property(&self, property: &str) -> HttpCall {
        call(Method::Delete, format!("/v1/properties/{}", segment(property)))
    }

    fn get_timing(&self) -> HttpCall {
        call(Method::Get, "/v1/settings")
    }

    fn put_timing(&self, grace_ms: u64) -> HttpCall {
        let timing = Timing { grace: Millis(grace_ms), auto_away: None };
        call(Method::Put, "/v1/settings").with(&json!(TimingDocument::of(timing)))
    }

    fn put_timing_back(&self, answer: &[u8]) -> Result<HttpCall, UnreadableAnswer> {
        // It is read to be sure that it is one, and goes back as it came.
        read::<TimingDocument>(answer)?;
        Ok(call(Method::Put, "/v1/settings").with(&read(answer)?))
    }

    fn login(&self, agent: &str, password: &str, device: &str) -> HttpCall {
        let login = Login {
            agent: agent.to_owned(),
            password: password.to_owned(),
            device: Name(device.to_owned()),
        };
        call(Method::Post, "/v1/login").with(&json!(login))
    }

    fn read_login(&self, answer: &[u8]) -> Result<DeviceLogin, UnreadableAnswer> {
        let wire::LoggedIn { token, version, .. } = read(answer)?;
        Ok(DeviceLogin { token, versions: pairs(version) })
    }

    fn status(&self, token: &str, chosen: Chosen, everywhere: bool) -> HttpCall {
        let status = PutStatus { status: chosen, everywhere };
        call(Method::Put, "/v1/status").with(&json!(status)).by(Some(token))
    }

    fn logout(&self, token: &str, everywhere: bool) -> HttpCall {
        let logout = Logout { everywhere };
        call(Method::Post, "/v1/logout").with(&json!(logout)).by(Some(token))
    }

    fn read_versions(&self, answer: &[u8]) -> Result<Vec<(String, u64)>, UnreadableAnswer> {
        read::<Written>(answer).map(|written| pairs(written.version))
    }

    fn socket(&self, token: &str) -> HttpCall {
        call(Method::Get, "/v1/connect").by(Some(token))
    }

    fn read_socket(&self, text: &str) -> Result<SocketNews, UnreadableAnswer> {
        Ok(match read(text.as_bytes())? {
            SocketMessage::Team { property, team: members, version } => SocketNews::Team {
                property: property.into_owned(),
                team: team(members),
                version: Some(version),
            },
            SocketMessage::Status { property, agent, status, version } => SocketNews::Status {
                property: property.into_owned(),
                agent: agent.into_owned(),
                status,
                version: Some(version),
            },
            // Its own device, and whatever else there may be one day.
            SocketMessage::Device { .. } | SocketMessage::Other => SocketNews::Other,
        })
    }

    fn team(&self, property: &str, token: Option<&str>) -> HttpCall {
        call(Method::Get, format!("/v1/team/{}", segment(property))).by(token)
    }

    fn read_team(&self, answer: &[u8]) -> Result<Vec<(String, AgentStatus)>, UnreadableAnswer> {
        read(answer).map(team)
    }

    fn widget(&self, widget: &str, visitor: &Visitor) -> HttpCall {
        call(Method::Get, widget_path(widget) + &of_visitor(visitor))
    }

    fn read_widget<'a>(&self, answer: &'a [u8]) -> Result<WidgetReading<'a>, UnreadableAnswer> {
        let answer: WidgetAnswer<'a> = read(answer)?;
        if answer.visibility().is_none() {
            let why = "what is hidden has a reason, and what is shown has none";
            return Err(UnreadableAnswer(why.to_owned()));
        }
        let WidgetAnswer { widget, greeting, status, chat, hidden_because, form, .. } = answer;
        let version = Some(answer.version);
        Ok(WidgetReading { widget, greeting, status, chat, hidden_because, form, version })
    }

    fn events(&self, widget: &str, visitor: &Visitor) -> HttpCall {
        call(Method::Get, format!("{}/events{}", widget_path(widget), of_visitor(visitor)))
    }

    fn leave_message(&self, widget: &str, message: &LeftMessage) -> HttpCall {
        let LeftMessage { name, email, message } = message.clone();
        let message = NewMessage { name, email, message };
        call(Method::Post, widget_path(widget) + "/messages").with(&json!(message))
    }

    fn messages(&self, property: &str, after: Option<&str>) -> HttpCall {
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
    ) -> Result<(Vec<LeftMessage>, Option<String>), UnreadableAnswer> {
        let Messages { messages, next } = read(answer)?;
        let said = messages.into_iter().map(|left| LeftMessage {
            name: left.name,
            email: left.email,
            message: left.message,
        });
        Ok((said.collect(), next.map(|next| next.to_string())))
    }
}

#[cfg(test)]
mod tests;
