// For administrators: members, accounts, a widget's settings, and what holds for the whole service.

import { $, attempt, el, options, say, show } from "./dom.js";
import { agentPath, call, exchange, memberPath, propertyPath, settingsPath } from "./api.js";
import { Coverage } from "./coverage.js";
import { merge } from "./merge.js";
import { SettingsForm } from "./settings.js";

/** The key is kept for this tab alone. */
const KEY = "lamplighter.admin-key";

/** "the hours and the greetings" */
const list = (parts) => parts.join(", ").replace(/, ([^,]*)$/, " and $1");

export class Admin {
  /** `opened(property, widget)` hears what is being looked at. */
  constructor(opened) {
    this.opened = opened;
    this.property = null;
    this.widget = "";
    /** What was read of whatever is open, and its version. */
    this.read = null;
    this.form = new SettingsForm(
      () => this.save(),
      () => this.remove(),
    );
    this.coverage = new Coverage((path) => this.call("GET", path));
    this.members = el("ul", { class: "members" });
    this.build();
    $("#key").addEventListener("submit", (event) => this.unlock(event));
    $("#forget").addEventListener("click", () => this.forget());
    $("#admin-choice").addEventListener("submit", (event) => {
      event.preventDefault();
      const { property, widget } = event.target.elements;
      this.open(property.value.trim(), widget.value.trim());
    });
    $("#create").addEventListener("click", (event) =>
      attempt(event.target, $("#admin-error"), async () => {
        await this.call("PUT", this.path, {});
        await this.load();
      }),
    );
  }

  get key() {
    return sessionStorage.getItem(KEY);
  }

  /** Property and widget of whatever is open. */
  get path() {
    return settingsPath(this.property, this.widget);
  }

  async call(method, path, body) {
    return (await this.exchange(method, path, body)).answer;
  }

  async exchange(method, path, body, version) {
    try {
      return await exchange(method, path, this.key, body, version);
    } catch (problem) {
      if (problem.status === 401) this.forget("The key is not accepted.");
      throw problem;
    }
  }

  enter() {
    const unlocked = this.key !== null;
    $("#key").hidden = unlocked;
    $("#admin").hidden = !unlocked;
    if (!unlocked) return;
    if ($("#zones").childElementCount === 0) options($("#zones"), Intl.supportedValuesOf("timeZone"));
    const { property, widget } = $("#admin-choice").elements;
    if (this.property === null && property.value) this.open(property.value, widget.value);
    this.loadService();
  }

  unlock(event) {
    event.preventDefault();
    const input = event.target.elements.key;
    attempt($("button", event.target), $(".error", event.target), async () => {
      await call("GET", "/v1/settings", input.value);
      sessionStorage.setItem(KEY, input.value);
      input.value = "";
      this.enter();
    });
  }

  forget(why) {
    sessionStorage.removeItem(KEY);
    this.property = null;
    $("#rooms").hidden = true;
    this.enter();
    show($("#key .error"), typeof why === "string" ? why : null);
  }

  async open(property, widget) {
    if (!property) return;
    this.property = property;
    this.widget = widget === property ? "" : widget;
    const { elements } = $("#admin-choice");
    elements.property.value = property;
    elements.widget.value = this.widget;
    await attempt(null, $("#admin-error"), () => this.load());
  }

  async load() {
    const { property, widget } = this;
    $("#missing").hidden = true;
    try {
      const [read, owner] = await Promise.all([
        this.exchange("GET", this.path),
        widget ? this.call("GET", propertyPath(property)) : null,
      ]);
      if (property !== this.property || widget !== this.widget) return;
      options($("#widgets"), (owner ?? read.answer).widgets ?? []);
      this.read = read;
      this.show(read.answer);
    } catch (problem) {
      $("#rooms").hidden = true;
      if (problem.status !== 404) throw problem;
      $("#missing-text").textContent = widget
        ? `There is no widget ${property}/${widget} yet.`
        : `There is no property ${property} yet.`;
      $("#missing").hidden = false;
    }
  }

  show(data) {
    $("#rooms").hidden = false;
    this.membersCard.hidden = this.widget !== "";
    this.form.open(data, this.widget !== "");
    this.listMembers(data);
    this.coverage.open(this.property, this.widget);
    this.opened(this.property, this.widget);
  }

  /** Writes the form over what it was filled from, and over nothing else. */
  async save() {
    const { path } = this;
    for (;;) {
      const settings = this.form.collect();
      const whole = { ...this.read.answer, ...settings };
      try {
        const { version } = await this.exchange("PUT", path, whole, this.read.version);
        const now = await this.exchange("GET", path);
        // Should it have been changed once more already, the next save hears of it.
        this.read = now.version === version ? now : { answer: whole, version };
        this.form.opened = settings;
        // It goes by what is set now.
        this.coverage.load();
        return;
      } catch (problem) {
        if (problem.status !== 412) throw problem;
        await this.takeOver(path);
      }
    }
  }

  /** Takes what somebody else has changed meanwhile into the form, beside what was changed here. */
  async takeOver(path) {
    const now = await this.exchange("GET", path);
    const { settings, theirs, both } = merge(this.form, this.read.answer, now.answer);
    this.read = now;
    this.listMembers(now.answer);
    // Members are none of the form's: it can be written at once.
    if (theirs.length === 0) return;
    this.form.open(now.answer, this.widget !== "");
    this.form.fill(settings);
    this.form.dirty();
    const who = await this.whoChanged(path);
    const yours = both.length > 0 ? ` Of ${list(both)} what you wrote still stands here.` : "";
    throw new Error(
      `${who} has changed ${list(theirs)} meanwhile. Nothing is saved yet.${yours} Look through it, and save again.`,
    );
  }

