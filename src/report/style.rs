//! Colours of the terminal. Where none are wanted, the stream strips them.

use std::fmt;

use anstyle::{AnsiColor, Style};

const fn bold(color: AnsiColor) -> Style {
    Style::new().bold().fg_color(Some(anstyle::Color::Ansi(color)))
}

/// What a piece of text is, and so how it looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paint {
    /// What is well: `ok`, online.
    Good,
    /// What is wrong: `FAIL`, `error`, offline.
    Bad,
    /// What deserves a look: `warning`, away.
    Warn,
    /// The frame of a snippet.
    Frame,
    /// What the reader must not miss, such as messages.
    Strong,
    /// What does not matter much.
    Faint,
}

impl Paint {
    fn style(self) -> Style {
        match self {
            Self::Good => bold(AnsiColor::Green),
            Self::Bad => bold(AnsiColor::Red),
            Self::Warn => bold(AnsiColor::Yellow),
            Self::Frame => bold(AnsiColor::Blue),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
        }
    }

    /// A text in this colour.
    pub fn on<T: fmt::Display>(self, text: T) -> impl fmt::Display {
        struct Painted<T>(Style, T);
        impl<T: fmt::Display> fmt::Display for Painted<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}{}", self.0.render(), self.1, self.0.render_reset())
            }
        }
        Painted(self.style(), text)
    }
}
