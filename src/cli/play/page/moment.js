// What is so at an instant, and why: each widget with the rules that took part, and each agent.

import { $, el, words } from "./dom.js";

export class Moment {
  /** `rules`: what each rule says, by its name. */
  constructor(rules) {
    this.rules = rules;
    this.place = $("#now");
    this.unknown = $("#unknown");
    this.widgets = $("#widgets");
    this.agents = $("#agents");
    /** Which widgets are told in full; the others by a line. */
    this.open = new Map();
  }

  /** Shows what is so; where it is not known, what was so stays in sight, and `why` is told. */
  show(now, why = "") {
    this.place.classList.toggle("stale", !now);
    this.unknown.hidden = !why;
    this.unknown.replaceChildren(...words(why && `It is not known what is so then: ${why}`));
    // What is the same stays as it is, with the focus that may be in it.
    const told = JSON.stringify(now);
    if (!now || told === this.told) return;
    this.told = told;
    this.place.hidden = false;
    const few = now.widgets.length <= 2;
    this.widgets.replaceChildren(
      ...now.widgets.map((widget, index) => this.widget(widget, few || index === 0)),
      leftOut(now.widgets_left_out, "widget"),
    );
    this.agents.replaceChildren(...now.agents.map((agent) => this.agent(agent)), leftOut(now.agents_left_out, "agent"));
  }

  widget(widget, isOpen) {
    const { widget: name, status, chat, reason, rule, next, rules } = widget;
    const look = status === "online" && !chat ? "no-chat" : status;
    const says = status === "online" ? (chat ? "online, chat possible" : "online, no chat") : status;
    const summary = el(
      "summary",
      {},
      el("span", { class: `shape s-${look}`, "aria-hidden": "true" }),
      el("b", { dir: "auto" }, name),
      el("span", { class: "says" }, says),
      el("span", { class: "because" }, `because ${reason}`),
    );
    const isShown = this.open.get(name) ?? isOpen;
    const details = el("details", { class: "told", dataset: { widget: name, status, rule }, open: isShown }, summary);
    const unfold = () => {
      const parts = rules.map((part) =>
        el("li", { class: part.rule ? null : "more" }, part.rule && this.rule(part.rule), el("span", {}, part.text)),
      );
      details.append(el("ul", { class: "why" }, parts), el("p", { class: "next" }, next));
    };
    // Of forty widgets one or two are read.
    if (isShown) unfold();
    details.addEventListener("toggle", () => {
      if (details.open && details.childElementCount === 1) unfold();
      this.open.set(name, details.open);
    });
    return details;
  }

  agent({ name, status, words: says, next }) {
    const isNone = next.endsWith(": none");
    return el(
      "li",
      { dataset: { agent: name, status } },
      el("span", { class: `shape s-${status}`, "aria-hidden": "true" }),
      el("span", {}, says, isNone ? "" : el("small", {}, ` ${next}`)),
      el("span", { class: "unseen" }, ` (${status})`),
    );
  }

  /** The name of a rule, which says it in full. */
  rule(name) {
    const first = name.split("-")[0];
    if (!this.rules[first]) return el("span", { class: "rule" }, name);
    const button = el("button", { type: "button", class: "rule", "aria-label": `What rule ${name} says` }, name);
    button.popoverTargetElement = $("#rule");
    button.addEventListener("click", () => {
      $("#rule-name").textContent = `Rule ${first}`;
      $("#rule-text").textContent = this.rules[first].replaceAll("`", "");
    });
    return button;
  }
}

const leftOut = (count, noun) =>
  count > 0 ? el("p", { class: "next" }, `${count} more ${noun}${count === 1 ? "" : "s"} not shown here`) : "";
