//! Cases together as one: for what is wrong in a case only while others are there, too.

use super::case::Case;
use super::question::Question;
use super::renumber::{Renumber, renumber};
use lamplighter_core::model::{AgentId, PropertyId, Settings, WidgetId};

impl Case {
    /// The same with all of other cases made before it or behind it, as far as those go until its own end; and
    /// a question about it, as it is asked there. What neither has of another answers as it does alone. Rules,
    /// grace and auto-away are its own.
    #[must_use]
    pub fn beside(
        &self,
        before: &[&Self],
        behind: &[&Self],
        question: &Question,
    ) -> (Self, Question) {
        let mut all = Self {
            agent_count: 0,
            properties: Vec::new(),
            steps: Vec::new(),
            visits: Vec::new(),
            ..self.clone()
        };
        before.iter().for_each(|other| all.append(other));
        let (agents, widgets) = (all.agent_count, all.widget_count());
        all.append(self);
        // What happens at one instant happens in the others first: its last event stays the last.
        let own = all.steps.split_off(all.steps.len() - self.steps.len());
        all.visits.clone_from(&self.visits);
        behind.iter().for_each(|other| all.append(other));
        all.steps.retain(|step| step.at <= self.end);
        all.steps.extend(own);
        all.steps.sort_by_key(|step| step.at);
        let widget = |own: WidgetId| WidgetId::new(own.index() + widgets);
        let question = match question.clone() {
            Question::Widget(own) => Question::Widget(widget(own)),
            Question::Agent(own) => Question::Agent(AgentId::new(own.index() + agents)),
            Question::Visitor(own, visitor) => Question::Visitor(widget(own), visitor),
            Question::Next(own, until) => Question::Next(widget(own), until),
            Question::LastEvent => Question::LastEvent,
        };
        (all, question)
    }

    /// Puts the properties and people of another case behind its own, and its steps behind its own.
    fn append(&mut self, other: &Self) {
        let (agents, properties) = (self.agent_count, self.properties.len());
        let widgets = self.widget_count();
        let agent = |own: AgentId| AgentId::new(own.index() + agents);
        let mut steps = other.steps.clone();
        let ids = Renumber {
            agent: &|own| Some(agent(own)),
            property: &|own| Some(PropertyId::new(own.index() + properties)),
            widget: &|own| Some(WidgetId::new(own.index() + widgets)),
        };
        renumber(&mut steps, ids);
        self.steps.extend(steps);
        self.properties.extend(other.properties.iter().cloned().map(|mut property| {
            property.members.iter_mut().for_each(|(own, _)| *own = agent(*own));
            property
        }));
        self.agent_count += other.agent_count;
        // Where nothing happens it may begin when it will.
        if !other.steps.is_empty() {
            self.start = self.start.min(other.start);
        }
    }

    /// Those of its widgets that have hours, with nothing else that is set, and nobody there.
    #[must_use]
    pub fn hours_alone(&self) -> Self {
        let mut case = self.clone();
        (case.agent_count, case.steps, case.visits) = (0, Vec::new(), Vec::new());
        for property in &mut case.properties {
            property.members.clear();
            property.widgets.retain(|settings| settings.scheduler.is_some());
            for settings in &mut property.widgets {
                let scheduler = settings.scheduler.clone();
                *settings = Settings { scheduler, ..Settings::default() };
            }
        }
        case.properties.retain(|property| !property.widgets.is_empty());
        case
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
    fn a_case_answers_beside_others_as_it_does_alone() {
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
                let (first, last): (&[&Case], &[&Case]) =
                    if seed % 2 == 0 { (&[&other], &[]) } else { (&[], &[&other]) };
                let (both, beside) = case.beside(first, last, &question);
                assert!(both.is_in_order(), "seed {seed}");
                // By other rules what could happen in the other case may not.
                let Some(told) = answered(&both, &beside, &zones) else { continue };
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
        let both = [(&[&other][..], &[][..]), (&[], &[&other])]
            .map(|(before, behind)| case.beside(before, behind, &Question::LastEvent));
        let kind = |event: &Event| std::mem::discriminant(event);
        let last = |case: &Case| case.steps.last().map(|step| (step.at, kind(&step.event)));
        for (case_of_both, question) in &both {
            assert_eq!((question, last(case_of_both)), (&Question::LastEvent, last(&case)));
        }
    }
}
