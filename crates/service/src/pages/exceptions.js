// Dates on which other hours hold than the week's.

import { el } from "./dom.js";
import { Row, later } from "./day.js";

/** A single date, which has a field of its own; all else that names dates is text (rule S7). */
const SINGLE = /^(\d{4}-\d\d-\d\d)?$/;
const EXAMPLES = "*-12-24..*-01-01, last-mon-may, easter-2d";

/** Dates on which other hours hold (rules S5, S7), and what is cut out of dates (rule S8). */
export class Exceptions {
  constructor(onchange) {
    this.onchange = onchange;
    this.list = el("div", { class: "exceptions" });
    const add = el("button", { type: "button", onclick: () => this.add("", [], true) }, "Add a date");
    const addMany = el(
      "button",
      { type: "button", onclick: () => this.add("", [], true, { text: true }) },
      "Add a range, or dates of every year",
    );
    this.root = el("div", {}, this.list, add, " ", addMany);
    this.entries = [];
  }

  add(date, texts, fresh = false, { text = !SINGLE.test(date), cut = false } = {}) {
    const row = new Row("This date", later, this.onchange);
    row.set(texts);
    const entry = { row };
    const kind = el(
      "select",
      { "aria-label": "On that date", onchange: () => pick() },
      el("option", { value: "closed" }, "closed all day"),
      el("option", { value: "open" }, "own hours"),
      el("option", { value: "cut" }, "closed part of it"),
    );
    const day = el("input", {
      type: text ? "text" : "date",
      value: date,
      "aria-label": text ? `Dates, such as ${EXAMPLES}` : "Date",
      placeholder: text ? EXAMPLES : "",
      required: true,
      oninput: () => this.onchange(),
    });
    const away = el(
      "button",
      { type: "button", class: "quiet", "aria-label": "Remove this date", onclick: () => remove() },
      "Remove",
    );
    entry.root = el(
      "div",
      { class: "exception", role: "group", "aria-label": "Exception" },
      el("div", { class: "bar tight" }, day, kind, away),
      row.root,
    );
    entry.read = () => ({
      dates: day.value.trim(),
      hours: kind.value === "closed" ? [] : row.texts,
    });
    entry.day = day;
    Object.defineProperty(entry, "isCut", { get: () => kind.value === "cut" });
    const pick = () => {
      row.root.hidden = kind.value === "closed";
      if (!row.root.hidden && row.segments.length === 0) row.add();
      this.onchange();
    };
    const remove = () => {
      this.entries = this.entries.filter((other) => other !== entry);
      entry.root.remove();
      this.onchange();
    };
    kind.value = cut ? "cut" : texts.length === 0 ? "closed" : "open";
    row.root.hidden = texts.length === 0;
    this.entries.push(entry);
    this.list.append(entry.root);
    if (fresh) {
      day.focus();
      this.onchange();
    }
  }

  /** A calendar file is shown, and can be removed; what it says is not edited here. */
  calendar(item) {
    const entry = { item, isCut: false };
    const away = el(
      "button",
      { type: "button", class: "quiet", "aria-label": "Remove this calendar", onclick: () => remove() },
      "Remove",
    );
    const remove = () => {
      this.entries = this.entries.filter((other) => other !== entry);
      entry.root.remove();
      this.onchange();
    };
    entry.root = el(
      "div",
      { class: "exception", role: "group", "aria-label": "Calendar" },
      el("div", { class: "bar tight" }, "The dates of a calendar file", away),
    );
    entry.read = () => item;
    this.entries.push(entry);
    this.list.append(entry.root);
  }

  /** Dates as an object or an array, whose order counts, and cuts. */
  set(dates, cuts = []) {
    this.entries = [];
    this.list.replaceChildren();
    const items = Array.isArray(dates)
      ? dates
      : Object.entries(dates).map(([named, hours]) => ({ dates: named, hours }));
    for (const item of items) {
      if (item.ics === undefined) this.add(item.dates, item.hours);
      else this.calendar(item);
    }
    for (const item of cuts) this.add(item.dates, item.hours, false, { cut: true });
  }

  get() {
    const items = this.entries.filter((entry) => !entry.isCut).map((entry) => entry.read());
    const cuts = this.entries.filter((entry) => entry.isCut).map((entry) => entry.read());
    return { dates: items, cuts };
  }

  /** The field of the date or the cut that the service counts from 0, as it was sent. */
  field(isCut, place) {
    return this.entries.filter((entry) => entry.isCut === isCut)[place]?.day;
  }

  /** What cannot be saved: no date, a date twice, or hours that are none. */
  get fault() {
    const seen = new Set();
    for (const { day, row, isCut } of this.entries.filter((entry) => entry.day)) {
      const text = !day.value
        ? "An exception has no date."
        : !isCut && seen.has(day.value)
          ? `There are two exceptions for ${day.value}.`
          : null;
      if (text) return { text, at: day };
      if (!row.root.hidden && !row.valid)
        return { text: "The hours of an exception cannot be read.", at: row.input };
      if (!isCut) seen.add(day.value);
    }
    return null;
  }
}
