//! What a widget shows, and the visitor whom it shows that to.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::problem::InvalidField;
use lamplighter_core::model::{
    DeviceKind, Form, HiddenBecause, Instant, Visibility, Visitor, WidgetStatus,
};

// Most of all answers are this one: it is read without copying its texts.
/// What a visitor gets to know of a widget, and nothing internal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WidgetAnswer<'a> {
    /// The full name of the widget: `property` or `property/widget`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    #[serde(borrow)]
    pub widget: Cow<'a, str>,
    /// What the widget shows: `online`, `away` or `offline` (rules W1 to W6).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: WidgetStatus,
    /// Whether a visitor can start a chat; in W6 the widget is online and none can.
    pub chat: bool,
    /// Whether this visitor sees it (rules V1 to V4).
    pub shown: bool,
    /// What hides it: `page`, `country`, `device` or `offline`; null where it is shown.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub hidden_because: Option<HiddenBecause>,
    /// The greeting for the widget's status (rule C1); empty where none is set.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    #[serde(borrow)]
    pub greeting: Cow<'a, str>,
    /// The form that the visitor gets first: `none`, `pre-chat` or `offline` (rules C2, C3).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub form: Form,
    /// The instant at which status or chat will next change by the clock alone; null for never.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub next_change: Option<Instant>,
    /// The version of the property, which grows with every change to what its answers depend on.
    pub version: u64,
}

impl WidgetAnswer<'_> {
    /// Whether this visitor sees it, and what hides it; `None` where the answer contradicts itself.
    pub fn visibility(&self) -> Option<Visibility> {
        match (self.shown, self.hidden_because) {
            (true, None) => Some(Visibility::Shown),
            (false, Some(because)) => Some(Visibility::Hidden(because)),
            _ => None,
        }
    }

    /// The same for a visitor who sees it, or does not.
    pub fn put_visibility(&mut self, visibility: Visibility) {
        self.shown = visibility == Visibility::Shown;
        self.hidden_because = match visibility {
            Visibility::Shown => None,
            Visibility::Hidden(because) => Some(because),
        };
    }
}

/// What a visitor brings along, as the query of a call: `?page=…`, or nothing.
pub fn of_visitor(visitor: &Visitor) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(page) = &visitor.page {
        query.append_pair("page", page);
    }
    if let Some(kind) = visitor.device {
        query.append_pair("device", kind.word());
    }
    if let Some(country) = &visitor.country {
        query.append_pair("country", country.as_str());
    }
    match query.finish() {
        query if query.is_empty() => query,
        query => format!("?{query}"),
    }
}

/// The visitor whom the query of a call describes, the `?` left out: `page`, `device`, `country`.
///
/// # Errors
/// A device that is of no kind.
pub fn read_visitor(query: &str) -> Result<Visitor, InvalidField> {
    let mut visitor = Visitor::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            // What is left empty is unknown.
            _ if value.is_empty() => {}
            "page" => visitor.page = Some(value.into_owned()),
            // What is no country is in no list, as if it were unknown.
            "country" => visitor.country = value.to_ascii_uppercase().parse().ok(),
            "device" => {
                let kind = DeviceKind::from_word(&value).ok_or_else(|| InvalidField {
                    field: "device".to_owned(),
                    detail: format!("`{value}` is neither `desktop` nor `mobile`"),
                })?;
                visitor.device = Some(kind);
            }
            _ => {}
        }
    }
    Ok(visitor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_comes_back_from_the_query() {
        let visitors = [
            Visitor::default(),
            Visitor {
                page: Some("https://example.com/a?b=c&d#e".to_owned()),
                device: Some(DeviceKind::Mobile),
                country: "DE".parse().ok(),
            },
            Visitor { page: Some("https://例え.jp/ü é".to_owned()), ..Visitor::default() },
        ];
        for visitor in visitors {
            let query = of_visitor(&visitor);
            assert_eq!(read_visitor(query.trim_start_matches('?')), Ok(visitor), "{query}");
        }
    }

    #[test]
    fn an_answer_that_contradicts_itself_shows_nothing() {
        let mut answer: WidgetAnswer<'_> = serde_json::from_str(
            r#"{"widget":"acme","status":"online","chat":true,"shown":true,
                "hidden_because":"page","greeting":"","form":"none","next_change":null,"version":1}"#,
        )
        .expect("an answer");
        assert_eq!(answer.visibility(), None);
        for visibility in [Visibility::Shown, Visibility::Hidden(HiddenBecause::Country)] {
            answer.put_visibility(visibility);
            assert_eq!(answer.visibility(), Some(visibility));
        }
        answer.hidden_because = None;
        assert_eq!(answer.visibility(), None);
    }
}
