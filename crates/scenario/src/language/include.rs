//! Files of blocks that scenarios include: each is read once, whatever asks for it.

use std::path::{Component, Path, PathBuf};

use super::ast::{Block, BlockLine, Document, HoursOn, Include};
use super::code::Code;
use super::diagnostic::Diagnostic;
use super::parse::{Kind, read};
use super::rules::ReadFile;
use super::span::{Source, Spanned};

/// The files that a scenario includes, as far as something has asked for them.
pub(super) struct Worlds<'a> {
    /// The folder of the scenario, for messages.
    folder: PathBuf,
    beside: ReadFile<'a>,
    read: Vec<World>,
    /// Where the text of the next one will begin, behind those of all before.
    start: usize,
}

/// A file that was read.
struct World {
    /// Relative to the folder of the scenario.
    path: String,
    source: Source,
    document: Document,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Worlds<'a> {
    /// None yet, behind a text of so many bytes.
    pub fn new(folder: &Path, beside: ReadFile<'a>, bytes: usize) -> Self {
        Self { folder: folder.to_owned(), beside, read: Vec::new(), start: bytes + 1 }
    }

    /// The files, in the order in which their texts stand behind that of the scenario.
    pub fn files(&self) -> Vec<(PathBuf, &str)> {
        let shown = |world: &World| self.folder.join(&world.path);
        self.read.iter().map(|world| (shown(world), world.source.text())).collect()
    }

    /// Puts the blocks of included files in the places of their `include` lines.
    pub fn put_in(&mut self, document: &mut Document, diagnostics: &mut Vec<Diagnostic>) {
        if document.includes.is_empty() {
            return;
        }
        let includes = std::mem::take(&mut document.includes);
        let blocks = std::mem::take(&mut document.blocks);
        let mut taking = Taking { way: Vec::new(), taken: Vec::new(), diagnostics };
        document.blocks = self.expand("", &includes, blocks, &mut taking);
    }

    /// The blocks of a file with those of the files that it includes.
    fn expand(
        &mut self,
        from: &str,
        includes: &[Include],
        blocks: Vec<Block>,
        taking: &mut Taking<'_>,
    ) -> Vec<Block> {
        let mut all = Vec::with_capacity(blocks.len());
        let mut blocks = blocks.into_iter();
        let mut before = 0;
        for include in includes {
            all.extend(blocks.by_ref().take(include.blocks_before - before));
            before = include.blocks_before;
            match self.take(from, include, taking) {
                Ok(more) => all.extend(more),
                Err(diagnostic) => taking.diagnostics.push(diagnostic),
            }
        }
        all.extend(blocks);
        all
    }

    fn take(
        &mut self,
        from: &str,
        include: &Include,
        taking: &mut Taking<'_>,
    ) -> Result<Vec<Block>, Diagnostic> {
        let Spanned { node: written, span } = &include.path;
        let path = joined(from, written);
        let fault = |message: String, label: &str| {
            Err(Diagnostic::new(*span, message, label).code(Code::IncludedTwice))
        };
        if taking.way.contains(&path) {
            return fault(format!("`{written}` includes itself"), "it leads back to itself");
        }
        let index = self.world(&path).map_err(|why| {
            Diagnostic::new(*span, format!("`{written}` cannot be included"), why)
                .code(Code::UnreadableFile)
                .help("the path is relative to the file in which it stands")
        })?;
        let world = &self.read[index];
        let is_second = taking.taken.contains(&path);
        if is_second && !world.document.blocks.is_empty() {
            let label = "it would declare its names twice";
            return fault(format!("`{written}` is included twice"), label);
        }
        if !is_second {
            taking.taken.push(path.clone());
            taking.diagnostics.extend(world.diagnostics.iter().cloned());
        }
        let Document { includes, blocks, .. } = world.document.clone();
        taking.way.push(path.clone());
        let all = self.expand(&path, &includes, blocks, taking);
        taking.way.pop();
        Ok(all)
    }

    /// A file by its place among those that were read.
    fn world(&mut self, path: &str) -> Result<usize, String> {
        if let Some(index) = self.read.iter().position(|world| world.path == path) {
            return Ok(index);
        }
        let text = (self.beside)(path)?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let source = Source::new(text);
        let (mut document, diagnostics) = read(&source, self.start, Kind::World, None);
        for line in document.blocks.iter_mut().flat_map(|block| &mut block.lines) {
            // What it names lies relative to it.
            if let BlockLine::Hours(hours) = &mut line.node
                && let HoursOn::Calendar(file) = &mut hours.on.node
            {
                file.node = joined(path, &file.node);
            }
        }
        self.start += source.text().len() + 1;
        self.read.push(World { path: path.to_owned(), source, document, diagnostics });
        Ok(self.read.len() - 1)
    }
}

/// Where taking files in has come to.
struct Taking<'a> {
    /// The files that lead to the one that is read.
    way: Vec<String>,
    /// All that were taken.
    taken: Vec<String>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// A path that stands in a file, relative to the folder of the scenario. One file has one such path,
/// unless by links.
fn joined(file: &str, path: &str) -> String {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut parts = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if parts.file_name().is_some() => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn a_path_is_relative_to_the_file_in_which_it_stands() {
        for (file, path, expected) in [
            ("", "acme.world", "acme.world"),
            ("", "./a/../acme.world", "acme.world"),
            ("worlds/acme.world", "days.world", "worlds/days.world"),
            ("worlds/acme.world", "../days.world", "days.world"),
            ("acme.world", "../days.world", "../days.world"),
            ("../a/acme.world", "../../days.world", "../../days.world"),
        ] {
            assert_eq!(joined(file, path), expected, "{file} {path}");
        }
    }
}
