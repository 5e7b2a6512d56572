// The form with a widget's settings: hours, exceptions, visibility and content.

import { $, attempt, el, say, show, twice } from "./dom.js";
import { Exceptions } from "./exceptions.js";
import { Week } from "./hours.js";
import { Turns } from "./turns.js";

const STATUSES = [
  ["online", "Online"],
  ["away", "Away"],
  ["offline", "Offline"],
];

const words = (text) => text.split(/[\s,]+/).filter(Boolean);
const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

const check = (field, text, hint) =>
  el(
    "label",
    { class: "check" },
    el("input", { type: "checkbox", dataset: { field } }),
    el("span", {}, text, hint ? el("small", {}, hint) : null),
  );
const area = (field, text, hint) =>
  el(
    "label",
    {},
    text,
    el("textarea", { rows: 2, dataset: { field }, spellcheck: "false" }),
    hint ? el("small", {}, hint) : null,
  );

/** How long it is said that everything is saved. */
const SAVED_MS = 4_000;

export class SettingsForm {
  /**
   * `save()`, `remove()` (a widget), `removeAll()` (a property) and `discard()` talk to the service; `changed()` hears
   * of each edit.
   */
  constructor({ save, remove, removeAll, discard, changed }) {
    this.save = save;
    this.discard = discard;
    this.changed = changed;
    const dirty = () => this.dirty();
    this.week = new Week(dirty);
    this.turns = new Turns(dirty);
    this.exceptions = new Exceptions(dirty);
    this.zone = el("input", {
      list: "zones",
      dataset: { field: "scheduler.timezone" },
      autocomplete: "off",
      spellcheck: "false",
    });
    this.uses = el("input", {
      type: "checkbox",
      dataset: { field: "scheduler" },
      onchange: () => this.toggle(),
    });
    this.hours = el(
      "div",
      {},
      el("label", { class: "narrow" }, "Time zone", this.zone),
      this.week.root,
      el("h3", {}, "Weeks that take turns"),
      this.turns.root,
      el("h3", {}, "Exceptions"),
      this.exceptions.root,
    );
    this.error = el("p", { class: "error", role: "alert", hidden: true });
    this.state = el("span", { class: "muted small", role: "status" });
    this.saves = el("button", { class: "primary" }, "Save");
    this.discards = el("button", { type: "button", class: "quiet", onclick: () => this.discard() }, "Discard");
    this.removes = twice("Delete this widget", "Really delete it?", { class: "quiet danger" }, (button) =>
      attempt(button, this.failure, remove),
    );
    this.removesAll = el("button", { type: "button", class: "quiet danger", onclick: () => attempt(this.removesAll, this.failure, removeAll) }, "Delete this property …");
    /** What went wrong with a removal: the bar with the other error is there only while there is something to save. */
    this.failure = el("p", { class: "error", role: "alert", hidden: true });
    this.countries = el(
      "select",
      { dataset: { field: "countries" }, onchange: () => this.toggle() },
      el("option", { value: "" }, "every country"),
      el("option", { value: "only" }, "only these countries"),
      el("option", { value: "except" }, "all but these countries"),
    );
    this.codes = el("input", {
      placeholder: "US CA GB",
      "aria-label": "Country codes of two letters",
      dataset: { field: "countries" },
      autocapitalize: "characters",
    });
    this.root = el(
      "form",
      { id: "settings", novalidate: true, oninput: dirty, onsubmit: (event) => this.submit(event) },
      el(
        "fieldset",
        { class: "card", id: "hours" },
        el("legend", { tabindex: "-1" }, "Hours"),
        el(
          "label",
          { class: "check" },
          this.uses,
          el(
            "span",
            {},
            "Keep hours",
            el(
              "small",
              {},
              "Outside them the widget is offline, whoever is there. Drag on a day to draw hours, drag their ends, use the arrow keys, or type: 9-17, 09:00 - 12:30 14-18, closed.",
            ),
          ),
        ),
        this.hours,
      ),
      el(
        "fieldset",
        { class: "card", id: "visibility" },
        el("legend", { tabindex: "-1" }, "Visibility"),
        check(
          "offline_when_all_agents_offline",
          "Offline when all agents are offline",
          "Without it, the widget stays up in its hours though no chat can start.",
        ),
        check("hide_when_offline", "Hide the widget while it is offline"),
        check("hide_on.desktop", "Hide it on desktops"),
        check("hide_on.mobile", "Hide it on phones and tablets"),
        el(
          "div",
          { class: "pair" },
          area("pages.show", "Only on these pages", "A pattern a line, such as /shop/*. Empty: everywhere."),
          area("pages.hide", "Not on these pages"),
        ),
        el("div", { class: "bar tight" }, el("label", {}, "Visitors from", this.countries), this.codes),
      ),
      el(
        "fieldset",
        { class: "card", id: "greetings" },
        el("legend", { tabindex: "-1" }, "Greetings and forms"),
        STATUSES.map(([status, text]) => area(`greetings.${status}`, text)),
        check("pre_chat_form", "Ask for name and email before a chat", "While away, for a message, too."),
      ),
      el("div", { class: "delete" }, this.removes, this.removesAll, this.failure),
    );
    this.bar = el(
      "div",
      { class: "save", hidden: true },
      this.error,
      el("div", { class: "bar tight" }, this.saves, this.discards, this.state),
    );
    this.root.append(this.bar);
  }

