//! Reports from one result model, [`Verdict`](crate::scenario::Verdict): for people in a terminal,
//! for machines, for a browser. No report knows who ran what.

pub mod explain;
pub mod github;
pub mod json;
pub mod junit;
mod snippet;
mod style;
pub mod text;
pub mod timeline;

pub use style::Paint;
/// temp
pub mod html {
    /// temp
    pub fn page(
        _: &mut dyn std::io::Write,
        _: &[crate::scenario::Verdict],
        _: &crate::report::text::Summary,
        _: std::time::Duration,
    ) -> anyhow::Result<()> {
        Ok(())
    }
}
/// temp
pub mod chart {
    /// temp
    pub fn chart(
        _: &mut dyn std::io::Write,
        _: &crate::scenario::Verdict,
        _: usize,
    ) -> std::io::Result<()> {
        Ok(())
    }
}
