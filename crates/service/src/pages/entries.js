// A list of entries that can be added and removed, each with hours of its own; what is removed can be had back.

import { el } from "./dom.js";

/** The list; `entry.root` is what stands on the page, `entry.read()` what it says. */
export class Entries {
  constructor(onchange) {
    this.onchange = onchange;
    this.list = el("div", { class: "exceptions" });
    this.entries = [];
  }

  clear() {
    this.entries = [];
    this.list.replaceChildren();
  }

  /** Puts an entry at the end; where it is a new one, its first field has the focus. */
  put(entry, fresh = false) {
    this.entries.push(entry);
    this.list.append(entry.root);
    if (!fresh) return;
    firstField(entry.root)?.focus();
    this.onchange();
  }

  /** The button that removes an entry, and leaves another one that brings it back. */
  removal(entry, what) {
    return el(
      "button",
      { type: "button", class: "quiet", "aria-label": `Remove ${what}`, onclick: () => this.remove(entry(), what) },
      "Remove",
    );
  }

  remove(entry, what) {
    const place = this.entries.indexOf(entry);
    const undo = el("button", { type: "button", class: "quiet", "aria-label": `Undo: bring back ${what}` }, "Undo");
    const note = el("p", { class: "undo small" }, "Removed. ", undo);
    undo.addEventListener("click", () => {
      note.replaceWith(entry.root);
      this.entries.splice(Math.min(place, this.entries.length), 0, entry);
      firstField(entry.root)?.focus();
      this.onchange();
    });
    this.entries.splice(place, 1);
    entry.root.replaceWith(note);
    undo.focus();
    this.onchange();
  }
}

const firstField = (root) => root.querySelector("input, select, button");

/** Hours of an entry, beside a choice of which kind they are; `closed` has none. */
export function kindOf(name, kinds, row, onchange) {
  const select = el(
    "select",
    { "aria-label": name },
    Object.entries(kinds).map(([value, text]) => el("option", { value }, text)),
  );
  const show = () => {
    row.root.hidden = select.value === "closed";
  };
  select.addEventListener("change", () => {
    show();
    if (!row.root.hidden && row.segments.length === 0) row.add();
    onchange();
  });
  return {
    select,
    set(value) {
      select.value = value;
      show();
    },
    get hours() {
      return select.value === "closed" ? [] : row.texts;
    },
    /** Hours that cannot be read. */
    get isFaulty() {
      return !row.root.hidden && !row.valid;
    },
  };
}
