//! Pages out of templates: what every page for a browser is filled in by.

use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;
use thiserror::Error;

/// Why there is no page.
#[derive(Debug, Error)]
pub enum PageError {
    /// A template and its data don't fit: a mistake in the program.
    #[error("cannot fill in the page")]
    Template(#[from] minijinja::Error),
    /// The page cannot be written.
    #[error("cannot write the page")]
    Write(#[from] io::Error),
}

/// The templates of one kind of page, by name.
pub struct Templates(Environment<'static>);

impl Templates {
    /// Takes templates with their names. These end in `.html`, and so whatever is put in is escaped.
    ///
    /// # Errors
    /// When one of them is none.
    pub fn new(templates: &[(&'static str, &'static str)]) -> Result<Self, minijinja::Error> {
        let mut all = Environment::new();
        // Lines that only steer leave nothing behind.
        all.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        for (name, text) in templates {
            all.add_template(name, text)?;
        }
        Ok(Self(all))
    }

    /// A part of a page; it is markup and not escaped again.
    ///
    /// # Errors
    /// When the template and its data don't fit.
    pub fn part(&self, name: &str, data: &impl Serialize) -> Result<Value, minijinja::Error> {
        let text = self.0.get_template(name)?.render(Serde(data))?;
        Ok(Value::from_safe_string(text))
    }

    /// Writes a whole page.
    ///
    /// # Errors
    /// When the template and its data don't fit, or `out` does not take it.
    pub fn page(
        &self,
        out: &mut dyn Write,
        name: &str,
        data: &impl Serialize,
    ) -> Result<(), PageError> {
        let page = self.0.get_template(name)?.render(Serde(data))?;
        out.write_all(page.as_bytes())?;
        Ok(())
    }
}
