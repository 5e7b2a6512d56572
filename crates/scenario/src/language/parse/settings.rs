//! Settings by the table of the model: which one a line is about, and its value, which is read by its
//! kind alone.

use std::sync::Arc;

use super::super::ast::{Name, SettingLine};
use super::super::code::Code;
use super::super::diagnostic::{Diagnostic, any_of};
use super::super::span::Span;
use super::parser::{Parser, Statement};
use super::words::{Cursor, one_of, quoted_text, scalar, zone};
use lamplighter_core::for_each_setting;
use lamplighter_core::model::{
    Countries, DeviceKind, Listed, PageList, Scheduler, Setting, SettingName, Settings, WeekHours,
    WidgetStatus,
};

/// What is wrong where something is set a second time, and beside it.
type Twice = (&'static str, &'static str);

/// A kind of value as a line of a block gives it.
trait Value: Sized {
    /// What is wrong where it is set twice in a block.
    const TWICE: Twice = ("this is set twice", "it can be set once in a block");
    /// Whether a second line goes on with it instead.
    const GOES_ON: bool = false;

    fn read(parser: &mut Parser<'_, '_>, cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic>;

    /// Takes what a further line says.
    fn go_on(&mut self, more: Self) {
        *self = more;
    }
}

/// A switch, which is named to be on.
impl Value for bool {
    fn read(_: &mut Parser<'_, '_>, _: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        Ok(true)
    }
}

/// A list of texts: a faulty one is left out, and noted.
impl<T: Listed> Value for Vec<T> {
    const GOES_ON: bool = true;

    fn read(parser: &mut Parser<'_, '_>, cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        if cursor.peek().is_none() {
            return Err(cursor.incomplete(T::LIST));
        }
        let mut list = Self::new();
        for word in cursor.rest() {
            match scalar(word) {
                Ok(text) => {
                    parser.plain(word);
                    list.push(text.node);
                }
                Err(diagnostic) => parser.diagnostics.push(diagnostic),
            }
        }
        Ok(list)
    }

    fn go_on(&mut self, more: Self) {
        self.extend(more);
    }
}

/// `only CC…` or `except CC…`
impl Value for Option<Countries> {
    const TWICE: Twice =
        ("`countries` is set twice", "rule V2: `only` or `except`, one of the two, once");

    fn read(parser: &mut Parser<'_, '_>, cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let kinds: &[(_, fn(_) -> _)] = &[("only", Countries::Only), ("except", Countries::Except)];
        let kind = one_of(cursor, kinds)?;
        Vec::read(parser, cursor).map(kind).map(Some)
    }
}

/// A text in quotes.
impl Value for Option<String> {
    fn read(_: &mut Parser<'_, '_>, cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        quoted_text(cursor).map(|text| Some(text.node))
    }
}

/// A zone; its hours stand in lines of their own.
impl Value for Option<Arc<Scheduler>> {
    fn read(_: &mut Parser<'_, '_>, cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        Ok(Some(without_hours(&zone(cursor)?.node)))
    }
}

/// A scheduler whose hours are not read yet.
pub(super) fn without_hours(zone: &str) -> Arc<Scheduler> {
    Arc::new(Scheduler { zone: zone.to_owned(), hours: WeekHours::default() })
}

/// Whether the next word is the `as` of `scheduler as WIDGET`.
pub(super) fn is_as(cursor: &Cursor<'_>) -> bool {
    cursor.peek().is_some_and(|word| word.text == "as" && !word.quoted)
}

const HOURS_OF_ANOTHER: &str = "these hours belong to another widget's scheduler";

impl Parser<'_, '_> {
    /// `as WIDGET` behind `scheduler`.
    pub(super) fn scheduler_as(&mut self, cursor: &mut Cursor<'_>) -> Result<Name, Diagnostic> {
        cursor.next();
        let word = cursor.next().ok_or_else(|| cursor.incomplete("a widget declared above"))?;
        let name = self.plain(word);
        cursor.end()?;
        Ok(name)
    }

