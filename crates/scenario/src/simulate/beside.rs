//! Cases together as one: for what is wrong in a case only while others are there, too.

use super::case::Case;
use super::question::Question;
use super::renumber::{Renumber, renumber};
use lamplighter_core::model::{AgentId, PropertyId, WidgetId};

impl Case {
    /// The same with all of another case made before it, as far as that goes until its own end; and a question
    /// about it, as it is asked there. What neither has of the other answers as it does alone. Rules, grace and
    /// auto-away are its own.
    #[must_use]
    pub fn behind(&self, other: &Self, question: &Question) -> (Self, Question) {
        let (agents, properties) = (other.agent_count, other.properties.len());
        let widgets = other.widget_count();
        let agent = |own: AgentId| AgentId::new(own.index() + agents);
        let widget = |own: WidgetId| WidgetId::new(own.index() + widgets);
        let ids = Renumber {
            agent: &|own| Some(agent(own)),
            property: &|own| Some(PropertyId::new(own.index() + properties)),
            widget: &|own| Some(widget(own)),
        };
        let mut case = self.clone();
        renumber(&mut case.steps, ids);
        for property in &mut case.properties {
            property.members.iter_mut().for_each(|(own, _)| *own = agent(*own));
        }
        case.agent_count += agents;
        case.properties.splice(0..0, other.properties.iter().cloned());
        // What happens at one instant happens in the other case first: the last event stays the last.
        case.steps.splice(0..0, other.steps.iter().filter(|step| step.at <= self.end).cloned());
        case.steps.sort_by_key(|step| step.at);
        case.start = self.start.min(other.start);
        let question = match question.clone() {
            Question::Widget(own) => Question::Widget(widget(own)),
            Question::Agent(own) => Question::Agent(agent(own)),
            Question::Visitor(own, visitor) => Question::Visitor(widget(own), visitor),
            Question::Next(own, until) => Question::Next(widget(own), until),
            Question::LastEvent => Question::LastEvent,
        };
        (case, question)
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::draw;
    use super::super::question::Reply;
    use super::super::swarm::Swarm;
    use super::*;
    use lamplighter_core::hours::Zones;
    use lamplighter_core::model::Event;

    /// What the rule book answers at the end, where all can happen.
    fn answered(case: &Case, question: &Question, zones: &Zones) -> Option<Reply> {
        let mut oracle = case.oracle(zones).ok()?;
        for step in &case.steps {
            oracle.advance(step.at);
            oracle.apply(&step.event).ok()?;
        }
        oracle.advance(case.end);
        Some(question.to_oracle(&oracle))
    }

    /// A case without what cannot happen, which would be no answer at all.
    fn possible(seed: u64, zones: &Zones) -> Case {
        let mut case = draw(seed, &Swarm::draw(seed, None), zones);
        let mut oracle = case.oracle(zones).expect("its zones are there");
        case.steps.retain(|step| {
            oracle.advance(step.at);
            oracle.apply(&step.event).is_ok()
        });
        case
    }

    #[test]
    fn a_case_answers_behind_others_as_it_does_alone() {
        let zones = Zones::bundled();
        let mut asked = 0;
        for seed in 0..150 {
            let case = possible(seed, &zones);
            let other = possible(seed + 1_000, &zones);
            // All of one service have its rules and its lengths of time, and are at about the same time.
            let other =
                Case { rules: case.rules, grace: case.grace, auto_away: case.auto_away, ..other };
            let weeks =
                (case.start.as_millis() - other.start.as_millis()).div_euclid(7 * 86_400_000);
            let Some(other) = other.moved(weeks) else { continue };
            let widgets = case.widgets().map(|(id, ..)| Question::Widget(id));
            let agents = case.agents().map(Question::Agent);
            for question in widgets.chain(agents) {
                let Some(alone) = answered(&case, &question, &zones) else { continue };
                let (both, behind) = case.behind(&other, &question);
                assert!(both.is_in_order(), "seed {seed}");
                // By other rules what could happen in the other case may not.
                let Some(told) = answered(&both, &behind, &zones) else { continue };
                assert_eq!(told, alone, "seed {seed}, {question:?}");
                asked += 1;
            }
        }
        assert!(asked > 300, "only {asked} questions");
    }

    #[test]
    fn what_happens_last_is_still_last() {
        let zones = Zones::bundled();
        let (case, other) = (possible(1, &zones), possible(2, &zones));
        let end = case.steps.last().expect("something happens").at;
        let case = case.until(end, case.steps.len());
        let other = Case { start: case.start, ..other };
        let (both, question) = case.behind(&other, &Question::LastEvent);
        assert_eq!(question, Question::LastEvent);
        let kind = |event: &Event| std::mem::discriminant(event);
        let last = |case: &Case| case.steps.last().map(|step| (step.at, kind(&step.event)));
        assert_eq!(last(&both), last(&case));
    }
}
