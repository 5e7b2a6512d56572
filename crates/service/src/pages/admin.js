// For administrators: what is open of properties and widgets, its settings, and what others change of it meanwhile.

import { $, attempt, el, options, quoted, say, show } from "./dom.js";
import { call, exchange, messagesPath, settingsPath } from "./api.js";
import { ask } from "./ask.js";
import { Coverage } from "./coverage.js";
import { Directory, addressOf, offer, propertyRow } from "./directory.js";
import { Members } from "./members.js";
import { merge } from "./merge.js";
import { Question } from "./question.js";
import { SettingsForm } from "./settings.js";
import { Whole } from "./whole.js";

/** The key is kept for this tab alone, and so is what was typed and not saved. */
const KEY = "lamplighter.admin-key";
const DRAFT = "lamplighter.draft";
/** More messages than these are told as so many or more. */
const MESSAGES_TOLD_MAX = 50;

/** The parts of the page, by their ids. */
const SECTIONS = {
  coverage: "Which hours hurt",
  members: "Members",
  hours: "Hours",
  visibility: "Visibility",
  greetings: "Greetings",
};

/** "the hours and the greetings" */
const list = (parts) => parts.join(", ").replace(/, ([^,]*)$/, " and $1");

/** `1 message`, `3 messages` */
const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

