//! The members of a query, each of which says its piece once; what cannot be is told with its name.

use std::borrow::Cow;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::problem::Problem;

/// What a call reads of its query.
pub struct Query<T>(pub T);

/// What can be read of a query.
pub trait FromQuery: Sized {
    /// Reads its members; those that it does not know are none of its business.
    ///
    /// # Errors
    /// The first member that says what cannot be, or stands there twice.
    fn from_query(members: &Members<'_>) -> Result<Self, Problem>;
}

/// A query as it was sent.
pub struct Members<'a>(&'a str);

impl Members<'_> {
    /// What a member says; `None` where it is not there.
    ///
    /// # Errors
    /// When it stands there more than once: nobody knows which of them counts.
    pub fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        let mut said = form_urlencoded::parse(self.0.as_bytes()).filter(|(key, _)| key == name);
        let first = said.next().map(|(_, value)| Cow::into_owned(value));
        match said.next() {
            None => Ok(first),
            Some(_) => {
                let detail = format!("`{name}` stands in the query more than once: say it once");
                Err(Problem::field(name, detail))
            }
        }
    }

    /// The number that a member says, which `takes` describes.
    ///
    /// # Errors
    /// When it is no such number, or stands there more than once.
    pub fn number<T: FromStr>(&self, name: &str, takes: &str) -> Result<Option<T>, Problem> {
        let said = self.text(name)?;
        let number = said.map(|text| text.parse().map_err(|_| no_number(name, &text, takes)));
        number.transpose()
    }

    /// Whether a `+` in it was read as a blank.
    pub fn has_plus(&self) -> bool {
        self.0.contains('+')
    }
}

/// 422: what should be a number is none.
pub fn no_number(field: &str, text: &str, takes: &str) -> Problem {
    Problem::field(field, format!("`{text}` is no number: {takes}"))
}

impl<S: Sync, T: FromQuery> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        T::from_query(&Members(parts.uri.query().unwrap_or_default())).map(Self)
    }
}
