// Dates on which other hours hold than the week's.

import { el } from "./dom.js";
import { Row, later } from "./day.js";
import { Entries, kindOf } from "./entries.js";
import { Month } from "./month.js";

/** A single date, which has a field of its own; all else that names dates is text (rule S7). */
const SINGLE = /^(\d{4}-\d\d-\d\d)?$/;
const EXAMPLES = "*-12-24..*-01-01, last-mon-may, easter-2d";
const KINDS = { closed: "closed all day", open: "own hours", cut: "closed part of it" };

/** Dates on which other hours hold (rules S5, S7), and what is cut out of dates (rule S8). */
export class Exceptions extends Entries {
  constructor(onchange) {
    super(() => {
      this.month.draw();
      onchange();
    });
    this.month = new Month({
      of: (date) => this.of(date),
      choose: (date) => this.choose(date),
    });
    const add = el("button", { type: "button", onclick: () => this.add("", [], true) }, "Add a date");
    const addMany = el(
      "button",
      { type: "button", onclick: () => this.add("", [], true, { text: true }) },
      "Add a range, or dates of every year",
    );
    this.root = el("div", {}, this.month.root, this.list, add, " ", addMany);
  }

  add(date, texts, fresh = false, { text = !SINGLE.test(date), cut = false } = {}) {
    const row = new Row("This date", later, () => this.onchange());
    row.set(texts);
    const kind = kindOf("On that date", KINDS, row, () => this.onchange());
    kind.set(cut ? "cut" : texts.length === 0 ? "closed" : "open");
    const day = el("input", {
      type: text ? "text" : "date",
      value: date,
      "aria-label": text ? `Dates, such as ${EXAMPLES}` : "Date",
      placeholder: text ? EXAMPLES : "",
      required: true,
      oninput: () => this.onchange(),
    });
    const entry = {
      row,
      day,
      kind,
      read: () => ({ dates: day.value.trim(), hours: kind.hours }),
      get isCut() {
        return kind.select.value === "cut";
      },
      root: el(
        "div",
        { class: "exception", role: "group", "aria-label": "Exception" },
        el("div", { class: "bar tight" }, day, kind.select, this.removal(() => entry, "this date")),
        row.root,
      ),
    };
    this.put(entry, fresh);
    return entry;
  }

  /** A calendar file is shown, and can be removed; what it says is not edited here. */
  calendar(item) {
    const entry = {
      isCut: false,
      read: () => item,
      root: el(
        "div",
        { class: "exception", role: "group", "aria-label": "Calendar" },
        el(
          "div",
          { class: "bar tight" },
          "The dates of a calendar file",
          this.removal(() => entry, "this calendar"),
        ),
      ),
    };
    this.put(entry);
  }

  /** Dates as an object or an array, whose order counts, and cuts. */
  set(dates, cuts = []) {
    this.clear();
    const items = Array.isArray(dates)
      ? dates
      : Object.entries(dates).map(([named, hours]) => ({ dates: named, hours }));
    for (const item of items) {
      if (item.ics === undefined) this.add(item.dates, item.hours);
      else this.calendar(item);
    }
    for (const item of cuts) this.add(item.dates, item.hours, false, { cut: true });
    this.month.draw();
  }

  get() {
    const items = this.entries.filter((entry) => !entry.isCut).map((entry) => entry.read());
    const cuts = this.entries.filter((entry) => entry.isCut).map((entry) => entry.read());
    return { dates: items, cuts };
  }

  /** What is said of a date: the entry that counts, and whether something is cut out of it. */
  of(date) {
    const named = this.entries.filter(({ day }) => day && this.month.names(day.value.trim(), date));
    return { entry: named.filter((entry) => !entry.isCut).at(-1), cut: named.find((entry) => entry.isCut) };
  }

  /** To the entry that counts on a date, or to a new one. */
  choose(date) {
    const { entry, cut } = this.of(date);
    const found = entry ?? cut ?? this.add(date, []);
    if (!entry && !cut) this.onchange();
    found.day.focus();
  }

  /** The field of the date or the cut that the service counts from 0, as it was sent. */
  field(isCut, place) {
    return this.entries.filter((entry) => entry.isCut === isCut)[place]?.day;
  }

  /** What cannot be saved: no date, a date twice, or hours that are none. */
  get fault() {
    const seen = new Set();
    for (const { day, row, kind, isCut } of this.entries.filter((entry) => entry.day)) {
      const text = !day.value
        ? "An exception has no date."
        : !isCut && seen.has(day.value)
          ? `There are two exceptions for ${day.value}.`
          : null;
      if (text) return { text, at: day };
      if (kind.isFaulty) return { text: "The hours of an exception cannot be read.", at: row.input };
      if (!isCut) seen.add(day.value);
    }
    return null;
  }
}
