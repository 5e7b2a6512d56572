// The members of a property. Each change is a call of its own, so that it undoes nothing of anybody's.

import { $, attempt, el, named, quoted, say, show } from "./dom.js";
import { memberPath, propertyPath } from "./api.js";
import { offer } from "./directory.js";
import { Question } from "./question.js";

export class Members {
  /** `call(method, path, body)` calls as the administrator; `changed(data)` hears what is set now. */
  constructor(call, changed) {
    this.call = call;
    this.changed = changed;
    this.team = new Question();
    this.list = el("ul", { class: "members rows" });
    this.error = el("p", { class: "error", role: "alert", hidden: true });
    this.note = el("p", { class: "note", hidden: true });
    const input = el("input", {
      name: "agent",
      required: true,
      list: "agents",
      autocapitalize: "none",
      spellcheck: "false",
      autocomplete: "off",
    });
    this.root = el(
      "section",
      { class: "card", id: "members", "aria-labelledby": "members-title" },
      el("h2", { id: "members-title", tabindex: "-1" }, "Members"),
      this.list,
      this.note,
      el(
        "form",
        { class: "bar tight", onsubmit: (event) => this.add(event) },
        el("label", {}, "Agent", input),
        el("button", {}, "Add to the team"),
      ),
      this.error,
    );
    offer(input, $("#agents"), "agents", call);
  }

  open(property, data) {
    if (property !== this.property) show(this.note, null);
    this.team.forget();
    this.property = property;
    const { members = [], suspended = [] } = data;
    const all = [...new Set([...members, ...suspended])].sort();
    const rows = all.map((agent) => this.row(agent, suspended.includes(agent)));
    this.list.replaceChildren(...(rows.length > 0 ? rows : [el("li", { class: "muted" }, "No members yet.")]));
  }

  row(agent, isOut) {
    const button = (text, how) =>
      el(
        "button",
        {
          type: "button",
          class: "quiet",
          "aria-label": `${text} ${agent}`,
          onclick: (event) => this.change(event.target, agent, how, isOut),
        },
        text,
      );
    return el(
      "li",
      { dataset: { agent, suspended: isOut } },
      named(agent, { class: "name" }),
      isOut ? el("span", { class: "tag" }, "suspended") : null,
      isOut ? button("Reinstate", "reinstate") : button("Suspend", "suspend"),
      button("Remove", "remove"),
    );
  }

  change(button, agent, how, wasOut = false) {
    const { property } = this;
    return attempt(button, this.error, async () => {
      const path = memberPath(property, agent);
      if (how === "remove") await this.call("DELETE", path);
      else await this.call("PUT", path, { suspended: how === "suspend" });
      say(`${quoted(agent)}: done`);
      // Meanwhile another property may have been opened.
      if (property !== this.property) return true;
      const now = await this.team.ask(() => this.call("GET", propertyPath(property)));
      if (now) {
        this.open(property, now);
        this.changed(now);
      }
      if (property !== this.property) return true;
      show(this.note, null);
      if (how === "remove") this.offerUndo(agent, wasOut);
      return true;
    });
  }

  /** Who was removed by mistake is back with one press. */
  offerUndo(agent, wasOut) {
    const back = (event) => this.change(event.target, agent, wasOut ? "suspend" : "reinstate");
    const undo = el("button", { type: "button", class: "quiet", "aria-label": `Undo: bring back ${agent}`, onclick: back }, "Undo");
    this.note.replaceChildren(named(agent), " is no member any more. ", undo);
    this.note.hidden = false;
    undo.focus();
  }

  async add(event) {
    event.preventDefault();
    const input = event.target.elements.agent;
    if (await this.change($("button", event.target), input.value.trim(), "add")) input.value = "";
  }
}