    /// A line of hours behind `scheduler as`, whose line is at `taken`; said once for all of them.
    pub(super) fn hours_of_another(&mut self, taken: Span, statement: Statement<'_>) {
        let is_said = |last: &Diagnostic| last.message == HOURS_OF_ANOTHER && last.span > taken;
        if self.diagnostics.last().is_some_and(is_said) {
            return;
        }
        self.diagnostics.push(
            Diagnostic::new(
                statement.span,
                HOURS_OF_ANOTHER,
                "out of place: `scheduler as` takes zone, hours and dates as they are declared",
            )
            .code(Code::OutOfPlace)
            .help("for hours of its own write `scheduler ZONE`"),
        );
    }
}

/// What names a part of a setting that is set by itself.
trait Part {
    /// What is wrong where the same part is set twice in a block.
    const TWICE: Twice;
}

impl Part for DeviceKind {
    const TWICE: Twice = ("this kind of device is set twice", "each kind once");
}

impl Part for PageList {
    const TWICE: Twice = ("this list of pages is set twice", "each list once");
}

impl Part for WidgetStatus {
    const TWICE: Twice = ("this greeting is set twice", "each status once");
}

/// What is wrong where a setting is set twice: by its part, if it has parts.
macro_rules! twice {
    ([] $value:ty) => {
        <$value as Value>::TWICE
    };
    ([$part:ty] $value:ty) => {
        <$part as Part>::TWICE
    };
}

macro_rules! readers {
    ($(
        $(#[$doc:meta])*
        $name:ident, $field:ident, $keyword:literal, $rule:literal,
            [$($key:ident: $part:ty)?] $value:ty;
    )*) => {
        impl Parser<'_, '_> {
            /// A setting whose first word is read already.
            pub(super) fn setting(
                &mut self,
                keyword: &str,
                cursor: &mut Cursor<'_>,
            ) -> Result<SettingLine, Diagnostic> {
                let mut value;
                let setting = match keyword {
                    $($keyword => {
                        $(let $key = one_of(cursor, <$part>::WORDS)?;)?
                        value = cursor.clone();
                        Setting::$name($($key,)? Value::read(self, cursor)?)
                    })*
                    other => return Err(unknown_setting(other, cursor.last().span)),
                };
                cursor.end()?;
                let value = value.rest().iter().map(|word| word.span).collect();
                Ok(SettingLine { setting, value })
            }
        }

        /// What names a setting behind `off`.
        pub(super) fn setting_name(cursor: &mut Cursor<'_>) -> Result<SettingName, Diagnostic> {
            let word = cursor.next().ok_or_else(|| cursor.incomplete("the name of a setting"))?;
            Ok(match word.text.as_str() {
                $($keyword => {
                    $(let $key = one_of(cursor, <$part>::WORDS)?;)?
                    SettingName::$name $(($key))?
                })*
                other => return Err(unknown_setting(other, word.span)),
            })
        }

        /// What is wrong where a setting is set twice in a block; `None` where a second line goes on
        /// with it.
        pub fn set_twice(name: SettingName) -> Option<(&'static str, &'static str)> {
            match name {
                $(SettingName::$name { .. } => {
                    (!<$value as Value>::GOES_ON).then_some(twice!([$($part)?] $value))
                })*
            }
        }

        /// Adds what a line of a block says to what its block has said.
        pub fn go_on(settings: &mut Settings, more: Setting) {
            match more {
                $(Setting::$name($($key,)? more) => settings.$field $([$key])?.go_on(more),)*
            }
        }
    };
}

for_each_setting! { readers }

/// A word that is no setting, with the one that it is most like.
pub(super) fn unknown_setting(word: &str, span: Span) -> Diagnostic {
    let settings = SettingName::KEYWORDS.iter().copied();
    let diagnostic = Diagnostic::new(
        span,
        format!("`{word}` is not a setting"),
        format!("expected {}", any_of(settings.clone().chain(["off"]))),
    )
    .code(Code::UnknownWord);
    match help_of_members(word) {
        Some(help) => diagnostic.help(help),
        None => diagnostic.did_you_mean(word, settings.chain(["off"])),
    }
}

/// What to do instead of a line about members outside of their property's block.
pub(super) fn help_of_members(word: &str) -> Option<&'static str> {
    match word {
        "members" => Some("members are declared in their property's block"),
        "suspended" => Some("write for example `ann is suspended in acme`"),
        _ => None,
    }
}
