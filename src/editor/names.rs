//! Where names stand: what declares them, and what uses them.

use lamplighter_core::model::{About, is_name, is_name_in_quotes};
use lamplighter_scenario::language::ast::{
    AtBlock, Block, BlockLine, Declares, Document, Line, Name, OnDevice, Part, SetChange, agent_of,
};
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::language::write_name;

/// What a name is of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Named {
    /// An agent.
    Agent(String),
    /// A property, and its widget of the same name.
    Property(String),
    /// A further widget: `property/name`, whole.
    Widget(String),
    /// A device, by the agent whose it is.
    Device(String, String),
}

/// A place at which a name stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// What is named there.
    pub named: Named,
    /// The words that name it: a part of a word where that is a widget of a property.
    pub span: Span,
    /// Whether it declares what it names.
    pub declares: bool,
}

/// Every place of a document at which a name stands, in the order of the file, those of included files among
/// them. What a table of examples puts in is no place of a name: other rows put in something else.
pub fn occurrences(document: &Document, source: &Source) -> Vec<Occurrence> {
    let mut found = Finding { source, all: Vec::new() };
    for block in &document.blocks {
        found.block(block);
    }
    for part in &document.parts {
        if let Part::At(block) = part {
            found.at(block);
        }
    }
    found.all.retain(|one| !document.put_in.meets(one.span));
    found.all
}

/// The name that stands at a byte, of the smallest that do.
pub fn at(occurrences: &[Occurrence], byte: usize) -> Option<&Occurrence> {
    let is_there = |one: &&Occurrence| one.span.start <= byte && byte <= one.span.end;
    occurrences.iter().filter(is_there).min_by_key(|one| one.span.end - one.span.start)
}

/// What to write in the place of a name so that it is another; `None` where nothing can be called so.
pub fn renamed(named: &Named, new: &str) -> Option<String> {
    match named {
        Named::Agent(_) | Named::Device(..) => is_name_in_quotes(new).then(|| write_name(new)),
        Named::Property(_) => is_name(new).then(|| new.to_owned()),
        // The part behind the property.
        Named::Widget(_) => is_name(new).then(|| new.to_owned()),
    }
}

struct Finding<'a> {
    source: &'a Source,
    all: Vec<Occurrence>,
}

impl Finding<'_> {
    fn push(&mut self, named: Named, span: Span, declares: bool) {
        self.all.push(Occurrence { named, span, declares });
    }

    fn block(&mut self, block: &Block) {
        let (Declares::Property(name) | Declares::Widget(name)) = &block.declares;
        self.widget(name, true);
        for line in &block.lines {
            match &line.node {
                BlockLine::Members(names) => {
                    names.iter().for_each(|name| self.agent(name, true));
                }
                BlockLine::Suspended(names) => {
                    names.iter().for_each(|name| self.agent(name, false));
                }
                BlockLine::SchedulerAs(name) => self.widget(name, false),
                BlockLine::Setting(_) | BlockLine::Hours(_) => {}
            }
        }
    }

    fn at(&mut self, block: &AtBlock) {
        for line in &block.lines {
            match &line.node {
                Line::Event(event) => {
                    self.agent(agent_of(event), false);
                    if let About::Device(OnDevice { agent, device }) = event.about() {
                        let named = Named::Device(agent.node.clone(), device.node.clone());
                        let is_known = self.all.iter().any(|one| one.named == named);
                        self.push(named, device.span, !is_known);
                    }
                    if let Some(property) = event.property() {
                        self.widget(property, false);
                    }
                }
                Line::Set(set) => {
                    self.widget(&set.widget, false);
                    if let SetChange::SchedulerAs(other) = &set.change {
                        self.widget(other, false);
                    }
                }
                Line::Expect(expect) => self.subject(&expect.subject),
                Line::NoAnomalies | Line::Faulty(_) => {}
            }
        }
    }

    /// An agent; the first place that declares one is what others lead to.
    fn agent(&mut self, name: &Name, declares: bool) {
        let named = Named::Agent(name.node.clone());
        let is_known = self.all.iter().any(|one| one.declares && one.named == named);
        self.push(named, name.span, declares && !is_known);
    }

    /// A property, or a widget of one.
    fn widget(&mut self, name: &Name, declares: bool) {
        let Some((property, widget)) = name.node.split_once('/') else {
            return self.push(Named::Property(name.node.clone()), name.span, declares);
        };
        // In quotes each part stands one behind where it would stand without.
        let start = name.span.start + usize::from(self.source.slice(name.span).starts_with('"'));
        let middle = start + property.len();
        self.push(Named::Property(property.to_owned()), Span::new(start, middle), false);
        let end = middle + 1 + widget.len();
        self.push(Named::Widget(name.node.clone()), Span::new(middle + 1, end), declares);
    }

    /// An agent or a widget, whichever is called so.
    fn subject(&mut self, name: &Name) {
        let agent = Named::Agent(name.node.clone());
        match self.all.iter().any(|one| one.named == agent) {
            true => self.agent(name, false),
            false => self.widget(name, false),
        }
    }
}
