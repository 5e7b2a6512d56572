//! What an adapter can be asked to do, as a line of JSON.

use serde_json::{Map, Value};

use crate::file::section::Section;

/// The version of the protocol, which `hello` says.
pub const PROTOCOL: u64 = 1;

/// What an adapter can be asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdapterCall {
    /// The first: the protocol's version, the variables, where the product is.
    Hello,
    /// An account; being there already is done.
    MakeAgent,
    /// A property with its settings; of one that is there, its settings.
    MakeProperty,
    /// Takes a property away at the end of a run.
    DeleteProperty,
    /// An agent becomes a member (rule P6).
    AddMember,
    /// A member counts nowhere in the property from then on (rule P6).
    Suspend,
    /// A member counts again (rule P6).
    Reinstate,
    /// Logs an agent in on a device (rule P1).
    Login,
    /// Gives a device a status (rule P2).
    Status,
    /// The agent is active on a device (rule P8).
    Activity,
    /// Logs a device out (rule P3).
    Logout,
    /// A device loses its connection, with no word to the product (rule P7).
    Lose,
    /// A device takes its connection up again, without a login (rule P7).
    Reconnect,
    /// Puts a scheduler on a widget, or takes it away where `week` is null.
    Hours,
    /// What team-mates see of a property's members (rule P4).
    Team,
    /// What a visitor sees of a widget.
    Widget,
    /// A visitor leaves a message (rule C2).
    Message,
    /// What visitors have left.
    Messages,
    /// The last: whoever does not end by itself is ended.
    Bye,
}

impl AdapterCall {
    /// Its word in a line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::MakeAgent => "make_agent",
            Self::MakeProperty => "make_property",
            Self::DeleteProperty => "delete_property",
            Self::AddMember => "add_member",
            Self::Suspend => "suspend",
            Self::Reinstate => "reinstate",
            Self::Login => "login",
            Self::Status => "status",
            Self::Activity => "activity",
            Self::Logout => "logout",
            Self::Lose => "lose",
            Self::Reconnect => "reconnect",
            Self::Hours => "hours",
            Self::Team => "team",
            Self::Widget => "widget",
            Self::Message => "message",
            Self::Messages => "messages",
            Self::Bye => "bye",
        }
    }

    /// What stands for a section; `None` where adapters have nothing like it.
    pub fn of(section: Section) -> Option<Self> {
        Some(match section {
            Section::AgentMake => Self::MakeAgent,
            // What is there already is given its settings.
            Section::PropertyMake | Section::PropertySet => Self::MakeProperty,
            Section::PropertyDelete => Self::DeleteProperty,
            Section::MemberAdd => Self::AddMember,
            Section::MemberSuspend => Self::Suspend,
            Section::MemberReinstate => Self::Reinstate,
            Section::DeviceLogin => Self::Login,
            Section::DeviceStatus | Section::DeviceStatusOf(_) => Self::Status,
            Section::DeviceActivity => Self::Activity,
            Section::DeviceLogout => Self::Logout,
            Section::HoursSet | Section::HoursOff => Self::Hours,
            Section::TeamRead => Self::Team,
            Section::WidgetRead => Self::Widget,
            Section::MessageLeave => Self::Message,
            Section::MessageList => Self::Messages,
            Section::AdminLogin
            | Section::AgentDelete
            | Section::MemberRemove
            | Section::WidgetMake
            | Section::ObserverLogin
            | Section::DeviceHold
            | Section::WidgetPush
            | Section::ClockSet
            | Section::ClockRead => return None,
        })
    }
}

/// What is asked, with its names.
#[derive(Clone, Debug)]
pub struct AdapterRequest {
    /// What is to be done.
    pub what: AdapterCall,
    /// The names of its section's templates, with their values (T53).
    pub names: Map<String, Value>,
}

impl AdapterRequest {
    /// The line that goes out, without its end.
    pub fn line(&self, id: u64) -> String {
        let names = Value::Object(self.names.clone()).to_string();
        let comma = if self.names.is_empty() { "" } else { "," };
        format!(r#"{{"id":{id},"do":"{}"{comma}{}"#, self.what.word(), &names[1..])
    }
}