  /** Whether something stands here that is not saved. */
  get isDirty() {
    if (!this.opened) return false;
    return this.rows.some((row) => !row.valid) || JSON.stringify(this.collect()) !== JSON.stringify(this.opened);
  }

  get rows() {
    if (!this.uses.checked) return [];
    const own = [...this.turns.entries, ...this.exceptions.entries].map(({ row }) => row).filter(Boolean);
    return [...this.week.rows, ...own];
  }

  field(name) {
    return $(`[data-field="${CSS.escape(name)}"]`, this.root);
  }

  dirty() {
    clearTimeout(this.saying);
    const { isDirty } = this;
    this.state.textContent = isDirty ? "Not saved yet" : "";
    this.bar.hidden = !isDirty;
    for (const button of [this.saves, this.discards]) button.hidden = false;
    show(this.error, null);
    this.changed();
    for (const node of this.root.querySelectorAll(':is([data-field], .exception .bar *)[aria-invalid="true"]'))
      node.removeAttribute("aria-invalid");
  }

  toggle() {
    this.exceptions.month.draw();
    this.hours.hidden = !this.uses.checked;
    this.codes.hidden = !this.countries.value;
    if (this.uses.checked && !this.zone.value)
      this.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  /** Shows what is set, and remembers how it stands here: what differs from it later was changed here. */
  open(data, isWidget) {
    this.opened = null;
    this.fill(data);
    this.removes.hidden = !isWidget;
    this.removesAll.hidden = isWidget;
    show(this.failure, null);
    show(this.error, null);
    this.state.textContent = "";
    this.bar.hidden = true;
    this.opened = this.collect();
  }

  /** Says for a moment that it is saved; then there is nothing to save. */
  saved() {
    this.state.textContent = "Saved";
    for (const button of [this.saves, this.discards]) button.hidden = true;
    this.saying = setTimeout(() => {
      this.bar.hidden = !this.isDirty;
    }, SAVED_MS);
    say("Saved");
  }

  fill(data) {
    const { scheduler, countries } = data;
    this.uses.checked = Boolean(scheduler);
    this.zone.value = scheduler?.timezone ?? "";
    this.week.set(scheduler?.hours ?? {});
    this.exceptions.set(scheduler?.dates ?? {}, scheduler?.cuts);
    this.turns.set(scheduler?.every ?? []);
    for (const name of ["offline_when_all_agents_offline", "hide_when_offline", "pre_chat_form"])
      this.field(name).checked = Boolean(data[name]);
    for (const kind of ["desktop", "mobile"])
      this.field(`hide_on.${kind}`).checked = (data.hide_on ?? []).includes(kind);
    for (const list of ["show", "hide"])
      this.field(`pages.${list}`).value = (data.pages?.[list] ?? []).join("\n");
    for (const [status] of STATUSES) this.field(`greetings.${status}`).value = data.greetings?.[status] ?? "";
    this.countries.value = countries?.only ? "only" : countries?.except ? "except" : "";
    this.codes.value = (countries?.only ?? countries?.except ?? []).join(" ");
    this.toggle();
  }

  collect() {
    const kind = this.countries.value;
    return {
      scheduler: this.uses.checked
        ? {
            timezone: this.zone.value.trim(),
            hours: this.week.get(),
            every: this.turns.get(),
            ...this.exceptions.get(),
          }
        : null,
      offline_when_all_agents_offline: this.field("offline_when_all_agents_offline").checked,
      hide_when_offline: this.field("hide_when_offline").checked,
      hide_on: ["desktop", "mobile"].filter((device) => this.field(`hide_on.${device}`).checked),
      pages: { show: lines(this.field("pages.show").value), hide: lines(this.field("pages.hide").value) },
      countries: kind ? { [kind]: words(this.codes.value.toUpperCase()) } : null,
      greetings: Object.fromEntries(
        STATUSES.map(([status]) => [status, this.field(`greetings.${status}`).value]),
      ),
      pre_chat_form: this.field("pre_chat_form").checked,
    };
  }

  async submit(event) {
    event.preventDefault();
    const row = this.week.rows.find((day) => !day.valid);
    const fault = !this.uses.checked
      ? null
      : row
        ? { text: `The hours of ${row.name} cannot be read.`, at: row.input }
        : (this.turns.fault ?? this.exceptions.fault);
    if (fault) {
      show(this.error, fault.text);
      fault.at.focus();
      return;
    }
    await attempt(this.saves, this.error, async () => {
      try {
        await this.save();
        this.saved();
      } catch (problem) {
        this.point(problem.field);
        throw problem;
      }
    });
  }

  /** To the field that the service names, or the one that it is in. */
  point(name) {
    if (!name) return;
    const day = /^scheduler\.hours\.(\w{3})/.exec(name)?.[1];
    const [, list, place] = /^scheduler\.(every|dates|cuts)\[(\d+)\]/.exec(name) ?? [];
    const at = day
      ? this.week.rows.find((row) => row.name.toLowerCase().startsWith(day))?.input
      : list === "every"
        ? this.turns.field(Number(place), name)
        : list
          ? this.exceptions.field(list === "cuts", Number(place))
          : [...this.root.querySelectorAll("[data-field]")].find(
              ({ dataset }) => name.startsWith(dataset.field) && dataset.field !== "scheduler",
            );
    at?.setAttribute("aria-invalid", "true");
    at?.focus();
  }
}
