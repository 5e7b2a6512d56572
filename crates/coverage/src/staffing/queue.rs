//! Chats that wait for members: one repetition, event by event. First come, first served; of the members
//! with room the one takes the chat who has none in hand, and of those the one who has been idle longest.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use lamplighter_core::model::{AgentId, PropertyId};

/// Who is there for which properties, the same in every repetition.
#[derive(Clone, Debug, Default)]
pub struct Teams {
    /// The members of each property who answer its chats, there or not.
    pub members: Vec<Vec<AgentId>>,
    /// The properties whose chats each agent answers.
    pub properties: Vec<Vec<PropertyId>>,
    /// Whether each agent is there.
    pub is_there: Vec<bool>,
}

impl Teams {
    /// Nobody is a member of anything, or there.
    pub fn new(agents: usize, properties: usize) -> Self {
        Self {
            members: vec![Vec::new(); properties],
            properties: vec![Vec::new(); agents],
            is_there: vec![false; agents],
        }
    }

    /// Whether that is what is known of an agent.
    pub fn knows(&self, agent: AgentId, properties: &[PropertyId], is_there: bool) -> bool {
        self.properties[agent.index()] == properties && self.is_there[agent.index()] == is_there
    }

    /// Puts the properties whose chats an agent answers, and whether the agent is there.
    pub fn put(&mut self, agent: AgentId, properties: &[PropertyId], is_there: bool) {
        let before = std::mem::replace(&mut self.properties[agent.index()], properties.to_vec());
        for left in before.iter().filter(|property| !properties.contains(property)) {
            self.members[left.index()].retain(|member| *member != agent);
        }
        for joined in properties.iter().filter(|property| !before.contains(property)) {
            self.members[joined.index()].push(agent);
            self.members[joined.index()].sort_unstable();
        }
        self.is_there[agent.index()] = is_there;
    }
}

/// A chat that somebody wants to begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WantedChat {
    /// When it is wanted, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// The property whose members may answer it.
    pub property: PropertyId,
    /// For how long it will take them.
    pub handle_ms: u64,
    /// How long its visitor waits at most; `None` for ever.
    pub patience_ms: Option<u64>,
}

/// What became of a chat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended {
    /// The chat as it was wanted.
    pub chat: WantedChat,
    /// Whether somebody answered, who, and after how long; `None` where the visitor left.
    pub answered: Option<(AgentId, u64)>,
}

/// The chats of one repetition.
#[derive(Debug)]
pub struct Queue {
    concurrent: u32,
    /// The chats that each agent has in hand, by agent.
    hands: Vec<Hand>,
    /// By property: places in `chats`, in the order in which they came, of whom some may have left.
    waiting: Vec<VecDeque<usize>>,
    chats: Vec<Chat>,
    free: Vec<usize>,
    /// When a chat ends or a visitor leaves.
    due: BinaryHeap<Reverse<(i64, u64, usize)>>,
    /// How many have come: tells a chat from another in the same place.
    count: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Hand {
    chats: u32,
    idle_since_ms: i64,
}

#[derive(Clone, Copy, Debug)]
struct Chat {
    number: u64,
    wanted: WantedChat,
    taken_by: Option<AgentId>,
    /// When it ends, or its visitor leaves: what was to come at another instant no longer does.
    due_ms: i64,
    is_over: bool,
}

impl Queue {
    /// Nobody waits; each member has room for so many chats at once.
    pub fn new(concurrent: u32, agents: usize, properties: usize) -> Self {
        Self {
            concurrent,
            hands: vec![Hand::default(); agents],
            waiting: vec![VecDeque::new(); properties],
            chats: Vec::new(),
            free: Vec::new(),
            due: BinaryHeap::new(),
            count: 0,
        }
    }

