//! A picture on its own, for a page that is not a report and moves a cursor over it.

use minijinja::Error;

use super::picture::{SPACE, draw};
use super::{PICTURE, Templates};
use crate::report::drawing::Space;
use lamplighter_scenario::play::Verdict;

pub use super::picture::Stop;

/// A picture as it stands on a page.
#[derive(Clone, PartialEq, Debug)]
pub struct ShownPicture {
    /// A `figure` with the names of the rows and the drawing. All foreign text in it is escaped.
    pub markup: String,
    /// How wide the axis is, in pixels.
    pub width: u32,
    /// Where a cursor in time can stop, in the order of time.
    pub stops: Vec<Stop>,
}

/// Draws pictures of runs, one after the other.
pub struct Pictures(Templates);

impl Pictures {
    /// The narrowest and the widest axis that is drawn, in pixels.
    pub const WIDTHS: (u32, u32) = (240, 1_600);

    /// Makes ready.
    ///
    /// # Errors
    /// When the template is none: a mistake in the program.
    pub fn new() -> Result<Self, Error> {
        Templates::new(&[(PICTURE, include_str!("picture.html"))]).map(Self)
    }

    /// Draws a run with an axis of about so many pixels, whatever happens in it; `None` where there is
    /// nothing to draw.
    ///
    /// # Errors
    /// When the template and its data don't fit: a mistake in the program.
    pub fn draw(&self, verdict: &Verdict, width: u32) -> Result<Option<ShownPicture>, Error> {
        let width = width.clamp(Self::WIDTHS.0, Self::WIDTHS.1);
        let space = Space { width_min: width, width_max: width, ..SPACE };
        let Some(drawing) = draw(verdict, 1, space) else { return Ok(None) };
        let markup = self.0.part(PICTURE, &drawing)?.to_string();
        Ok(Some(ShownPicture { markup, width: drawing.width(), stops: drawing.stops }))
    }
}
