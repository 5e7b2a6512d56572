//! What every widget shows at this moment, ready to be sent: written by the core after each commit,
//! read by any number of visitors without asking it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;

use lamplighter_core::model::{Settings, Visitor};
use lamplighter_core::rules::VisibilityRules;
use lamplighter_target::wire::WidgetAnswer;

/// A widget as visitors see it.
#[derive(Debug)]
pub struct Face {
    /// What a visitor gets of whom nothing is known.
    answer: WidgetAnswer<'static>,
    looks: Arc<Looks>,
    /// The answer as JSON.
    body: Bytes,
    /// And as a server-sent event.
    event: Bytes,
}

/// To whom a widget is shown.
#[derive(Debug)]
pub struct Looks {
    rules: VisibilityRules,
    /// Whether it depends on who looks (rules V1 to V3).
    depends: bool,
}

impl Looks {
    /// By a widget's settings (rules V1 to V4).
    pub fn new(settings: &Settings) -> Self {
        let Settings { pages_show, pages_hide, countries, hide_on, .. } = settings;
        let depends = !(pages_show.is_empty()
            && pages_hide.is_empty()
            && hide_on.is_empty()
            && countries.is_none());
        Self { rules: VisibilityRules::new(settings), depends }
    }
}

impl Face {
    /// A widget with this answer; whether it is shown is worked out here.
    pub fn new(mut answer: WidgetAnswer<'static>, looks: Arc<Looks>) -> Self {
        answer.put_visibility(looks.rules.visibility(&Visitor::default(), answer.status));
        let body = json(&answer);
        let event = event(&body);
        Self { answer, looks, body, event }
    }

    /// What a visitor gets.
    pub fn answer(&self, visitor: &Visitor) -> WidgetAnswer<'static> {
        let mut answer = self.answer.clone();
        if self.looks.depends {
            answer.put_visibility(self.looks.rules.visibility(visitor, answer.status));
        }
        answer
    }

    /// What a visitor gets, as a server-sent event.
    pub fn event(&self, visitor: &Visitor) -> Bytes {
        let depending;
        let event = match self.looks.depends {
            false => &self.event,
            true => {
                depending = event(&self.body(visitor));
                &depending
            }
        };
        event.clone()
    }

    /// Whether a visitor would not notice the step from this face to another.
    pub fn looks_the_same(&self, other: &Self, visitor: &Visitor) -> bool {
        match self.looks.depends || other.looks.depends {
            false => says_the_same(&self.answer, &other.answer),
            true => says_the_same(&self.answer(visitor), &other.answer(visitor)),
        }
    }

    /// What a visitor gets, as JSON.
    pub fn body(&self, visitor: &Visitor) -> Bytes {
        match self.looks.depends {
            false => self.body.clone(),
            true => json(&self.answer(visitor)),
        }
    }
}

/// A server-sent event of a widget's answer.
fn event(body: &[u8]) -> Bytes {
    [b"event: widget\ndata: ", body, b"\n\n"].concat().into()
}

/// Any answer as JSON.
pub fn json(answer: &impl serde::Serialize) -> Bytes {
    serde_json::to_vec(answer).expect("answers have no keys but texts").into()
}

/// Whether a visitor would notice the step from one answer to another.
fn says_the_same(one: &WidgetAnswer<'_>, other: &WidgetAnswer<'_>) -> bool {
    let WidgetAnswer {
        widget: _,
        status,
        chat,
        shown,
        hidden_because,
        greeting,
        form,
        next_change,
        version: _,
    } = one;
    (status, chat, shown, hidden_because, form)
        == (&other.status, &other.chat, &other.shown, &other.hidden_because, &other.form)
        && *greeting == other.greeting
        && *next_change == other.next_change
}

/// The faces of all widgets by their full names.
#[derive(Debug, Default)]
pub struct Board(RwLock<HashMap<String, Arc<Face>>>);

impl Board {
    /// A widget's face; `None` where there is no such widget.
    pub fn face(&self, widget: &str) -> Option<Arc<Face>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(widget).cloned()
    }

    /// What a visitor gets of a widget, as JSON.
    pub fn body(&self, widget: &str, visitor: &Visitor) -> Option<Bytes> {
        let faces = self.0.read().unwrap_or_else(PoisonError::into_inner);
        faces.get(widget).map(|face| face.body(visitor))
    }

    /// Puts faces anew; `None` for widgets that are gone.
    pub fn put(&self, faces: &[(String, Option<Arc<Face>>)]) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (widget, face) in faces {
            match (face, all.get_mut(widget)) {
                (Some(face), Some(place)) => *place = Arc::clone(face),
                (Some(face), None) => drop(all.insert(widget.clone(), Arc::clone(face))),
                (None, _) => drop(all.remove(widget)),
            }
        }
    }

    /// Puts all faces anew.
    pub fn put_all(&self, faces: &[(String, Option<Arc<Face>>)]) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.put(faces);
    }
}
