//! What visitors ask, prepared once for each widget and kind of visitor, and what must be in every
//! answer whatever the presence is: the widget's name, the greeting that goes with the status
//! (rule C1), the form (rules C2, C3), and what hides it (rules V1 to V4).

use std::fmt::Write;
use std::sync::Arc;

use crate::context::RunContext;
use crate::exchange::told;
use crate::observation::{Delivery, Observed, WidgetSeen};
use crate::plan::{VisitorKind, WidgetIndex};
use crate::product::WidgetReading;
use crate::result::SentRequest;
use lamplighter_core::model::{Chat, HiddenBecause, Visibility, WidgetStatus};
use lamplighter_core::rules::{VisibilityRules, form};

use super::http::PreparedCall;

/// What one kind of visitor asks of one widget, and what hides it from them.
#[derive(Debug)]
pub struct WidgetQuery {
    widget: WidgetIndex,
    visitor: VisitorKind,
    /// The call; `None` where the product's is none that HTTP allows.
    pub call: Option<PreparedCall>,
    /// The call as it is told.
    pub told: Arc<SentRequest>,
    /// What hides the widget, by its status.
    hidden: [Option<HiddenBecause>; 3],
}

/// All of them, each prepared when it is first needed.
#[derive(Debug)]
pub struct WidgetQueries {
    run: RunContext,
    kinds: usize,
    queries: Vec<Option<Arc<WidgetQuery>>>,
}

impl WidgetQueries {
    /// Nothing is prepared yet.
    pub fn new(run: RunContext) -> Self {
        let kinds = run.plan.visitors.len();
        let mut queries = Vec::new();
        queries.resize_with(run.plan.widgets.len() * kinds, || None);
        Self { run, kinds, queries }
    }

    /// What a kind of visitor asks of a widget.
    pub fn get(&mut self, widget: WidgetIndex, visitor: VisitorKind) -> Arc<WidgetQuery> {
        let place = widget as usize * self.kinds + usize::from(visitor);
        let RunContext { plan, product, .. } = &self.run;
        let query = self.queries[place].get_or_insert_with(|| {
            let about = &plan.widgets[widget as usize];
            let looks = &plan.visitors[usize::from(visitor)];
            let rules = VisibilityRules::new(&about.settings);
            let mut hidden = [None; 3];
            for (_, status) in WidgetStatus::WORDS {
                hidden[*status as usize] = match rules.visibility(looks, *status) {
                    Visibility::Shown => None,
                    Visibility::Hidden(because) => Some(because),
                };
            }
            let call = product.widget(&about.name, looks);
            let told = Arc::new(told(&call, self.run.host.authority()));
            let call = PreparedCall::new(call);
            Arc::new(WidgetQuery { widget, visitor, call, told, hidden })
        });
        Arc::clone(query)
    }
}

impl WidgetQuery {
    /// What an answer says, as the judge needs it: what depends on presence and hours, and what is wrong
    /// with the rest.
    pub fn seen(&self, run: &RunContext, delivery: Delivery, said: &WidgetReading<'_>) -> Observed {
        Observed::Widget(WidgetSeen {
            widget: self.widget,
            visitor: self.visitor,
            delivery,
            shown: (said.status, if said.chat { Chat::Possible } else { Chat::No }).into(),
            mismatch: self.mismatch(run, said),
        })
    }

    /// What is wrong with an answer whatever the presence is; `None` where nothing is.
    fn mismatch(&self, run: &RunContext, said: &WidgetReading<'_>) -> Option<Box<str>> {
        let about = &run.plan.widgets[self.widget as usize];
        let status = said.status;
        let greeting = about.settings.greeting(status);
        let form = form(status, about.settings.pre_chat_form);
        let hidden = self.hidden[status as usize];
        let is_as_set = said.widget == about.name.as_str()
            && said.greeting == greeting
            && said.form == form
            && said.hidden_because == hidden;
        if is_as_set {
            return None;
        }
        let mut wrong = Vec::new();
        if said.widget != about.name.as_str() {
            wrong.push(format!("it speaks of `{}`, not of `{}`", said.widget, about.name));
        }
        if said.greeting != greeting {
            let mut what = format!("its greeting is {:?}, ", said.greeting);
            // Writing into a string cannot fail.
            let _ = write!(what, "but for `{status}` {greeting:?} is set (rule C1)");
            wrong.push(what);
        }
        if said.form != form {
            let rule = if status == WidgetStatus::Offline { "C2" } else { "C3" };
            wrong.push(format!(
                "its form is `{}`, but `{form}` goes with `{status}` (rule {rule})",
                said.form
            ));
        }
        if said.hidden_because != hidden {
            wrong.push(format!(
                "it is {}, but must be {} for this visitor",
                visibility(said.hidden_because),
                visibility(hidden)
            ));
        }
        Some(wrong.join("; ").into())
    }
}

fn visibility(because: Option<HiddenBecause>) -> String {
    match because {
        None => "shown".to_owned(),
        Some(because) => format!("hidden because of `{because}` (rule {})", because.rule()),
    }
}
