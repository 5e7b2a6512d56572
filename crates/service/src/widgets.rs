//! What every widget shows at this moment, ready to be sent: written by the core after each commit,
//! read by any number of visitors without asking it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;

use super::json::json;
use lamplighter_core::model::{Settings, Visitor};
use lamplighter_core::rules::VisibilityRules;
use lamplighter_target::wire::WidgetAnswer;

/// A widget's answer, rendered once for all visitors who get the same.
#[derive(Debug)]
pub struct RenderedWidget {
    /// What a visitor gets of whom nothing is known.
    answer: WidgetAnswer<'static>,
    policy: Arc<VisibilityPolicy>,
    /// The answer as JSON.
    body: Bytes,
    /// And as a server-sent event.
    event: Bytes,
}

/// To whom a widget is shown (rules V1 to V4).
#[derive(Debug)]
pub struct VisibilityPolicy {
    rules: VisibilityRules,
    /// Whether visitors see different answers: most widgets have one for all, rendered once.
    depends_on_visitor: bool,
}

impl VisibilityPolicy {
    /// By a widget's settings.
    pub fn new(settings: &Settings) -> Self {
        let rules = VisibilityRules::new(settings);
        let depends_on_visitor = rules.depend_on_visitor();
        Self { rules, depends_on_visitor }
    }
}

impl RenderedWidget {
    /// A widget with this answer; whether it is shown is worked out here.
    pub fn new(mut answer: WidgetAnswer<'static>, policy: Arc<VisibilityPolicy>) -> Self {
        answer.put_visibility(policy.rules.visibility(&Visitor::default(), answer.status));
        let body = json(&answer);
        let event = event(&body);
        Self { answer, policy, body, event }
    }

    /// What a visitor gets.
    pub fn answer(&self, visitor: &Visitor) -> WidgetAnswer<'static> {
        let mut answer = self.answer.clone();
        if self.policy.depends_on_visitor {
            answer.put_visibility(self.policy.rules.visibility(visitor, answer.status));
        }
        answer
    }

    /// What a visitor gets, as a server-sent event.
    pub fn event(&self, visitor: &Visitor) -> Bytes {
        let depending;
        let event = match self.policy.depends_on_visitor {
            false => &self.event,
            true => {
                depending = event(&self.body(visitor));
                &depending
            }
        };
        event.clone()
    }

    /// The version of its property: of two answers the one with the greater version is newer.
    pub fn version(&self) -> u64 {
        self.answer.version
    }

    /// Whether a visitor would not notice the step from this face to another.
    pub fn renders_the_same(&self, other: &Self, visitor: &Visitor) -> bool {
        match self.policy.depends_on_visitor || other.policy.depends_on_visitor {
            false => says_the_same(&self.answer, &other.answer),
            true => says_the_same(&self.answer(visitor), &other.answer(visitor)),
        }
    }

    /// What a visitor gets, as JSON.
    pub fn body(&self, visitor: &Visitor) -> Bytes {
        match self.policy.depends_on_visitor {
            false => self.body.clone(),
            true => json(&self.answer(visitor)),
        }
    }
}

/// A server-sent event of a widget's answer.
fn event(body: &[u8]) -> Bytes {
    [b"event: widget\ndata: ", body, b"\n\n"].concat().into()
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

/// All widgets, rendered, by their full names.
#[derive(Debug, Default)]
pub struct WidgetCache(RwLock<HashMap<String, Arc<RenderedWidget>>>);

impl WidgetCache {
    /// A widget, rendered; `None` where there is no such widget.
    pub fn get(&self, widget: &str) -> Option<Arc<RenderedWidget>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(widget).cloned()
    }

    /// What a visitor gets of a widget, as JSON.
    pub fn body(&self, widget: &str, visitor: &Visitor) -> Option<Bytes> {
        let widgets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        widgets.get(widget).map(|rendered| rendered.body(visitor))
    }

    /// Renders some widgets anew; `None` for those that are gone.
    pub fn put(&self, widgets: &[(String, Option<Arc<RenderedWidget>>)]) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (name, rendered) in widgets {
            match (rendered, all.get_mut(name)) {
                (Some(rendered), Some(place)) => *place = Arc::clone(rendered),
                (Some(rendered), None) => drop(all.insert(name.clone(), Arc::clone(rendered))),
                (None, _) => drop(all.remove(name)),
            }
        }
    }

    /// Renders all widgets anew; whatever else there was is gone. One that stays is there all the while.
    pub fn put_all(&self, widgets: Vec<(String, Option<Arc<RenderedWidget>>)>) {
        let all = widgets.into_iter().filter_map(|(name, rendered)| Some((name, rendered?)));
        let all = all.collect();
        // What was there before goes when nobody waits for it any more.
        let before =
            std::mem::replace(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner), all);
        drop(before);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    fn rendered() -> Arc<RenderedWidget> {
        let answer = r#"{"widget": "acme", "status": "offline", "chat": false, "shown": true,
            "hidden_because": null, "greeting": "", "form": "none", "next_change": null, "version": 1}"#;
        let answer = serde_json::from_str(answer).expect("an answer");
        Arc::new(RenderedWidget::new(answer, Arc::new(VisibilityPolicy::new(&Settings::default()))))
    }

    #[test]
    fn a_widget_that_stays_is_there_while_all_are_rendered_anew() {
        let (cache, is_over) = (WidgetCache::default(), AtomicBool::new(false));
        let all = |other: &str| {
            vec![(other.to_owned(), Some(rendered())), ("acme".to_owned(), Some(rendered()))]
        };
        cache.put_all(all("gone"));
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    assert!(cache.get("acme").is_some());
                }
            });
            for _ in 0..5_000 {
                cache.put_all(all("new"));
            }
            is_over.store(true, Ordering::Relaxed);
            reader.join().expect("it was there");
        });
        assert!(cache.get("gone").is_none() && cache.get("new").is_some());
    }
}
