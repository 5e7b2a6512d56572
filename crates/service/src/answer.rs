//! What the service answers, in the engine's own types.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use lamplighter_core::model::{
    AgentStatus, Answer, Chat, DeviceStatus, Form, HiddenBecause, Instant, Presence, Reason,
    SchedulerState, Visibility, WidgetStatus,
};
use lamplighter_core::world::{Connection, DeviceFacts, Explanation, Membership};
use lamplighter_scenario::language::Roster;

/// For each property concerned the version at which a write took effect.
pub type Versions = BTreeMap<String, u64>;

/// What a visitor gets to know of a widget, and nothing internal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct WidgetAnswer {
    /// Its full name.
    pub widget: String,
    /// Rules W1 to W6: `online`, `away` or `offline`.
    #[schema(value_type = String)]
    pub status: WidgetStatus,
    /// Whether a chat can start.
    pub chat: bool,
    /// Whether this visitor sees it (rules V1 to V4).
    pub shown: bool,
    /// What hides it: `page`, `country`, `device` or `offline`.
    #[schema(value_type = Option<String>)]
    pub hidden_because: Option<HiddenBecause>,
    /// Rule C1.
    pub greeting: String,
    /// Rules C2, C3: `none`, `pre-chat` or `offline`.
    #[schema(value_type = String)]
    pub form: Form,
    /// When status or chat will next change by the clock alone; null for never.
    #[schema(value_type = Option<String>)]
    pub next_change: Option<Instant>,
    /// Grows with every change to what the answers of the property depend on.
    pub version: u64,
}

impl WidgetAnswer {
    /// The same for a visitor who sees it, or does not.
    pub fn put_visibility(&mut self, visibility: Visibility) {
        self.shown = visibility == Visibility::Shown;
        self.hidden_because = match visibility {
            Visibility::Shown => None,
            Visibility::Hidden(because) => Some(because),
        };
    }

    /// Whether a visitor would notice the step from `self` to `other`.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let Self { widget: _, status, chat, shown, hidden_because, greeting, form, .. } = self;
        (status, chat, shown, hidden_because, form)
            == (&other.status, &other.chat, &other.shown, &other.hidden_because, &other.form)
            && *greeting == other.greeting
            && self.next_change == other.next_change
    }
}

/// What team-mates see of an agent (rule P4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct TeamMember {
    /// Who.
    pub agent: String,
    /// `online`, `away`, `invisible` or `offline`.
    #[schema(value_type = String)]
    pub status: AgentStatus,
}

/// Who has logged in, and where that counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct LoggedIn {
    /// The token for all further calls of this device.
    pub token: String,
    /// Who.
    pub agent: String,
    /// On which device.
    pub device: String,
    /// Rule P1: `online`.
    #[schema(value_type = String)]
    pub status: DeviceStatus,
    /// Where the agent is a member.
    pub properties: Vec<String>,
    /// The versions at which it took effect.
    pub version: Versions,
}

/// A device's status after a write.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct DeviceAnswer {
    /// Whose.
    pub agent: String,
    /// Which.
    pub device: String,
    /// What it is now.
    #[schema(value_type = String)]
    pub status: DeviceStatus,
    /// The versions at which it took effect.
    pub version: Versions,
}

/// A write took effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Written {
    /// The versions at which it did.
    pub version: Versions,
}

/// Why a widget is as it is: the facts behind each rule that took part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct ExplainAnswer {
    /// Its full name.
    pub widget: String,
    /// The instant explained.
    #[schema(value_type = String)]
    pub at: Instant,
    /// Rules W1 to W6.
    #[schema(value_type = String)]
    pub status: WidgetStatus,
    /// Whether a chat can start.
    pub chat: bool,
    /// Why.
    #[schema(value_type = String)]
    pub reason: Reason,
    /// The rule that decided: `W1` to `W6`.
    pub rule: String,
    /// Whether the widget goes offline in its hours with nobody there (rules W5, W6).
    pub offline_when_all_agents_offline: bool,
    /// The scheduler's part; null where it is off (rule S1).
    pub scheduler: Option<SchedulerPart>,
    /// What the members add up to (rule P5).
    #[schema(value_type = String)]
    pub presence: Presence,
    /// Every member.
    pub members: Vec<MemberPart>,
    /// When status or chat will next change by the clock alone.
    #[schema(value_type = Option<String>)]
    pub next_change: Option<Instant>,
    /// All of it in sentences.
    pub text: Vec<String>,
    /// The version that this answer saw.
    pub version: u64,
}

/// A scheduler's part in an answer (rules S2 to S6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct SchedulerPart {
    /// The zone.
    pub timezone: String,
    /// What its wall clock reads.
    pub local: String,
    /// Whether its hours are open.
    pub open: bool,
    /// When it next opens or closes.
    #[schema(value_type = Option<String>)]
    pub next_edge: Option<Instant>,
}

/// A member's part in a presence (rules P4 to P6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct MemberPart {
    /// Who.
    pub agent: String,
    /// What team-mates see.
    #[schema(value_type = String)]
    pub status: AgentStatus,
    /// Whether the member counts nowhere in this property (rule P6).
    pub suspended: bool,
    /// The devices on which the agent has ever logged in.
    pub devices: Vec<DevicePart>,
}

/// A device's part in its agent's status (rules P7, P8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct DevicePart {
    /// Which.
    pub device: String,
    /// Its status.
    #[schema(value_type = String)]
    pub status: DeviceStatus,
    /// Whether it is away by rule P8 rather than by hand.
    pub away_by_rule: bool,
    /// Whether its connection is lost and its grace runs (rule P7).
    pub connection_lost: bool,
    /// Until when it keeps its status, if so.
    #[schema(value_type = Option<String>)]
    pub grace_until: Option<Instant>,
    /// When the status last changed.
    #[schema(value_type = Option<String>)]
    pub since: Option<Instant>,
}

impl ExplainAnswer {
    /// An engine's explanation under the names of this service.
    pub fn new(
        widget: String,
        explained: &Explanation,
        roster: &Roster,
        text: Vec<String>,
        version: u64,
    ) -> Self {
        let Answer { status, chat, reason, rule } = explained.answer;
        let device = |facts: &DeviceFacts| DevicePart {
            device: roster.device_name(facts.device).to_owned(),
            status: facts.status,
            away_by_rule: facts.away_by_rule,
            connection_lost: matches!(facts.connection, Connection::Lost { .. }),
            grace_until: match facts.connection {
                Connection::Lost { until } => until,
                Connection::Up | Connection::RanOut => None,
            },
            since: facts.since,
        };
        Self {
            widget,
            at: explained.at,
            status,
            chat: chat == Chat::Possible,
            reason,
            rule: format!("W{rule}"),
            offline_when_all_agents_offline: explained.offline_when_all_agents_offline,
            scheduler: explained.scheduler.as_ref().map(|scheduler| SchedulerPart {
                timezone: scheduler.zone.clone(),
                local: Instant::write_local(scheduler.local),
                open: scheduler.state == SchedulerState::Open,
                next_edge: scheduler.next_edge,
            }),
            presence: explained.presence,
            members: explained
                .members
                .iter()
                .map(|member| MemberPart {
                    agent: roster.agents.name(member.agent).to_owned(),
                    status: member.status,
                    suspended: member.membership == Membership::Suspended,
                    devices: member.devices.iter().map(device).collect(),
                })
                .collect(),
            next_change: explained.next.as_ref().map(|next| next.at),
            text,
            version,
        }
    }
}
