//! What is asked of the core: documents, teams, explanations, and who may ask.

use super::state::{State, TokenHash};
use crate::problem::Problem;
use crate::store::{Message, Op};
use lamplighter_core::hours::Zone;
use lamplighter_core::model::text::write_local;
use lamplighter_core::model::{Answer, Chat, SchedulerState};
use lamplighter_core::world::{Connection, DeviceFacts, Explanation, Membership};
use lamplighter_scenario::language::Roster;
use lamplighter_scenario::play::Facts;
use lamplighter_target::wire::{
    DevicePart, ExplainAnswer, MemberPart, PropertyDocument, SchedulerPart, TeamMember,
    TimingDocument, WidgetDocument,
};

impl State {
    /// Lets a device of a member of a property pass.
    ///
    /// # Errors
    /// 401 where nobody is logged in with the token; 403 where the agent is no member, and where
    /// there is no such property: who is no member does not learn which.
    pub fn let_member_pass(&mut self, token: &TokenHash, property: &str) -> Result<(), Problem> {
        let agent = self.device_of(token)?.agent();
        match self.property(property).is_ok() && self.is_member(agent, property) {
            true => Ok(()),
            false => Err(Problem::forbidden(format!("only members of `{property}` can know this"))),
        }
    }

    /// What is set on a property.
    ///
    /// # Errors
    /// 404 where there is none.
    pub fn property_document(&self, name: &str) -> Result<PropertyDocument, Problem> {
        let id = self.property(name)?;
        Ok(self.properties[id.index()].document.clone().unwrap_or_default())
    }

    /// What is set on a further widget.
    ///
    /// # Errors
    /// 404 where there is none.
    pub fn widget_document(&self, name: &str) -> Result<WidgetDocument, Problem> {
        let id = self.widget(name)?;
        Ok(self.widgets[id.index()].document.clone().unwrap_or_default())
    }

    /// Grace and auto-away.
    pub fn timing_document(&self) -> TimingDocument {
        self.timing.clone()
    }

    /// What team-mates see of each other in a property (rule P4).
    ///
    /// # Errors
    /// 404 where there is none.
    pub fn team_of(&self, property: &str) -> Result<Vec<TeamMember>, Problem> {
        Ok(self.team(self.property(property)?))
    }

    /// Why a widget is as it is.
    ///
    /// # Errors
    /// 404 where there is none.
    pub fn explain(&self, widget: &str) -> Result<ExplainAnswer, Problem> {
        let id = self.widget(widget)?;
        let explained = self.world.explain(id);
        let utc = Zone::utc();
        let zone = self.world.schedule(id).map_or(&utc, |schedule| schedule.zone());
        let facts = Facts { roster: &self.roster, zone, world: &self.world };
        let answer = explained.answer;
        let mut text = vec![format!(
            "{widget} is {} at {}, {}",
            facts.answer(answer),
            facts.instant(explained.at),
            answer.chat
        )];
        let off = || "scheduler off: hours never matter (rule S1)".to_owned();
        text.push(facts.scheduler(id).unwrap_or_else(off));
        text.extend(explained.members.iter().map(|member| facts.agent(member.agent)));
        text.push(facts.next(explained.next.as_ref()));
        let version = self.properties[self.world.property_of(id).index()].version;
        Ok(explained_under_names(widget.to_owned(), &explained, &self.roster, text, version))
    }

    /// Takes what a visitor left (rules C2, C3); gives its number.
    ///
    /// # Errors
    /// 404 where there is no such widget.
    pub fn take_message(
        &mut self,
        widget: &str,
        name: String,
        email: String,
        message: String,
    ) -> Result<i64, Problem> {
        let id = self.widget(widget)?;
        let property = self.world.property_of(id);
        self.last_message += 1;
        self.ops.push(Op::Message(Message {
            id: self.last_message,
            at: self.world.now(),
            property: self.roster.properties.name(property).to_owned(),
            widget: widget.to_owned(),
            name,
            email,
            message,
        }));
        Ok(self.last_message)
    }
}

/// An engine's explanation under the names of this service.
fn explained_under_names(
    widget: String,
    explained: &Explanation,
    roster: &Roster,
    text: Vec<String>,
    version: u64,
) -> ExplainAnswer {
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
    ExplainAnswer {
        widget,
        at: explained.at,
        status,
        chat: chat == Chat::Possible,
        reason,
        rule: format!("W{rule}"),
        offline_when_all_agents_offline: explained.offline_when_all_agents_offline,
        scheduler: explained.scheduler.as_ref().map(|scheduler| SchedulerPart {
            timezone: scheduler.zone.clone(),
            local: write_local(scheduler.local),
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
