//! What happens, and what must then be true.

use super::{Drawing, Kind, Line};
use lamplighter_scenario::language::write_name;

impl Drawing<'_, '_> {
    /// `at` blocks, traces, recordings, and `until`.
    pub fn parts(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        for index in 0..self.draws.below(5) {
            if self.draws.one_in(5) {
                lines.push(match self.draws.below(3) {
                    0 => Line::of("replay \"trace.csv\""),
                    1 => Line::of("observed \"seen.csv\" within").and([self.word(Kind::Length)]),
                    _ => Line::of("observed \"seen.csv\""),
                });
            }
            let first = ["2026-03-09 08:00", "2026-03-08T06:59:59.999Z", "2026-02-28 23:59:59.500"];
            let at = match index {
                0 => self.draws.pick(&first).to_owned(),
                _ => self.time(),
            };
            lines.push(Line::of("at").and(at.split(' ').map(str::to_owned)));
            for _ in 0..self.draws.below(8) {
                let more = match self.draws.below(4) {
                    0 => self.expectation(),
                    1 => self.set(),
                    _ => self.event(),
                };
                lines.extend(more);
            }
        }
        if self.draws.one_in(3) {
            lines.push(Line::of("until").and(["2027-01-01".to_owned(), "00:00".to_owned()]));
        }
        lines
    }

    /// A time behind another one.
    fn time(&mut self) -> String {
        match self.draws.below(5) {
            0 => format!("+{}", self.word(Kind::Length)),
            1 => self.draws.pick(&["+1d 09:00", "+3d 00:00:01"]).to_owned(),
            2 => "23:59:59.999".to_owned(),
            3 => "2026-06-01T00:00:00+05:30".to_owned(),
            _ => "2026-06-02 12:30".to_owned(),
        }
    }

    fn widget(&mut self) -> String {
        let name = self.widgets[self.draws.below(self.widgets.len())].0.clone();
        self.or_cell(name)
    }

    fn event(&mut self) -> Vec<Line> {
        if self.agents.is_empty() {
            return Vec::new();
        }
        let agent = &self.agents[self.draws.below(self.agents.len())];
        let agent = write_name(&self.braced(agent));
        let agent = self.or_cell(agent);
        let says = self.draws.pick(&[
            "logs in on",
            "goes STATUS",
            "goes STATUS on",
            "goes STATUS for",
            "goes STATUS for on",
            "goes STATUS on for",
            "logs out",
            "logs out on",
            "loses connection on",
            "reconnects on",
            "is active on",
            "is suspended in",
            "is reinstated in",
        ]);
        let mut words = Vec::new();
        for word in says.split(' ') {
            words.push(match word {
                "STATUS" => self.draws.pick(&["online", "away", "invisible"]).to_owned(),
                word => word.to_owned(),
            });
            match word {
                "on" => {
                    let device = self.word(Kind::Name);
                    // A name that is no plain one stands in quotes, a cell does not need them.
                    let is_cell = self.has_table && device.starts_with('{');
                    let is_written = is_cell || device.starts_with('"');
                    words.push(if is_written { device } else { write_name(&device) });
                }
                "for" => words.push(self.word(Kind::Length)),
                "in" if says.starts_with("is") => {
                    let name = self.properties[self.draws.below(self.properties.len())].clone();
                    words.push(self.or_cell(name));
                }
                _ => {}
            }
        }
        vec![Line::of_words(vec![agent]).and(words)]
    }

    fn set(&mut self) -> Vec<Line> {
        let widget = self.widget();
        let settings = [
            "scheduler",
            "scheduler as",
            "off scheduler",
            "hide-when-offline",
            "off hide-when-offline",
            "hide-on mobile",
            "off hide-on desktop",
            "pages show",
            "off pages hide",
            "countries",
            "off countries",
            "greeting away",
            "off greeting online",
            "off pre-chat-form",
        ];
        let setting = self.draws.pick(&settings);
        let mut lines = self.setting(setting);
        if let Some(first) = lines.first_mut() {
            *first = Line::of("set").and([widget]).then(first);
        }
        lines
    }

    fn expectation(&mut self) -> Vec<Line> {
        let widget = self.widget();
        let clauses = match self.draws.below(7) {
            0 => return vec![Line::of("expect no anomalies")],
            1 => vec!["next never".to_owned()],
            2 => vec![format!("next {}", self.time())],
            3 => {
                let bound = self.draws.pick(&["at most", "at least", "exactly"]);
                let times = self.draws.pick(&["0 times", "1 time", "2 times", "1 times"]);
                vec![format!("changes {bound} {times}"), format!("until {}", self.time())]
            }
            4 => self.visibility(),
            5 if !self.agents.is_empty() => {
                let agent = &self.agents[self.draws.below(self.agents.len())];
                let agent = write_name(&self.braced(agent));
                let status =
                    self.draws.pick(&["online", "away", "invisible", "offline"]).to_owned();
                return vec![self.expect(agent, vec![status])];
            }
            _ => self.status(),
        };
        vec![self.expect(widget, clauses)]
    }

    /// Clauses of what a visitor gets.
    fn status(&mut self) -> Vec<String> {
        let because = self.draws.pick(&["agent-online", "scheduler-closed", "nobody-present"]);
        let form = self.draws.pick(&["pre-chat", "offline", "none"]);
        let clauses = [
            format!("because {because}"),
            self.draws.pick(&["chat possible", "no chat"]).to_owned(),
            format!("form {form}"),
            "greeting".to_owned(),
            format!("until {}", self.time()),
        ];
        let mut clauses = self.draws.some(&clauses);
        clauses.insert(self.draws.below(clauses.len() + 1), self.word(Kind::Status));
        clauses
    }

    /// Clauses of whether a visitor sees the widget.
    fn visibility(&mut self) -> Vec<String> {
        let until = format!("until {}", self.time());
        let visitor = ["to desktop", "in DE", "on /shop", "on TEXT", &until];
        let visitor: Vec<String> = visitor.into_iter().map(str::to_owned).collect();
        let mut clauses = self.draws.some(&visitor);
        if clauses.contains(&visitor[2]) {
            clauses.retain(|clause| *clause != visitor[3]);
        }
        let answer = self.draws.pick(&["shown", "hidden"]);
        if answer == "hidden" && self.draws.one_in(2) {
            clauses.push(format!("because {}", self.draws.pick(&["page", "country", "device"])));
        }
        clauses.insert(self.draws.below(clauses.len() + 1), answer.to_owned());
        clauses
    }

    /// The line with its clauses, commas between them or not.
    fn expect(&mut self, subject: String, clauses: Vec<String>) -> Line {
        let mut line = Line::of_words(vec!["expect".to_owned(), subject]);
        for (index, clause) in clauses.into_iter().enumerate() {
            if index > 0 && !self.draws.one_in(3) {
                line = line.and([",".to_owned()]);
            }
            line = match clause.as_str() {
                "greeting" => line.and([clause, self.text()]),
                "on TEXT" => line.and(["on".to_owned(), self.text()]),
                _ => line.and(clause.split(' ').map(str::to_owned)),
            };
        }
        line
    }
}