    /// Goes on to an instant, through whatever ends until then, that instant included.
    pub fn advance(&mut self, to_ms: i64, teams: &Teams, ended: &mut impl FnMut(Ended)) {
        while let Some(&Reverse((at_ms, number, place))) = self.due.peek() {
            if at_ms > to_ms {
                return;
            }
            self.due.pop();
            let chat = self.chats[place];
            if chat.number != number || chat.due_ms != at_ms || chat.is_over {
                continue;
            }
            match chat.taken_by {
                Some(agent) => {
                    self.chats[place].is_over = true;
                    self.free.push(place);
                    let hand = &mut self.hands[agent.index()];
                    hand.chats -= 1;
                    hand.idle_since_ms = at_ms;
                    self.fill(at_ms, agent, teams, ended);
                }
                None => {
                    // Its place is free once its turn in the queue has come.
                    self.chats[place].is_over = true;
                    ended(Ended { chat: chat.wanted, answered: None });
                    self.drop_gone(chat.wanted.property);
                }
            }
        }
    }

    /// An agent is there from now on, or answers another property's chats too.
    pub fn come(
        &mut self,
        at_ms: i64,
        agent: AgentId,
        teams: &Teams,
        ended: &mut impl FnMut(Ended),
    ) {
        if self.hands[agent.index()].chats == 0 {
            self.hands[agent.index()].idle_since_ms = at_ms;
        }
        self.fill(at_ms, agent, teams, ended);
    }

    /// A visitor wants to chat.
    pub fn want(&mut self, wanted: WantedChat, teams: &Teams, ended: &mut impl FnMut(Ended)) {
        self.count += 1;
        let patience_ms = wanted.patience_ms;
        let leaves_ms = patience_ms.map(|ms| wanted.at_ms.saturating_add_unsigned(ms));
        let due_ms = leaves_ms.unwrap_or(i64::MAX);
        let number = self.count;
        let chat = Chat { number, wanted, taken_by: None, due_ms, is_over: false };
        let place = match self.free.pop() {
            Some(place) => {
                self.chats[place] = chat;
                place
            }
            None => {
                self.chats.push(chat);
                self.chats.len() - 1
            }
        };
        let members = teams.members[wanted.property.index()].iter().copied();
        let able = members.filter(|agent| self.has_room(*agent, teams));
        let longest_idle = able.min_by_key(|agent| {
            let hand = self.hands[agent.index()];
            (hand.chats > 0, hand.idle_since_ms, *agent)
        });
        match longest_idle {
            Some(agent) => self.answer(wanted.at_ms, place, agent, ended),
            None => {
                self.waiting[wanted.property.index()].push_back(place);
                if leaves_ms.is_some() {
                    self.due.push(Reverse((due_ms, number, place)));
                }
            }
        }
    }

    /// How many chats wait for a member now, those whose visitor left not counted.
    pub fn waiting(&self) -> usize {
        let places = self.waiting.iter().flatten();
        places.filter(|place| !self.chats[**place].is_over).count()
    }

    /// The chats that members have in hand, and when each will be over, in milliseconds.
    pub fn in_hands(&self) -> impl Iterator<Item = (WantedChat, i64)> {
        let taken = self.chats.iter().filter(|chat| chat.taken_by.is_some() && !chat.is_over);
        taken.map(|chat| (chat.wanted, chat.due_ms))
    }

    /// Nobody answers any more: those who still wait have waited in vain.
    pub fn finish(self, ended: &mut impl FnMut(Ended)) {
        for place in self.waiting.into_iter().flatten() {
            let chat = self.chats[place];
            if !chat.is_over {
                ended(Ended { chat: chat.wanted, answered: None });
            }
        }
    }

    fn has_room(&self, agent: AgentId, teams: &Teams) -> bool {
        teams.is_there[agent.index()] && self.hands[agent.index()].chats < self.concurrent
    }

    /// An agent who has room takes chats that wait, those that came first.
    fn fill(&mut self, at_ms: i64, agent: AgentId, teams: &Teams, ended: &mut impl FnMut(Ended)) {
        while self.has_room(agent, teams) {
            for property in &teams.properties[agent.index()] {
                self.drop_gone(*property);
            }
            let first = teams.properties[agent.index()].iter().filter_map(|property| {
                let place = *self.waiting[property.index()].front()?;
                Some((self.chats[place].number, *property))
            });
            let Some((_, property)) = first.min() else { return };
            let place = self.waiting[property.index()].pop_front().expect("it is the first one");
            self.answer(at_ms, place, agent, ended);
        }
    }

