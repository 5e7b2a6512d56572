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
    /// The answer for a visitor who sees it, or does not.
    pub fn put_visibility(&mut self, visibility: Visibility) {
        self.shown = visibility == Visibility::Shown;
        self.hidden_because = match visibility {
            Visibility::Shown => None,
            Visibility::Hidden(because) => Some(because),
        };
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
    fn a_visitor_is_read_out_of_the_query() {
        let visitor = |page: &str, device, country: &str| Visitor {
            page: Some(page.to_owned()),
            device,
            country: country.parse().ok(),
        };
        for (query, wanted) in [
            ("", Visitor::default()),
            ("page=&device=&country=", Visitor::default()),
            (
                "page=https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc%26d%23e&device=mobile&country=de",
                visitor("https://example.com/a?b=c&d#e", Some(DeviceKind::Mobile), "DE"),
            ),
            (
                "page=https%3A%2F%2F%E4%BE%8B%E3%81%88.jp%2F%C3%BC+%C3%A9",
                visitor("https://例え.jp/ü é", None, ""),
            ),
        ] {
            assert_eq!(read_visitor(query), Ok(wanted), "{query}");
        }
        assert!(read_visitor("device=toaster").is_err());
    }
}
