//! Why a widget is as it is, in the words of the API.

use super::refusal::Refusal;
use super::state::State;
use lamplighter_core::hours::Zone;
use lamplighter_core::model::text::write_local;
use lamplighter_core::model::{Answer, Chat, SchedulerState};
use lamplighter_core::world::{Connection, DeviceFacts, Explanation, Membership};
use lamplighter_scenario::language::Roster;
use lamplighter_scenario::play::Facts;
use lamplighter_target::wire::{DevicePart, ExplainAnswer, MemberPart, SchedulerPart};

impl State {
    /// Why a widget is as it is.
    ///
    /// # Errors
    /// Where there is none.
    pub fn explain(&self, widget: &str) -> Result<ExplainAnswer, Refusal> {
        let id = self.widget(widget)?;
        let explained = self.world.explain(id);
        let utc = Zone::utc();
        let zone = self.world.schedule(id).map_or(&utc, |schedule| schedule.zone());
        let facts = Facts { roster: &self.roster, zone, world: &self.world };
        let words = facts.words();
        let answer = explained.answer;
        let mut text = vec![format!(
            "{widget} is {} at {}, {}",
            words.answer(answer),
            words.instant(explained.at),
            answer.chat
        )];
        let off = || "scheduler off: hours never matter (rule S1)".to_owned();
        let hours = facts.hours(id);
        text.push(hours.map_or_else(off, |hours| words.hours(&hours, explained.at)));
        text.extend(
            explained.members.iter().map(|m| words.agent(&facts.agent(m.agent), explained.at)),
        );
        text.push(words.next_change(explained.next.as_ref(), explained.at));
        let version = self.properties[self.world.property_of(id).index()].version;
        Ok(explained_under_names(widget.to_owned(), &explained, &self.roster, text, version))
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
        until: facts.goes_back.and_then(|back| back.at),
        goes_back_to: facts.goes_back.map(|back| back.to),
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