    /// Takes those who have left from the front of a queue.
    fn drop_gone(&mut self, property: PropertyId) {
        let queue = &mut self.waiting[property.index()];
        while let Some(&place) = queue.front()
            && self.chats[place].is_over
        {
            queue.pop_front();
            self.free.push(place);
        }
    }

    fn answer(&mut self, at_ms: i64, place: usize, agent: AgentId, ended: &mut impl FnMut(Ended)) {
        let chat = &mut self.chats[place];
        chat.taken_by = Some(agent);
        let Chat { number, wanted, .. } = *chat;
        chat.due_ms = at_ms.saturating_add_unsigned(wanted.handle_ms);
        self.due.push(Reverse((chat.due_ms, number, place)));
        let hand = &mut self.hands[agent.index()];
        hand.chats += 1;
        hand.idle_since_ms = at_ms;
        let waited_ms = (at_ms - wanted.at_ms) as u64;
        ended(Ended { chat: wanted, answered: Some((agent, waited_ms)) });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// What happens to a small team, by seconds.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Want { property: usize, handle_s: u64, patience_s: Option<u64> },
        Comes(usize),
        Goes(usize),
    }

    const AGENTS: usize = 3;
    const PROPERTIES: usize = 2;

    fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
        let want = (0..PROPERTIES, 1..40_u64, prop::option::of(1..30_u64));
        let want = want.prop_map(|(property, handle_s, patience_s)| Step::Want {
            property,
            handle_s,
            patience_s,
        });
        let one = prop_oneof![
            6 => want,
            1 => (0..AGENTS).prop_map(Step::Comes),
            1 => (0..AGENTS).prop_map(Step::Goes),
        ];
        prop::collection::vec((0..8_i64, one), 1..80)
    }

    /// What a play of steps came to: what became of chats with the instant at which it became so, and
    /// how many waited and were in hand after each step.
    struct Played {
        ended: Vec<(i64, Ended)>,
        wanted: usize,
        left_waiting: usize,
        /// Each waiting chat times the milliseconds that it waited, read off the queue as time goes on.
        waiting_ms: u64,
    }

    fn teams() -> Teams {
        let agents = || (0..AGENTS).map(AgentId::new);
        Teams {
            // The last agent is of both properties.
            members: vec![agents().filter(|a| a.index() != 0).collect(), agents().collect()],
            properties: vec![
                vec![PropertyId::new(1)],
                vec![PropertyId::new(0), PropertyId::new(1)],
                vec![PropertyId::new(0), PropertyId::new(1)],
            ],
            is_there: vec![true, true, false],
        }
    }

    fn play(steps: &[(i64, Step)], concurrent: u32) -> Played {
        let mut teams = teams();
        let mut queue = Queue::new(concurrent, AGENTS, PROPERTIES);
        let mut played = Played { ended: Vec::new(), wanted: 0, left_waiting: 0, waiting_ms: 0 };
        let mut now_ms = 0;
        let conserves = |queue: &Queue, teams: &Teams| {
            for (property, waiting) in queue.waiting.iter().enumerate() {
                let waits = waiting.iter().any(|place| !queue.chats[*place].is_over);
                let members = &teams.members[property];
                assert!(!waits || !members.iter().any(|agent| queue.has_room(*agent, teams)));
            }
            assert!(queue.hands.iter().all(|hand| hand.chats <= concurrent));
        };
        for (after_s, step) in steps.iter().copied().chain([(500, Step::Goes(0))]) {
            // Second by second, so that what waits can be read off.
            for _ in 0..after_s {
                played.waiting_ms += queue.waiting() as u64 * 1_000;
                now_ms += 1_000;
                queue.advance(now_ms, &teams, &mut |ended| played.ended.push((now_ms, ended)));
                conserves(&queue, &teams);
            }
            let take = &mut |ended| played.ended.push((now_ms, ended));
            match step {
                Step::Want { property, handle_s, patience_s } => {
                    played.wanted += 1;
                    let wanted = WantedChat {
                        at_ms: now_ms,
                        property: PropertyId::new(property),
                        handle_ms: handle_s * 1_000,
                        patience_ms: patience_s.map(|s| s * 1_000),
                    };
                    queue.want(wanted, &teams, take);
                }
                Step::Comes(agent) => {
                    teams.is_there[agent] = true;
                    queue.come(now_ms, AgentId::new(agent), &teams, take);
                }
                Step::Goes(agent) => teams.is_there[agent] = false,
            }
            conserves(&queue, &teams);
        }
        played.left_waiting = queue.waiting();
        played
    }