export class Admin {
  /** `opened(property, widget)` hears what is opened, `look(property, widget)` what there is to be seen of it. */
  constructor(opened, look) {
    this.opened = opened;
    this.look = look;
    this.property = null;
    this.widget = "";
    /** What was read of whatever is open, and its version. */
    this.read = null;
    this.settings = new Question();
    this.widgets = new Question();
    this.form = new SettingsForm({
      save: () => this.save(),
      remove: () => this.remove(),
      removeAll: () => this.removeAll(),
      discard: () => this.discard(),
      changed: () => this.keep(),
    });
    const asAdmin = (method, path, body) => this.call(method, path, body);
    this.coverage = new Coverage((path) => asAdmin("GET", path));
    this.members = new Members(asAdmin, (data) => {
      if (data) this.read.answer = { ...this.read.answer, members: data.members, suspended: data.suspended };
      this.coverage.load();
    });
    this.properties = new Directory("properties", "All properties", asAdmin, propertyRow);
    this.whole = new Whole(asAdmin);
    this.sections = el(
      "nav",
      { class: "sections", "aria-label": "Settings" },
      Object.entries(SECTIONS).map(([id, text]) =>
        el("button", { type: "button", class: "quiet", dataset: { section: id }, onclick: () => this.jump(id) }, text),
      ),
    );
    $("#rooms").hidden = true;
    $("#rooms").append(this.sections, this.coverage.root, this.members.root, this.form.root);
    $("#whole").append(this.properties.root, this.whole.root);
    const { property, widget } = $("#admin-choice").elements;
    offer(property, $("#properties"), "properties", asAdmin);
    widget.addEventListener("focus", () => property.value.trim() && this.offerWidgets(property.value.trim()));
    $("#key").addEventListener("submit", (event) => this.unlock(event));
    $("#forget").addEventListener("click", () => this.forget());
    $("#admin-choice").addEventListener("submit", (event) => {
      event.preventDefault();
      this.open(property.value.trim(), widget.value.trim());
    });
    $("#create").addEventListener("click", (event) =>
      attempt(event.target, $("#admin-error"), async () => {
        await this.call("PUT", this.path, {});
        await this.load();
        this.properties.open();
      }),
    );
    addEventListener("beforeunload", (event) => this.form.isDirty && event.preventDefault());
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
      if (problem.status === 401) {
        problem.message = "The key is not accepted.";
        this.lock(problem.message);
      }
      throw problem;
    }
  }

  // The key

  async enter(property, widget) {
    const unlocked = this.key !== null;
    $("#key").hidden = unlocked;
    $("#admin").hidden = !unlocked;
    if (!unlocked) return;
    if ($("#zones").childElementCount === 0) options($("#zones"), Intl.supportedValuesOf("timeZone"));
    if (property && (property !== this.property || (widget ?? "") !== this.widget)) this.open(property, widget ?? "");
    this.properties.open();
    this.whole.open();
  }

  unlock(event) {
    event.preventDefault();
    const input = event.target.elements.key;
    attempt($("button", event.target), $(".error", event.target), async () => {
      await call("GET", "/v1/settings", input.value).catch((problem) => {
        throw problem.status === 401 ? new Error("This is not the key of an administrator.") : problem;
      });
      sessionStorage.setItem(KEY, input.value);
      input.value = "";
      const { property, widget } = $("#admin-choice").elements;
      this.enter(property.value.trim(), widget.value.trim());
      $("#admin-title").focus();
    });
  }

  async forget() {
    if (!(await this.mayLeave())) return;
    sessionStorage.removeItem(DRAFT);
    this.lock(null);
  }

  /** Without a key there is nothing to be seen; what was typed stays for the next one. */
  lock(why) {
    sessionStorage.removeItem(KEY);
    this.property = null;
    this.hide();
    this.enter();
    show($("#key .error"), why);
    $("#key").elements.key.focus();
  }

  // What is open

  async open(property, widget) {
    if (!property) return;
    if (!(await this.mayLeave())) {
      this.opened(this.property, this.widget);
      return;
    }
    this.property = property;
    this.widget = widget === property ? "" : widget;
    this.opened(this.property, this.widget);
    // What is still to be seen is of what was open before, and must not be written into this.
    this.hide();
    await attempt(null, $("#admin-error"), () => this.load());
  }

  /** Asks what is to become of what was typed and not saved. */
  async mayLeave() {
    if (!this.form.isDirty) return true;
    const of = quoted([this.property, this.widget].filter(Boolean).join("/"));
    const choice = await ask(`What you have changed of ${of} is not saved.`, {
      save: "Save it",
      discard: "Discard it",
      stay: "Stay here",
    });
    if (choice === "discard") {
      this.form.opened = null;
      sessionStorage.removeItem(DRAFT);
    }
    if (choice === "save") await this.form.submit(new Event("submit"));
    return !this.form.isDirty;
  }

  async load() {
    const { property, widget } = this;
    $("#missing").hidden = true;
    try {
      const [read] =
        (await this.settings.ask(() => Promise.all([this.exchange("GET", this.path), this.offerWidgets(property)]))) ?? [];
      if (!read) return;
      this.read = read;
      this.show(read.answer);
      this.restore();
    } catch (problem) {
      this.hide();
      if (problem.status !== 404) throw problem;
      $("#missing-text").textContent = widget
        ? `There is no widget ${quoted(`${property}/${widget}`)} yet.`
        : `There is no property ${quoted(property)} yet.`;
      $("#missing").hidden = false;
    }
  }

  /** The further widgets of a property. */
  async widgetsOf(property) {
    for (let after = ""; ; ) {
      // Others may have its name in theirs.
      const query = new URLSearchParams({ search: property, limit: 200, after });
      const { properties, next } = await this.call("GET", `/v1/properties?${query}`);
      const found = properties.find((one) => one.property === property);
      if (found || !next) return found?.widgets ?? [];
      after = next;
    }
  }

  /** The same, for the field of widgets. */
  async offerWidgets(property) {
    const widgets = await this.widgets.ask(() => this.widgetsOf(property).catch(() => []));
    if (widgets) options($("#widgets"), widgets);
  }

  /** Nothing of any settings is to be seen, and none can be written. */
  hide() {
    this.settings.forget();
    this.form.opened = null;
    $("#rooms").hidden = true;
  }

  show(data) {
    $("#rooms").hidden = false;
    this.members.root.hidden = this.widget !== "";
    $('[data-section="members"]', this.sections).hidden = this.widget !== "";
    this.form.open(data, this.widget !== "");
    this.members.open(this.property, data);
    this.coverage.open(this.property, this.widget);
    this.look(this.property, this.widget);
  }

  /** To a part of the page. */
  jump(id) {
    const part = $(`#${id}`);
    part.scrollIntoView({ block: "start" });
    $("h2, legend", part).focus({ preventScroll: true });
    for (const button of this.sections.children) {
      if (button.dataset.section === id) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  // What is typed

  /** Keeps over a reload what is not saved, with what it was typed over. */
  keep() {
    if (!this.read || !this.form.opened) return;
    if (!this.form.isDirty) return sessionStorage.removeItem(DRAFT);
    const { path, read } = this;
    sessionStorage.setItem(DRAFT, JSON.stringify({ path, read, settings: this.form.collect() }));
  }

  restore() {
    const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
    if (draft?.path !== this.path) return;
    // Written over what it was typed over: should somebody have changed that, the save hears of it.
    this.read = draft.read;
    this.form.open(draft.read.answer, this.widget !== "");
    this.form.fill(draft.settings);
    this.form.dirty();
    this.form.state.textContent = "Not saved yet, from before";
  }

  discard() {
    sessionStorage.removeItem(DRAFT);
    this.form.opened = null;
    say("Discarded");
    return attempt(null, $("#admin-error"), () => this.load());
  }

  /** Writes the form over what it was filled from, and over nothing else: while it is written something else may be opened. */
  async save() {
    const { path } = this;
    for (;;) {
      const settings = this.form.collect();
      const whole = { ...this.read.answer, ...settings };
      try {
        const { version } = await this.exchange("PUT", path, whole, this.read.version);
        const now = await this.exchange("GET", path);
        if (path !== this.path) return;
        // Should it have been changed once more already, the next save hears of it.
        this.read = now.version === version ? now : { answer: whole, version };
        this.form.opened = settings;
        sessionStorage.removeItem(DRAFT);
        // It goes by what is set now.
        this.coverage.load();
        return;
      } catch (problem) {
        if (problem.status !== 412 || path !== this.path) throw problem;
        await this.takeOver(path);
      }
    }
  }

  /** Takes what somebody else has changed meanwhile into the form, beside what was changed here. */
  async takeOver(path) {
    const now = await this.exchange("GET", path);
    if (path !== this.path) throw new Error("It was changed by somebody else meanwhile, and is not saved.");
    const { settings, theirs, both } = merge(this.form, this.read.answer, now.answer);
    this.read = now;
    this.members.open(this.property, now.answer);
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
    this.form.opened = null;
    sessionStorage.removeItem(DRAFT);
    say("Deleted");
    await this.open(this.property, "");
    this.properties.open();
  }

  /** Takes the property away, with whatever goes with it, which is named and asked about before. */
  async removeAll() {
    const { property, path } = this;
    const [widgets, { messages }] = await Promise.all([
      this.widgetsOf(property),
      this.call("GET", messagesPath(property, { limit: MESSAGES_TOLD_MAX })),
    ]);
    const { members } = this.read.answer;
    const left = messages.length < MESSAGES_TOLD_MAX ? counted(messages.length, "message") : `${MESSAGES_TOLD_MAX} messages or more`;
    const choices = messages.length > 0 ? { all: "Delete it and the messages", read: "Read them first" } : { alone: "Delete it" };
    const details = [
      "Its hours, greetings and all other settings go.",
      widgets.length > 0 ? `Its further widgets go: ${list(widgets.map(quoted))}.` : "It has no further widgets.",
      members.length > 0 ? `${counted(members.length, "member")} of its team: the accounts stay.` : "It has no members.",
      messages.length > 0 ? `Visitors have left ${left}, which would go, too.` : "No visitor has left a message.",
    ];
    const question = `Delete ${quoted(property)} for good?`;
    const choice = await ask(question, { ...choices, keep: "Keep it" }, { details, grave: true });
    if (choice === "read") location.hash = addressOf("messages", property);
    if (choice !== "all" && choice !== "alone") return;
    await this.call("DELETE", choice === "all" ? `${path}?messages=delete` : path);
    this.form.opened = null;
    sessionStorage.removeItem(DRAFT);
    say(`${quoted(property)} is deleted`);
    this.property = null;
    this.hide();
    this.opened("", "");
    await this.properties.open();
    $("#all-properties-title").focus();
  }
}