  /** Whose key it was, as far as the service has noted it. */
  async whoChanged(path) {
    const { entries } = await this.call("GET", `/v1/audit?${new URLSearchParams({ of: path, limit: 50 })}`);
    const last = entries.find((entry) => entry.path === path);
    return last ? `Somebody with the key “${last.by}”` : "Somebody else";
  }

  async remove() {
    await this.call("DELETE", this.path);
    say("Deleted");
    await this.open(this.property, "");
  }

  // Members

  listMembers({ members = [], suspended = [] }) {
    const all = [...new Set([...members, ...suspended])].sort();
    const row = (agent) => {
      const out = suspended.includes(agent);
      const button = (text, how) =>
        el(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": `${text} ${agent}`,
            onclick: (event) => this.changeMembers(event.target, agent, how),
          },
          text,
        );
      return el(
        "li",
        { dataset: { agent, suspended: out } },
        el("span", { class: "name" }, agent),
        out ? el("span", { class: "tag" }, "suspended") : null,
        out ? button("Reinstate", "reinstate") : button("Suspend", "suspend"),
        button("Remove", "remove"),
      );
    };
    this.members.replaceChildren(
      ...(all.length > 0 ? all.map(row) : [el("li", { class: "muted" }, "No members yet.")]),
    );
  }

  /** Each change of a member is a call of its own, so that it undoes nothing of anybody's. */
  changeMembers(button, agent, how) {
    return attempt(button, $(".error", this.membersCard), async () => {
      const path = memberPath(this.property, agent);
      if (how === "remove") await this.call("DELETE", path);
      else await this.call("PUT", path, { suspended: how === "suspend" });
      this.listMembers(await this.call("GET", this.path));
      this.coverage.load();
      say(`${agent}: done`);
      return true;
    });
  }

  // The cards

  build() {
    const error = () => el("p", { class: "error", role: "alert", hidden: true });
    const plain = { autocapitalize: "none", spellcheck: "false", autocomplete: "off" };
    this.membersCard = el(
      "section",
      { class: "card", id: "members", "aria-labelledby": "members-title" },
      el("h2", { id: "members-title" }, "Members"),
      this.members,
      el(
        "form",
        { class: "bar tight", onsubmit: (event) => this.addMember(event) },
        el("label", {}, "Agent", el("input", { name: "agent", required: true, ...plain })),
        el("button", {}, "Add to the team"),
      ),
      error(),
    );
    const account = el(
      "form",
      { class: "card", id: "account", onsubmit: (event) => this.account(event) },
      el("h2", {}, "Accounts"),
      el("p", { class: "muted small" }, "Creates an account, or gives it another password."),
      el(
        "div",
        { class: "bar tight" },
        el("label", {}, "Agent", el("input", { name: "agent", required: true, ...plain })),
        el(
          "label",
          {},
          "Password",
          el("input", { name: "password", type: "password", required: true, autocomplete: "new-password" }),
        ),
        el("button", {}, "Save the account"),
      ),
      error(),
      el("p", { class: "note", role: "status", hidden: true }),
    );
    this.service = el(
      "form",
      { class: "card", id: "service", onsubmit: (event) => this.saveService(event) },
      el("h2", {}, "The whole service"),
      el(
        "div",
        { class: "bar tight" },
        el(
          "label",
          {},
          "A lost connection counts for",
          el("input", { name: "grace", placeholder: "2m", size: 6, required: true, ...plain }),
        ),
        el(
          "label",
          {},
          "Away by itself after",
          el("input", { name: "auto_away", placeholder: "never", size: 6, ...plain }),
        ),
        el("button", {}, "Save"),
      ),
      error(),
      el("p", { class: "note", role: "status", hidden: true }),
    );
    $("#rooms").hidden = true;
    $("#rooms").append(this.coverage.root, this.membersCard, this.form.root, account, this.service);
  }

  async addMember(event) {
    event.preventDefault();
    const input = event.target.elements.agent;
    if (await this.changeMembers($("button", event.target), input.value.trim(), "add")) input.value = "";
  }

  account(event) {
    event.preventDefault();
    const { target } = event;
    const { agent, password } = target.elements;
    const note = $(".note", target);
    show(note, null);
    attempt($("button", target), $(".error", target), async () => {
      await this.call("PUT", agentPath(agent.value.trim()), { password: password.value });
      show(note, `The account ${agent.value.trim()} is ready.`);
      target.reset();
    });
  }

  loadService() {
    attempt(null, $(".error", this.service), async () => {
      const { grace, auto_away: autoAway } = await this.call("GET", "/v1/settings");
      this.service.elements.grace.value = grace;
      this.service.elements.auto_away.value = autoAway ?? "";
    });
  }

  saveService(event) {
    event.preventDefault();
    const { grace, auto_away: autoAway } = this.service.elements;
    const note = $(".note", this.service);
    show(note, null);
    attempt($("button", this.service), $(".error", this.service), async () => {
      await this.call("PUT", "/v1/settings", {
        grace: grace.value.trim(),
        auto_away: autoAway.value.trim() || null,
      });
      show(note, "Saved");
    });
  }
}
