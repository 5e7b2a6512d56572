//! The messages that were acknowledged, and looking for them (rule C2; rule T40 of target files). Lists
//! of messages may have an end that nobody tells: so they are looked at again and again, and what no list
//! reaches back to is not known, rather than lost.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::clock::{Micros, micros};
use crate::context::RunContext;
use crate::error_labels;
use crate::plan::{PropertyIndex, RunPlan, WidgetIndex};

/// When so many messages of a property were acknowledged they are looked for while the run goes on.
const LOOK_FIRST: usize = 10;
/// Then whenever there are twice as many, and from so many on whenever there are as many more.
const LOOK_MOST: usize = 100;

/// A message that was acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptMessage {
    /// The widget at which it was left, whose property must have it.
    pub widget: WidgetIndex,
    /// What makes it unlike any other of the run.
    pub number: u64,
    /// The moment of the acknowledgement.
    pub at: Micros,
    /// What was seen of it where it was looked for.
    pub looked: MessageCheck,
}

/// What was seen of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageCheck {
    /// It was not looked for.
    NotYet,
    /// It is there, once.
    There,
    /// It is there so many times.
    Often(u16),
    /// It is not there.
    Missing,
    /// It is not there, and the list does not reach back so far.
    Beyond,
}

impl KeptMessage {
    /// It was not looked for yet.
    pub fn new(widget: WidgetIndex, number: u64, at: Micros) -> Self {
        Self { widget, number, at, looked: MessageCheck::NotYet }
    }

    /// The text of the message, unlike any other of the run.
    pub fn text(&self, plan: &RunPlan) -> String {
        text(plan, self.number)
    }
}

/// The text of a message, unlike any other: of this run, with this number.
pub fn text(plan: &RunPlan, number: u64) -> String {
    let RunPlan { prefix, start, .. } = plan;
    format!("{prefix}message {number} of the run of {start}")
}

/// All messages of a run.
#[derive(Debug, Default)]
pub struct AcknowledgedMessages(BTreeMap<PropertyIndex, PropertyMessages>);

/// Those of one property, in the order of their acknowledgements.
#[derive(Debug, Default)]
struct PropertyMessages {
    messages: Vec<KeptMessage>,
    /// So many of them were looked for, the first.
    looked_for: usize,
    /// Whether somebody looks for more at this moment.
    is_looking: bool,
}

impl AcknowledgedMessages {
    /// Every message, property by property.
    pub fn into_messages(self) -> Vec<KeptMessage> {
        self.0.into_values().flat_map(|of| of.messages).collect()
    }

    /// A message was acknowledged. Returns its property where there are so many now that must show that
    /// somebody should look.
    pub fn keep(&mut self, run: &RunContext, message: KeptMessage) -> Option<PropertyIndex> {
        let property = run.plan.widgets[message.widget as usize].property;
        let of = self.0.entry(property).or_default();
        of.messages.push(message);
        let more = of.looked_for.clamp(LOOK_FIRST, LOOK_MOST);
        let due = of.messages.get(of.looked_for + more - 1)?;
        let must_look = !of.is_looking && due.at + shows_within(run) <= run.clock.now();
        of.is_looking |= must_look;
        must_look.then_some(property)
    }

    /// Those to look for now, and those that were looked for before.
    fn due(&self, run: &RunContext, property: PropertyIndex) -> (Vec<KeptMessage>, MessageSample) {
        let Some(of) = self.0.get(&property) else { return Default::default() };
        let (before, rest) = of.messages.split_at(of.looked_for);
        let shown = run.clock.now() - shows_within(run);
        let due = rest.iter().take_while(|message| message.at <= shown).copied().collect();
        (due, MessageSample::of(before))
    }

    fn looked(&mut self, property: PropertyIndex, seen: Option<Vec<KeptMessage>>) {
        let Some(of) = self.0.get_mut(&property) else { return };
        of.is_looking = false;
        let from = of.looked_for;
        for (place, message) in seen.into_iter().flatten().enumerate() {
            of.messages[from + place] = message;
            of.looked_for += 1;
        }
    }
}

/// How soon after its acknowledgement a message must be there.
pub fn shows_within(run: &RunContext) -> Micros {
    micros(run.service.driver().file().timing.shows_within)
}

/// Looks for the messages of a property that were not looked for yet. What cannot be looked at is looked
/// at again when the next message comes.
pub async fn look(
    run: RunContext,
    acknowledged: Rc<RefCell<AcknowledgedMessages>>,
    property: PropertyIndex,
) {
    let (mut due, known) = acknowledged.borrow().due(&run, property);
    let looked = look_for(&run, &mut due, &known).await;
    acknowledged.borrow_mut().looked(property, looked.ok().map(|()| due));
}

/// Messages that were there when they were looked for: the oldest of each widget, and the latest.
#[derive(Clone, Debug, Default)]
pub struct MessageSample(Vec<KeptMessage>);

impl MessageSample {
    /// Among those that were looked for.
    pub fn of(before: &[KeptMessage]) -> Self {
        let there = || before.iter().filter(|message| message.looked == MessageCheck::There);
        let mut widgets = BTreeSet::new();
        let oldest = there().filter(|message| widgets.insert(message.widget)).copied();
        let oldest: Vec<KeptMessage> = oldest.collect();
        Self(oldest.into_iter().chain(there().rev().take(LOOK_MOST).copied()).collect())
    }
}

/// Looks for messages: each of them has been looked for afterwards.
///
/// # Errors
/// Why a list could not be read.
pub async fn look_for(
    run: &RunContext,
    messages: &mut [KeptMessage],
    known: &MessageSample,
) -> Result<(), String> {
    let driver = run.service.driver();
    let widgets: BTreeSet<WidgetIndex> = messages.iter().map(|message| message.widget).collect();
    for index in widgets {
        let widget = run.service.widget(index).ok_or("its widget is not there")?;
        let listed = driver.list_messages(widget).await;
        let listed = listed.map_err(|error| error_labels::of_error(driver, &error))?;
        let texts = listed.what.map_err(|fault| error_labels::of_fault(&fault))?;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for text in texts {
            *counts.entry(text).or_default() += 1;
        }
        let count = |message: &KeptMessage| counts.get(&message.text(&run.plan)).copied();
        let known = || known.0.iter().filter(|message| message.widget == index);
        // What was there before is not there: the list has an end, and all that is there is younger.
        let is_cut = known().any(|message| count(message).is_none());
        let ours = messages.iter().filter(|message| message.widget == index).chain(known());
        let reaches = ours.filter(|message| count(message).is_some()).map(|one| one.at).min();
        let is_beyond = |at: Micros| is_cut && reaches.is_none_or(|reaches| at < reaches);
        for message in messages.iter_mut().filter(|message| message.widget == index) {
            message.looked = match count(message) {
                Some(1) => MessageCheck::There,
                Some(often) => MessageCheck::Often(u16::try_from(often).unwrap_or(u16::MAX)),
                None if is_beyond(message.at) => MessageCheck::Beyond,
                None => MessageCheck::Missing,
            };
        }
    }
    Ok(())
}
