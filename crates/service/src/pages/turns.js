// Hours that hold in every second week or more seldom, whose weeks take turns (rule S9).

import { el } from "./dom.js";
import { Row, later } from "./day.js";
import { Entries, kindOf } from "./entries.js";

/** Weekdays as the service reads them: `sat`, `mon-fri`, `mon,wed-fri`, `daily`. */
const DAY = "(?:mon|tue|wed|thu|fri|sat|sun)";
const DAYS = new RegExp(`^(?:daily|${DAY}(?:-${DAY})?(?:,${DAY}(?:-${DAY})?)*)$`);
const WEEKS_MIN = 2;
const WEEKS_MAX = 53;

/** Lines of weekdays, hours, how many weeks and from when, as many as there are. */
export class Turns extends Entries {
  constructor(onchange) {
    super(onchange);
    const add = el("button", { type: "button", onclick: () => this.add({}, true) }, "Add hours of every N-th week");
    this.root = el("div", {}, this.list, add);
  }

  add({ days = "sat", hours = ["09:00-12:00"], weeks = WEEKS_MIN, from = "" }, fresh = false) {
    const row = new Row("These days", later, this.onchange);
    row.set(hours);
    const kind = kindOf("In those weeks", { open: "own hours", closed: "closed" }, row, this.onchange);
    kind.set(hours.length === 0 ? "closed" : "open");
    const input = (name, type, value, more) =>
      el("input", { type, value, "aria-label": name, required: true, oninput: () => this.onchange(), ...more });
    const entry = {
      row,
      kind,
      days: input("Weekdays, such as sat or mon-fri", "text", days, { spellcheck: "false" }),
      weeks: input("Every so many weeks", "number", weeks, { min: WEEKS_MIN, max: WEEKS_MAX }),
      from: input("Counted from the week of this date", "date", from),
    };
    entry.read = () => ({
      days: entry.days.value.trim().toLowerCase(),
      hours: kind.hours,
      weeks: Number(entry.weeks.value),
      from: entry.from.value,
    });
    entry.root = el(
      "div",
      { class: "exception", role: "group", "aria-label": "Weeks that take turns" },
      el(
        "div",
        { class: "bar tight turns" },
        entry.days,
        kind.select,
        el("span", {}, "every"),
        entry.weeks,
        el("span", {}, "weeks from"),
        entry.from,
        this.removal(() => entry, "these weeks"),
      ),
      row.root,
    );
    this.put(entry, fresh);
  }

  /** What the service keeps, in its order. */
  set(every) {
    this.clear();
    for (const item of every) this.add(item);
  }

  get() {
    return this.entries.map((entry) => entry.read());
  }

  /** The field that the service names: `scheduler.every[0].weeks`. */
  field(place, name) {
    const entry = this.entries[place];
    const member = name.split(".").at(-1);
    return member === "hours" ? entry?.row.input : (entry?.[member] ?? entry?.days);
  }

  /** What cannot be saved: weekdays that are none, weeks out of bounds, no date, or hours that are none. */
  get fault() {
    for (const { days, weeks, from, row, kind } of this.entries) {
      const count = Number(weeks.value);
      if (!DAYS.test(days.value.trim().toLowerCase()))
        return { text: `${days.value || "Nothing"} is no weekdays, such as sat or mon-fri.`, at: days };
      if (!Number.isInteger(count) || count < WEEKS_MIN || count > WEEKS_MAX)
        return { text: `Weeks take turns by ${WEEKS_MIN} to ${WEEKS_MAX}.`, at: weeks };
      if (!from.value) return { text: "Weeks that take turns have no date from which they count.", at: from };
      if (kind.isFaulty) return { text: "The hours of weeks that take turns cannot be read.", at: row.input };
    }
    return null;
  }
}
