// Lists of what there is, by name, with a search: properties and accounts.

import { attempt, el, label, named, options, quoted, show } from "./dom.js";
import { listPath } from "./api.js";
import { Question } from "./question.js";

const PAGE_LENGTH = 20;
const PAUSE_MS = 150;

/** Where something is, as the address bar has it. */
export const addressOf = (view, property, widget) =>
  `#${[view, property, widget].filter(Boolean).map(encodeURIComponent).join("/")}`;

/** Calls once nobody has typed for a moment. */
function later(work) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, PAUSE_MS);
  };
}

/** Offers names in a field, from those that there are. */
export function offer(input, list, kind, call) {
  const names = new Question();
  const find = later(async () => {
    const search = input.value.trim();
    const found = await names.ask(() => call("GET", listPath(kind, { search, limit: PAGE_LENGTH })).catch(() => null));
    if (found) options(list, found[kind].map((row) => row.property ?? row.agent));
  });
  input.addEventListener("input", find);
  input.addEventListener("focus", find);
}

/** A card with a search and a list below it. */
export class Directory {
  /** `kind` is `properties` or `agents`; `row(item)` is what stands in the list. */
  constructor(kind, title, call, row) {
    this.kind = kind;
    this.call = call;
    this.row = row;
    this.first = new Question();
    /** What the list was searched for, and where its next page begins. */
    this.listed = "";
    this.next = null;
    this.search = el("input", { type: "search", autocapitalize: "none", spellcheck: "false", autocomplete: "off" });
    this.search.addEventListener("input", later(() => this.open()));
    this.list = el("ul", { class: "rows" });
    this.none = el("p", { class: "muted", role: "status", hidden: true });
    this.error = el("p", { class: "error", role: "alert", hidden: true });
    this.older = el("button", { type: "button", hidden: true, onclick: () => this.more() }, "More");
    this.root = el(
      "section",
      { class: "card", id: `all-${kind}`, "aria-labelledby": `all-${kind}-title` },
      el("h2", { id: `all-${kind}-title`, tabindex: "-1" }, title),
      el("label", { class: "narrow" }, "Search", this.search),
      this.list,
      this.none,
      this.error,
      this.older,
    );
  }

  async open() {
    const search = this.search.value.trim();
    await attempt(null, this.error, async () => {
      const page = await this.first.ask(() => this.call("GET", listPath(this.kind, { search, limit: PAGE_LENGTH })));
      if (!page) return;
      this.listed = search;
      this.list.replaceChildren();
      this.take(page);
      const nobody = search ? `Nothing is called like ${quoted(search)}.` : "There is nothing yet.";
      show(this.none, this.list.childElementCount === 0 ? nobody : null);
    });
  }

  more() {
    const { listed, next } = this;
    return attempt(this.older, this.error, async () => {
      const page = await this.call("GET", listPath(this.kind, { search: listed, limit: PAGE_LENGTH, after: next }));
      // Meanwhile the list may have begun anew.
      if (listed === this.listed && next === this.next) this.take(page);
    });
  }

  take(page) {
    this.list.append(...page[this.kind].map((item) => this.row(item)));
    this.next = page.next;
    this.older.hidden = page.next === null;
  }
}

/** A property with its widgets, each of which opens. */
export function propertyRow({ property, status, members, widgets }) {
  const open = (widget) => el("a", { href: addressOf("admin", property, widget) }, named(widget || property));
  return el(
    "li",
    { dataset: { property } },
    el("span", { class: "mark", dataset: { status }, "aria-hidden": "true" }),
    el(
      "span",
      { class: "name" },
      open(""),
      widgets.length > 0 ? el("small", {}, " with ", widgets.flatMap((widget, at) => [at > 0 ? ", " : "", open(widget)])) : null,
      el("small", { class: "under" }, `${label(status)} · ${members === 1 ? "1 member" : `${members} members`}`),
    ),
  );
}

/** An account: who it is, where, and how many devices. */
export function agentRow({ agent, status, devices, properties }, ...buttons) {
  const on = devices === 0 ? "" : ` on ${devices === 1 ? "a device" : `${devices} devices`}`;
  const where = properties.length > 0 ? ` · ${properties.map(quoted).join(", ")}` : " · in no team";
  return el(
    "li",
    { dataset: { account: agent } },
    el("span", { class: "mark", dataset: { status }, "aria-hidden": "true" }),
    el("span", { class: "name" }, named(agent), el("small", { class: "under" }, `${label(status)}${on}${where}`)),
    buttons,
  );
}
