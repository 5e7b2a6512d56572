//! Properties and widgets, in the file and in those that it includes.

use super::{Drawing, Drawn, Kind, Line};
use lamplighter_scenario::language::write_name;

/// Names of properties: words of the language among them, which mean nothing in their place.
const PROPERTIES: [&str; 10] =
    ["acme", "lamps", "no", "as", "off", "every", "until", "closed", "Ü.x", "-1"];
const AGENTS: [&str; 9] =
    ["ann", "bob", "Ann O'Neil", "ann@example.com", "on", "logs", "a, b # \"c\"", "2", "{x}"];
const WEEKS: [&[&str]; 5] = [
    &["mon-fri"],
    &["daily"],
    &["mon,wed-fri", "tue", "sat-sun"],
    &["sat-mon", "tue-fri"],
    &["mon-mon", "sun"],
];
const DATES: [&str; 11] = [
    "2026-12-25",
    "2026-12-24..2027-01-01",
    "*-12-26",
    "*-12-24..*-01-01",
    "4th-thu-nov",
    "last-mon-may",
    "easter",
    "easter-2d",
    "5th-fri-oct+1d",
    "*-02-29",
    "2026-03-09..2026-03-09",
];
const HOURS: [&str; 6] = [
    "closed",
    "09:00-12:00 13:00-17:00",
    "22:00-02:00",
    "18:00-09:00+3d",
    "00:00-24:00",
    "08:00-08:30 23:59-00:01",
];

impl Drawing<'_, '_> {
    /// `include` lines and blocks; what a file of blocks includes is drawn into it.
    pub fn all_blocks(&mut self, drawn: &mut Drawn) {
        for index in 0..1 + self.draws.below(4) {
            if self.draws.one_in(4) {
                let has_table = std::mem::replace(&mut self.has_table, false);
                let inner = format!("w/inner{index}.world");
                let outer = self.draws.pick(&["outer", "w/a b", "ü#"]);
                let outer = format!("{outer}{index}.world");
                let mut world = self.block();
                if self.draws.one_in(3) {
                    let inside = self.block();
                    let from = if outer.starts_with("w/") { &inner[2..] } else { &*inner };
                    world.push(Line::of("include").and([format!("\"{from}\"")]));
                    world.extend(self.block());
                    drawn.worlds.push((inner.clone(), inside));
                }
                drawn.lines.push(Line::of("include").and([format!("\"{outer}\"")]));
                drawn.worlds.push((outer, world));
                self.has_table = has_table;
            } else {
                drawn.lines.extend(self.block());
            }
        }
    }

    /// A property, or a widget of one that is declared.
    fn block(&mut self) -> Vec<Line> {
        let left: Vec<&str> = PROPERTIES
            .into_iter()
            .filter(|name| !self.properties.contains(&(*name).to_owned()))
            .collect();
        let is_widget = !self.properties.is_empty() && self.draws.one_in(3);
        let mut lines = Vec::new();
        let name = if is_widget {
            let of = &self.properties[self.draws.below(self.properties.len())];
            let name =
                format!("{of}/{}{}", self.draws.pick(&["shop", "as", "é"]), self.widgets.len());
            lines.push(Line::of("widget").and([name.clone()]));
            name
        } else {
            let name = self.draws.pick(&left).to_owned();
            lines.push(Line::of("property").and([name.clone()]));
            self.properties.push(name.clone());
            self.members(&mut lines);
            name
        };
        let has_hours = self.settings(&mut lines);
        self.widgets.push((name, has_hours));
        lines
    }

    fn members(&mut self, lines: &mut Vec<Line>) {
        let mut members = self.draws.some(&AGENTS);
        if members.is_empty() && self.draws.one_in(2) {
            members.push("ann");
        }
        for agent in &members {
            if !self.agents.contains(&(*agent).to_owned()) {
                self.agents.push((*agent).to_owned());
            }
        }
        let suspended = self.draws.some(&members);
        for (keyword, mut left) in [("members", members), ("suspended", suspended)] {
            while !left.is_empty() && (keyword == "members" || self.draws.one_in(2)) {
                let count = 1 + self.draws.below(left.len());
                let names: Vec<String> = left.drain(..count).map(|name| self.name(name)).collect();
                lines.push(Line::of(keyword).and(names));
            }
        }
    }

