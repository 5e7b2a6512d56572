//! Where names stand: what declares them, and what uses them.

use std::ops::Range;

use super::cells::{Cells, Written};
use lamplighter_core::model::About;
use lamplighter_scenario::language::ast::{
    AtBlock, Block, BlockLine, Declares, Line, Name, OnDevice, Part, PutIn, SetChange, agent_of,
};
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::language::{NameOf, words_of_line};
use lamplighter_scenario::play::Prepared;

/// What a name is of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Named {
    /// An agent, by name.
    Agent(String),
    /// A property, and its widget of the same name.
    Property(String),
    /// A further widget: `property/name`, whole.
    Widget(String),
    /// A device, by the agent whose it is.
    Device(String, String),
}

impl Named {
    /// The same thing by another name.
    #[must_use]
    pub fn called(&self, new: &str) -> Self {
        match self {
            Self::Agent(_) => Self::Agent(new.to_owned()),
            Self::Property(_) => Self::Property(new.to_owned()),
            Self::Widget(name) => {
                let property = name.split_once('/').map_or("", |(property, _)| property);
                Self::Widget(format!("{property}/{new}"))
            }
            Self::Device(agent, _) => Self::Device(agent.clone(), new.to_owned()),
        }
    }

    /// What it is called, by itself.
    pub fn name(&self) -> &str {
        match self {
            Self::Agent(name) | Self::Property(name) | Self::Device(_, name) => name,
            Self::Widget(name) => name.split_once('/').map_or(name, |(_, widget)| widget),
        }
    }

    /// The kind of thing that has the name.
    pub fn of(&self) -> NameOf {
        match self {
            Self::Agent(_) => NameOf::Agent,
            Self::Property(_) => NameOf::Property,
            Self::Widget(_) => NameOf::Widget,
            Self::Device(..) => NameOf::Device,
        }
    }
}

/// What stands where something is named.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// A word, in quotes or not.
    Word,
    /// Letters of a word or of a cell.
    Letters,
    /// A cell of a table, all of it.
    Cell,
    /// A word that is put together of cells and letters, so that no one place names it.
    Mixed,
}

/// A place at which a name stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// What is named there.
    pub named: Named,
    /// What names it: a word, a part of one where that is a widget of a property, or the cell of a table.
    pub span: Span,
    /// The form in which the name is written there.
    pub form: Form,
    /// Whether it declares what it names.
    pub declares: bool,
    /// The word of the statement that says it.
    pub word: Span,
    /// The column of the table in whose cell it is written, from 0.
    pub column: Option<usize>,
}

/// Every place of a scenario at which a name stands, in the order of the file, those of included files among
/// them. What a table of examples puts in stands in its cell.
pub fn occurrences(prepared: &Prepared) -> Vec<Occurrence> {
    let (document, source) = (&prepared.document, &prepared.file.source);
    let cells = prepared.file.row.as_ref().map(|row| Cells::new(source, row));
    let put_in = &document.put_in;
    let mut found = Finding { source, put_in, cells, all: Vec::new() };
    for block in &document.blocks {
        found.block(block);
    }
    for part in &document.parts {
        if let Part::At(block) = part {
            found.at(block);
        }
    }
    found.all
}

/// The name that stands at a byte, of the smallest that do.
pub fn at(occurrences: &[Occurrence], byte: usize) -> Option<&Occurrence> {
    let is_there = |one: &&Occurrence| {
        one.form != Form::Mixed && one.span.start <= byte && byte <= one.span.end
    };
    occurrences.iter().filter(is_there).min_by_key(|one| one.span.end - one.span.start)
}

struct Finding<'a> {
    source: &'a Source,
    put_in: &'a PutIn,
    /// Those of the row by which the scenario was read.
    cells: Option<Cells<'a>>,
    all: Vec<Occurrence>,
}

impl Finding<'_> {
    /// Takes a part of a word that names something.
    fn push(&mut self, named: Named, name: &Name, part: Range<usize>, declares: bool) {
        let word = name.span;
        let (form, span, column) = match self.written(name, part.clone()) {
            Some(Written::There(span)) => (Form::Letters, span, None),
            Some(Written::Cell(column, span)) => (Form::Cell, span, Some(column)),
            Some(Written::InCell(column, span)) => (Form::Letters, span, Some(column)),
            Some(Written::Mixed) => (Form::Mixed, word, None),
            None if part.len() == name.node.len() => (Form::Word, word, None),
            None => {
                // In quotes each part stands one behind where it would stand without.
                let quote = usize::from(self.source.slice(word).starts_with('"'));
                let start = word.start + quote + part.start;
                (Form::Letters, Span::new(start, start + part.len()), None)
            }
        };
        self.all.push(Occurrence { named, span, form, declares, word, column });
    }

    /// Where a part of a word is written that is not what it says; `None` where it is.
    fn written(&self, name: &Name, part: Range<usize>) -> Option<Written> {
        if let Some(cells) = self.cells.as_ref().filter(|_| self.put_in.meets(name.span)) {
            return cells.written(name.span, &name.node, part);
        }
        // Of a faulty line, names are known that do not stand there as words.
        let words = words_of_line(self.source.slice(name.span), name.span.start);
        let is_there = matches!(&words[..], [word] if word.text == name.node);
        (!is_there).then_some(Written::Mixed)
    }

    /// Takes a word that names something.
    fn whole(&mut self, named: Named, name: &Name, declares: bool) {
        self.push(named, name, 0..name.node.len(), declares);
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
                        self.whole(named, device, !is_known);
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
        self.whole(named, name, declares && !is_known);
    }

    /// A property, or a widget of one.
    fn widget(&mut self, name: &Name, declares: bool) {
        let Some((property, _)) = name.node.split_once('/') else {
            return self.whole(Named::Property(name.node.clone()), name, declares);
        };
        let (middle, end) = (property.len(), name.node.len());
        self.push(Named::Property(property.to_owned()), name, 0..middle, false);
        self.push(Named::Widget(name.node.clone()), name, middle + 1..end, declares);
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
