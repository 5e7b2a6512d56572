// What visitors left, newest first, a page at a time and live; and which of it this agent has seen in this browser.

import { $, attempt, el, named, quoted, say, show } from "./dom.js";
import { call, messagesPath } from "./api.js";
import { Question } from "./question.js";

const PAGE_LENGTH = 20;
/** More than these are counted as so many and more. */
const COUNTED_MAX = 50;
/** How often is looked for new ones where nobody tells. */
const LOOK_MS = 15_000;
const READ = "lamplighter.read.";

export class Messages {
  /** `bearer(property)` is the token or key to read them with, `isTold(property)` whether a socket tells of new ones. */
  constructor(bearer, isTold) {
    this.bearer = bearer;
    this.isTold = isTold;
    this.first = new Question();
    this.next = null;
    this.property = null;
    this.title = document.title;
    /** For each property the number of the last message that was seen, and how many came after it. */
    this.read = {};
    this.unread = new Map();
    $("#older").addEventListener("click", () => this.more());
    $("#messages-choice").addEventListener("submit", (event) =>
      this.open(event.target.elements.property.value.trim()),
    );
    document.addEventListener("visibilitychange", () => this.see());
    setInterval(() => this.isLooking && !this.isTold(this.property) && this.catchUp(), LOOK_MS);
  }

  /** Whether the list is before somebody's eyes. */
  get isLooking() {
    return this.property !== null && !$("#view-messages").hidden && document.visibilityState === "visible";
  }

  // Who reads

  /** Begins to count for an agent what of these properties has not been seen. */
  begin(agent, properties) {
    this.agent = agent;
    this.read = JSON.parse(localStorage.getItem(READ + agent) ?? "{}");
    for (const property of properties) this.count(property);
  }

  async count(property) {
    const page = await call("GET", messagesPath(property, { limit: COUNTED_MAX }), this.bearer(property)).catch(() => null);
    if (!page) return;
    const seen = this.read[property] ?? 0;
    this.unread.set(property, page.messages.filter(({ id }) => id > seen).length);
    this.tell();
  }

  /** Says how many have not been seen, in the title and beside the view. */
  tell() {
    const count = [...this.unread.values()].reduce((sum, one) => sum + one, 0);
    const told = count >= COUNTED_MAX ? `${COUNTED_MAX}+` : String(count);
    document.title = count > 0 ? `(${told}) ${this.title}` : this.title;
    show($("#unread"), count > 0 ? told : null);
    show($("#unread-words"), count > 0 ? "new" : null);
  }

  /** What is listed counts as seen once somebody looks at the list. */
  see() {
    if (!this.isLooking) return;
    const last = Number($("#messages-list").firstElementChild?.dataset.id ?? 0);
    if (last > (this.read[this.property] ?? 0)) {
      this.read[this.property] = last;
      if (this.agent) localStorage.setItem(READ + this.agent, JSON.stringify(this.read));
    }
    this.unread.set(this.property, 0);
    this.tell();
  }

  // What there is

  clear() {
    this.property = null;
    this.next = null;
    this.first.forget();
    $("#messages-list").replaceChildren();
    $("#messages-none").hidden = true;
    $("#older").hidden = true;
  }

  /** Forgets whoever has read. */
  end() {
    this.clear();
    this.agent = undefined;
    this.read = {};
    this.unread.clear();
    this.tell();
  }

  async open(property) {
    this.clear();
    if (!property) return;
    this.property = property;
    this.seen = this.read[property] ?? 0;
    $("#messages-choice").elements.property.value = property;
    const page = await attempt(null, $("#messages-error"), () => this.first.ask(() => this.page(property)));
    if (!page) return;
    this.add(page);
    this.see();
  }

  async more() {
    const { property, next } = this;
    const page = await attempt($("#older"), $("#messages-error"), () => this.page(property, next));
    // Meanwhile the list may have begun anew.
    if (page && property === this.property && next === this.next) this.add(page);
  }

  /** The messages of a property before this one, or the newest. */
  page(property, before = null) {
    return call("GET", messagesPath(property, { limit: PAGE_LENGTH, ...(before !== null && { before }) }), this.bearer(property));
  }

  add({ messages, next }) {
    const list = $("#messages-list");
    // Some may have been told of already.
    const oldest = Number(list.lastElementChild?.dataset.id ?? Infinity);
    list.append(...messages.filter(({ id }) => id < oldest).map((message) => this.item(message)));
    this.next = next;
    $("#older").hidden = next === null;
    $("#messages-none").hidden = list.childElementCount > 0;
  }

  /** A visitor has just left one. */
  take({ property, message }) {
    say(`${quoted(message.name)} has left a message with ${quoted(property)}`);
    const isOpen = property === this.property;
    if (isOpen) this.put([message]);
    if (isOpen && this.isLooking) return;
    this.unread.set(property, (this.unread.get(property) ?? 0) + 1);
    this.tell();
  }

  /** Puts those in front that are not there yet. */
  put(messages) {
    const list = $("#messages-list");
    const last = Number(list.firstElementChild?.dataset.id ?? 0);
    list.prepend(...messages.filter(({ id }) => id > last).map((message) => this.item(message)));
    $("#messages-none").hidden = list.childElementCount > 0;
    this.see();
  }

  /** Looks for what came while nobody told. */
  async catchUp() {
    const { property } = this;
    for (const one of this.unread.keys()) if (one !== property) this.count(one);
    if (property === null) return;
    const page = await this.page(property).catch(() => null);
    if (page && property === this.property) this.put(page.messages);
  }

  item({ id, at, widget, name, email, message: text }) {
    const isNew = this.agent !== undefined && id > this.seen;
    const answer = new URLSearchParams({
      subject: `Your message to ${widget}`,
      body: `\n\n${text.split("\n").map((line) => `> ${line}`).join("\n")}`,
    });
    const address = encodeURIComponent(email).replace("%40", "@");
    return el(
      "li",
      { class: "card", dataset: { id, ...(isNew && { fresh: "" }) } },
      el(
        "header",
        {},
        el("b", {}, named(name || "Somebody")),
        " ",
        named(email),
        el("span", { class: "tag" }, named(widget)),
        isNew ? el("span", { class: "tag fresh" }, "new") : null,
        el(
          "time",
          { datetime: at, title: at },
          new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }),
        ),
      ),
      el("p", { class: "words", dir: "auto" }, text || "(left no message, only how to be reached)"),
      // As addresses have it: a blank is no plus there.
      el("p", { class: "reply small" }, el("a", { href: `mailto:${address}?${answer.toString().replaceAll("+", "%20")}` }, "Reply by email")),
    );
  }
}
