// What visitors left, newest first, a page at a time.

import { $, attempt, el } from "./dom.js";
import { call } from "./api.js";

const PAGE_LENGTH = 20;

export class Messages {
  /** `bearer(property)` is the token or key to read them with. */
  constructor(bearer) {
    this.bearer = bearer;
    this.next = null;
    this.property = null;
    $("#older").addEventListener("click", () => this.more());
    $("#messages-choice").addEventListener("submit", (event) => {
      event.preventDefault();
      this.open(event.target.elements.property.value.trim());
    });
  }

  clear() {
    this.property = null;
    $("#messages-list").replaceChildren();
    $("#messages-none").hidden = true;
    $("#older").hidden = true;
  }

  async open(property) {
    this.clear();
    if (!property) return;
    this.property = property;
    this.next = null;
    $("#messages-choice").elements.property.value = property;
    await this.more();
  }

  async more() {
    const { property, next } = this;
    const query = new URLSearchParams({ limit: PAGE_LENGTH });
    if (next !== null) query.set("before", next);
    const page = await attempt($("#older"), $("#messages-error"), () =>
      call("GET", `/v1/messages/${encodeURIComponent(property)}?${query}`, this.bearer(property)),
    );
    if (!page || property !== this.property) return;
    const list = $("#messages-list");
    list.append(...page.messages.map(message));
    this.next = page.next;
    $("#older").hidden = page.next === null;
    $("#messages-none").hidden = list.childElementCount > 0;
  }
}

function message({ id, at, widget, name, email, message: text }) {
  const when = new Date(at);
  return el(
    "li",
    { class: "card", dataset: { id } },
    el(
      "header",
      {},
      el("b", {}, name || "Somebody"),
      " ",
      el("a", { href: `mailto:${encodeURIComponent(email)}` }, email),
      el("span", { class: "tag" }, widget),
      el(
        "time",
        { datetime: at, title: at },
        when.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }),
      ),
    ),
    el("p", { class: "words" }, text || "(left no message, only how to be reached)"),
  );
}