    proptest! {
        #[test]
        fn nobody_waits_beside_a_member_with_room_and_nobody_is_lost(
            steps in steps(),
            concurrent in 1..4_u32,
        ) {
            let played = play(&steps, concurrent);
            prop_assert_eq!(played.ended.len() + played.left_waiting, played.wanted);
        }

        /// Little's law: what waits on average is what comes times how long it waits.
        #[test]
        fn what_waits_adds_up_to_how_long_each_has_waited(
            steps in steps(),
            concurrent in 1..4_u32,
        ) {
            let mut played = play(&steps, concurrent);
            let end_ms = 1_000 * (500 + steps.iter().map(|(s, _)| s).sum::<i64>());
            let mut sum_ms: u64 = played.ended.iter().map(|(at_ms, ended)| match ended.answered {
                Some((_, waited_ms)) => waited_ms,
                None => (at_ms - ended.chat.at_ms) as u64,
            }).sum();
            // Those who wait to the end came and never ended.
            let mut open: BTreeMap<i64, i64> = BTreeMap::new();
            let mut now_ms = 0;
            for (after_s, step) in &steps {
                now_ms += after_s * 1_000;
                if let Step::Want { .. } = step {
                    *open.entry(now_ms).or_default() += 1;
                }
            }
            for (_, ended) in played.ended.drain(..) {
                *open.entry(ended.chat.at_ms).or_default() -= 1;
            }
            sum_ms += open.iter().map(|(at_ms, n)| ((end_ms - at_ms) * n) as u64).sum::<u64>();
            prop_assert_eq!(sum_ms, played.waiting_ms);
        }

        #[test]
        fn of_one_property_who_came_first_is_answered_first(
            steps in steps(),
            concurrent in 1..4_u32,
        ) {
            let played = play(&steps, concurrent);
            for property in (0..PROPERTIES).map(PropertyId::new) {
                let answered = played.ended.iter().filter(|(_, ended)| {
                    ended.chat.property == property && ended.answered.is_some()
                });
                let came: Vec<i64> = answered.map(|(_, ended)| ended.chat.at_ms).collect();
                prop_assert!(came.is_sorted(), "{:?}", came);
            }
        }
    }

    #[test]
    fn the_member_who_has_been_idle_longest_takes_the_chat() {
        let mut teams = teams();
        teams.is_there = vec![true; AGENTS];
        let mut queue = Queue::new(2, AGENTS, PROPERTIES);
        let mut takers = Vec::new();
        let mut want = |queue: &mut Queue, at_ms, handle_ms| {
            let property = PropertyId::new(1);
            let wanted = WantedChat { at_ms, property, handle_ms, patience_ms: None };
            queue.advance(at_ms, &teams, &mut |_| {});
            queue.want(wanted, &teams, &mut |ended| {
                takers.push(ended.answered.expect("somebody has room").0.index());
            });
        };
        want(&mut queue, 0, 100);
        want(&mut queue, 10, 20);
        want(&mut queue, 20, 500);
        // The second has been idle since 30; the third has a chat in hand.
        want(&mut queue, 40, 500);
        // Everybody has one in hand: the one who took it longest ago.
        want(&mut queue, 50, 10);
        assert_eq!(takers, [0, 1, 2, 1, 0]);
    }
}
