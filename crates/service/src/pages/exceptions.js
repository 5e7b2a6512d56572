// Dates on which other hours hold than the week's.

import { el } from "./dom.js";
import { Row } from "./day.js";

/** Dates on which other hours hold (rule S5). */
export class Exceptions {
  constructor(onchange) {
    this.onchange = onchange;
    this.list = el("div", { class: "exceptions" });
    const add = el("button", { type: "button", onclick: () => this.add("", [], true) }, "Add a date");
    this.root = el("div", {}, this.list, add);
    this.entries = [];
  }

  add(date, texts, fresh = false) {
    const row = new Row("This date", "the next day", this.onchange);
    row.set(texts);
    const entry = { row };
    const kind = el(
      "select",
      { "aria-label": "On that date", onchange: () => pick() },
      el("option", { value: "closed" }, "closed all day"),
      el("option", { value: "open" }, "own hours"),
    );
    const day = el("input", {
      type: "date",
      value: date,
      "aria-label": "Date",
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
    entry.read = () => [day.value, kind.value === "closed" ? [] : row.texts];
    entry.day = day;
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
    kind.value = texts.length === 0 ? "closed" : "open";
    row.root.hidden = texts.length === 0;
    this.entries.push(entry);
    this.list.append(entry.root);
    if (fresh) {
      day.focus();
      this.onchange();
    }
  }

  set(dates) {
    this.entries = [];
    this.list.replaceChildren();
    for (const date of Object.keys(dates).sort()) this.add(date, dates[date]);
  }

  get() {
    return Object.fromEntries(this.entries.map((entry) => entry.read()));
  }

  /** What cannot be saved: no date, a date twice, or hours that are none. */
  get fault() {
    const seen = new Set();
    for (const { day, row } of this.entries) {
      const text = !day.value
        ? "An exception has no date."
        : seen.has(day.value)
          ? `There are two exceptions for ${day.value}.`
          : null;
      if (text) return { text, at: day };
      if (!row.root.hidden && !row.valid)
        return { text: "The hours of an exception cannot be read.", at: row.input };
      seen.add(day.value);
    }
    return null;
  }
}