    /// The name of an agent as it is written.
    pub fn name(&self, name: &str) -> String {
        write_name(&self.braced(name))
    }

    /// What is set in a block; whether hours are.
    fn settings(&mut self, lines: &mut Vec<Line>) -> bool {
        let settings = [
            "scheduler",
            "scheduler as",
            "offline-when-all-agents-offline",
            "hide-when-offline",
            "hide-on desktop",
            "hide-on mobile",
            "pages show",
            "pages hide",
            "countries",
            "greeting online",
            "greeting away",
            "greeting offline",
            "pre-chat-form",
        ];
        let mut has_hours = false;
        for setting in self.draws.some(&settings) {
            let is_hours = setting.starts_with("scheduler");
            if is_hours && has_hours {
                continue;
            }
            let more = self.setting(setting);
            has_hours |= is_hours && !more.is_empty();
            lines.extend(more);
        }
        has_hours
    }

    /// A setting with its value, as a block and `set` have it; nothing where it cannot be.
    pub fn setting(&mut self, setting: &str) -> Vec<Line> {
        let line = Line::of(setting);
        match setting {
            "scheduler" => {
                let mut lines = vec![line.and([self.word(Kind::Zone)])];
                self.hours(&mut lines);
                lines
            }
            "scheduler as" => {
                let with_hours = self.widgets.iter().filter(|(_, has_hours)| *has_hours);
                let with_hours: Vec<&str> = with_hours.map(|(name, _)| &**name).collect();
                match with_hours.is_empty() {
                    true => Vec::new(),
                    false => {
                        let name = self.draws.pick(&with_hours).to_owned();
                        vec![line.and([self.or_cell(name)])]
                    }
                }
            }
            "pages show" | "pages hide" => {
                let pages = ["/shop", "*", "/a,b/*", "https://acme.example/?q=1#x", "/ü"];
                let mut chosen = self.draws.some(&pages);
                chosen.resize(chosen.len().max(1), "/");
                vec![line.and(chosen.into_iter().map(|page| self.written(page)))]
            }
            "countries" => {
                let mut chosen = self.draws.some(&["US", "DE", "IN"]);
                chosen.resize(chosen.len().max(1), "FR");
                let which = self.draws.pick(&["only", "except"]).to_owned();
                vec![line.and([which]).and(chosen.into_iter().map(str::to_owned))]
            }
            greeting if greeting.starts_with("greeting") => vec![line.and([self.text()])],
            _ => vec![line],
        }
    }

    /// Lines of hours: weekdays, weeks that take turns, dates, cuts and calendars.
    fn hours(&mut self, lines: &mut Vec<Line>) {
        let words = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        match self.draws.below(3) {
            0 => {}
            // A cell can name the days, and be all that is said of the week.
            1 => {
                // In quotes they would be no word of the language, and it is such a one that begins a line.
                let days = self.word(Kind::Days);
                lines.push(Line::of(days.trim_matches('"')).and([self.word(Kind::Hours)]));
            }
            _ => {
                for days in WEEKS[self.draws.below(WEEKS.len())] {
                    lines.push(Line::of(days).and(words(self.draws.pick(&HOURS))));
                }
            }
        }
        if self.draws.one_in(3) {
            let every = self
                .draws
                .pick(&["every 2 weeks from 2026-01-05", "every 53 weeks from 2025-12-31"]);
            let days = self.draws.pick(&["thu", "daily", "sat,sun"]);
            lines.push(Line::of(days).and(words(self.draws.pick(&HOURS))).and(words(every)));
        }
        for dates in self.draws.some(&DATES) {
            let line = Line::of("date").and([dates.to_owned()]);
            lines.push(match self.draws.below(3) {
                0 => line.and(words(self.draws.pick(&HOURS))),
                1 => line.and(words("closed 12:00-13:00 15:00-15:30")),
                _ => line.and(["closed".to_owned(), self.word(Kind::Hours)]),
            });
        }
        if self.draws.one_in(4) {
            // One of a cell may be among those above, which planning tells, and reading does not.
            lines.push(Line::of("date").and([self.word(Kind::Dates), "closed".to_owned()]));
        }
        if self.draws.one_in(4) {
            lines.push(Line::of("dates").and(["\"days off.ics\"".to_owned(), "closed".to_owned()]));
        }
    }
}
