// For administrators: which hours of the week were staffed, of a property's widget, as a heat map. It is
// a table, so that who listens to the page or goes through it by keys has the same numbers.

import { attempt, el, show } from "./dom.js";
import { coveragePath } from "./api.js";
import { Question } from "./question.js";

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOURS = [...Array(24).keys()];

/** The least share of open time of each level, from always staffed to never. */
const LEVELS = [
  ["h0", 0.95, "95 % staffed or more", "97"],
  ["h1", 0.75, "75 % or more", "80"],
  ["h2", 0.5, "half or more", "60"],
  ["h3", Number.MIN_VALUE, "less", "20"],
  ["h4", 0, "never", "0"],
];
const CLOSED = [
  ["shut", "closed", ""],
  ["shut-there", "closed, people there", "•"],
];

const two = (number) => String(number).padStart(2, "0");

/** `3 h 12 min`: a length in milliseconds as people say it. */
export function length(ms) {
  const minutes = Math.round(ms / 60_000);
  if (minutes === 0) return ms > 0 ? "under a minute" : "0 min";
  const hours = Math.floor(minutes / 60);
  return [hours && `${hours.toLocaleString("en")} h`, minutes % 60 && `${minutes % 60} min`]
    .filter(Boolean)
    .join(" ");
}

/** A share as people say it; what is not all is not 100 %. */
const percent = (share) => `${share < 1 ? Math.min(Math.round(share * 1000) / 10, 99.9) : 100} %`;

/** What an hour of the week was: its level, its number, and all of it in words. */
export function hourOf({ staffed_ms: staffed, away_only_ms: away, empty_ms: empty, after_hours_ms: after }) {
  const open = staffed + away + empty;
  if (open === 0) {
    const [level, words, number] = CLOSED[after > 0 ? 1 : 0];
    return { level, number, words };
  }
  const share = staffed / open;
  const [level] = LEVELS.find(([, least]) => share >= least);
  // Rounding makes neither all of most, nor nothing of little.
  const rounded = Math.round(share * 100);
  const number = share === 0 || share === 1 ? rounded : Math.min(Math.max(rounded, 1), 99);
  const words = `${percent(share)} staffed, ${percent(away / open)} away only, ${percent(empty / open)} empty`;
  return { level, number: String(number), words };
}

export class Coverage {
  /** `ask(path)` reads from the service as the administrator. */
  constructor(ask) {
    this.ask = ask;
    this.report = new Question();
    this.facts = el("p", { class: "coverage-facts" });
    this.span = el("p", { class: "muted small" });
    this.table = el("table", { class: "heat" });
    this.gaps = el("ol", { class: "gaps" });
    this.gapsTitle = el("h3", {}, "Longest open and empty");
    this.again = el("button", { type: "button", onclick: () => this.load() }, "Reckon it again");
    this.body = el(
      "div",
      { hidden: true },
      this.facts,
      this.legend(),
      el(
        "div",
        { class: "heat-scroll", tabindex: "0", role: "region", "aria-label": "Hours of the week" },
        this.table,
      ),
      this.span,
      this.gapsTitle,
      this.gaps,
    );
    this.error = el("p", { class: "error", role: "alert", hidden: true });
    this.root = el(
      "section",
      { class: "card", id: "coverage", "aria-labelledby": "coverage-title" },
      el("h2", { id: "coverage-title" }, "Which hours hurt"),
      this.body,
      this.error,
      this.again,
    );
  }

  legend() {
    const key = (level, number, words) =>
      el("li", {}, el("span", { class: `key ${level}`, "aria-hidden": "true" }, number), words);
    return el(
      "ul",
      { class: "heat-legend", "aria-label": "Legend" },
      LEVELS.map(([level, , words, number]) => key(level, number, words)),
      CLOSED.map(([level, words, number]) => key(level, number, words)),
    );
  }

  /** The last 28 days of a property's own widget, or of another one of its widgets. */
  async open(property, widget) {
    this.property = property;
    this.widget = widget ? `${property}/${widget}` : property;
    this.body.hidden = true;
    await this.load();
  }

  load() {
    const { property, widget } = this;
    return attempt(null, this.error, async () => {
      const report = await this.report.ask(() => this.ask(coveragePath(property)));
      if (!report) return;
      const figures = report.widgets.find((one) => one.widget === widget);
      if (!figures) throw new Error(`There are no figures of ${widget}.`);
      this.show(report, figures);
    });
  }

  show(report, figures) {
    const { staffed_ms: staffed, away_only_ms: away, empty_ms: empty, timezone } = figures;
    const open = staffed + away + empty;
    show(
      this.facts,
      open === 0
        ? "It was never open."
        : `Open for ${length(open)}: ${percent(staffed / open)} staffed, ${percent(away / open)} away only, ${percent(empty / open)} empty (${length(empty)}).`,
    );
    this.fill(figures.hours);
    const at = (instant) =>
      new Date(instant).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: timezone });
    this.span.textContent = `Percent of its open time in which somebody was online, by hour of the week in ${timezone}, from ${at(report.from)} to ${at(report.to)}, by the hours and members that are set now.`;
    const gaps = figures.stretches.empty.longest.slice(0, 3);
    this.gapsTitle.hidden = gaps.length === 0;
    this.gaps.replaceChildren(
      ...gaps.map(({ from, ms, began }) => el("li", {}, el("b", {}, length(ms)), ` from ${at(from)}: ${began}`)),
    );
    this.body.hidden = false;
  }

  /** Hours go down and days across, so that the numbers stay readable on a phone. */
  fill(hours) {
    const head = el(
      "tr",
      {},
      el("th", { scope: "col" }, el("span", { class: "unseen" }, "Hour")),
      DAYS.map((day) => el("th", { scope: "col" }, el("abbr", { title: day }, day.slice(0, 3)))),
    );
    const cell = (hour, day) => {
      const { level, number, words } = hourOf(hours[day * 24 + hour]);
      const title = `${DAYS[day]} ${two(hour)}:00: ${words}`;
      return el(
        "td",
        { class: level, title },
        el("span", { "aria-hidden": "true" }, number),
        el("span", { class: "unseen" }, words),
      );
    };
    const row = (hour) =>
      el("tr", {}, el("th", { scope: "row" }, `${two(hour)}:00`), DAYS.map((_, day) => cell(hour, day)));
    this.table.replaceChildren(
      el("caption", { class: "unseen" }, "Staffed share of open time, by hour and day of the week"),
      el("thead", {}, head),
      el("tbody", {}, HOURS.map(row)),
    );
  }
}
