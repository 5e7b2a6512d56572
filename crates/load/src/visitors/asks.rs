//! What visitors ask, prepared once for each widget and kind of visitor, and what must be in every
//! answer whatever the presence is: the widget's name, the greeting that goes with the status
//! (rule C1), the form (rules C2, C3), and what hides it (rules V1 to V4).

use std::fmt::Write;
use std::sync::Arc;

use crate::notes::{VisitorKind, WidgetIndex};
use crate::plan::Plan;
use crate::product::{Product, WidgetSaid};
use lamplighter_core::model::{HiddenBecause, Visibility, WidgetStatus};
use lamplighter_core::rules::{VisibilityRules, form};

use super::wire::Prepared;

/// What one kind of visitor asks of one widget.
#[derive(Debug)]
pub struct Ask {
    /// The call; `None` where the product's is none that HTTP allows.
    pub call: Option<Prepared>,
    /// What hides the widget, by its status.
    hidden: [Option<HiddenBecause>; 3],
}

/// All of them, each prepared when it is first needed.
#[derive(Debug)]
pub struct Asks {
    plan: Arc<Plan>,
    product: Arc<dyn Product>,
    kinds: usize,
    asks: Vec<Option<Arc<Ask>>>,
}

impl Asks {
    /// Nothing is prepared yet.
    pub fn new(plan: Arc<Plan>, product: Arc<dyn Product>) -> Self {
        let kinds = plan.visitors.len();
        let mut asks = Vec::new();
        asks.resize_with(plan.widgets.len() * kinds, || None);
        Self { plan, product, kinds, asks }
    }

    /// What a kind of visitor asks of a widget.
    pub fn get(&mut self, widget: WidgetIndex, visitor: VisitorKind) -> Arc<Ask> {
        let place = widget as usize * self.kinds + usize::from(visitor);
        let ask = self.asks[place].get_or_insert_with(|| {
            let about = &self.plan.widgets[widget as usize];
            let visitor = &self.plan.visitors[usize::from(visitor)];
            let rules = VisibilityRules::new(&about.settings);
            let mut hidden = [None; 3];
            for (_, status) in WidgetStatus::WORDS {
                hidden[*status as usize] = match rules.visibility(visitor, *status) {
                    Visibility::Shown => None,
                    Visibility::Hidden(because) => Some(because),
                };
            }
            let call = Prepared::new(self.product.widget(&about.name, visitor));
            Arc::new(Ask { call, hidden })
        });
        Arc::clone(ask)
    }
}

impl Ask {
    /// What is wrong with an answer beside what depends on the presence; `None` where nothing is.
    pub fn beside(
        &self,
        plan: &Plan,
        widget: WidgetIndex,
        said: &WidgetSaid<'_>,
    ) -> Option<Box<str>> {
        let about = &plan.widgets[widget as usize];
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
    let rule = match because {
        None => return "shown".to_owned(),
        Some(HiddenBecause::Page) => "V1",
        Some(HiddenBecause::Country) => "V2",
        Some(HiddenBecause::Device) => "V3",
        Some(HiddenBecause::Offline) => "V4",
    };
    format!("hidden because of `{}` (rule {rule})", because.map_or("", HiddenBecause::word))
}
