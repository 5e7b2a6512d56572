// What a widget shows right now, as a visitor would see it, and why.

import { $, el, label, quoted, say, show } from "./dom.js";
import { call, path } from "./api.js";
import { Question } from "./question.js";

const FORMS = {
  none: "the chat at once",
  "pre-chat": "the pre-chat form first",
  offline: "the offline form",
};
const HIDDEN = {
  page: "hidden on this page",
  country: "hidden in this country",
  device: "hidden on this kind of device",
  offline: "hidden while offline",
};

/** How long after a lost stream the next one is tried. */
const RETRY_MS = 3_000;
/** Changes of a team come several at once: why is asked for once. */
const PAUSE_MS = 200;
/** How often is asked why where no socket tells of the team. */
const AGAIN_MS = 15_000;

export class Pane {
  /** `bearer(property)` is the token or key to ask why with, `isTold(property)` whether a socket tells of the team. */
  constructor(bearer, isTold) {
    this.bearer = bearer;
    this.root = $("#pane").content.firstElementChild.cloneNode(true);
    this.stream = null;
    this.target = null;
    this.why = new Question();
    this.visitor = { page: "", device: "desktop", country: "" };
    $("form", this.root).addEventListener("submit", (event) => {
      event.preventDefault();
      const { page, device, country } = event.target.elements;
      this.visitor = {
        page: page.value.trim(),
        device: device.value,
        country: country.value.trim().toUpperCase(),
      };
      if (this.target) this.look(this.target.property, this.target.widget);
    });
    const more = $(".unfold", this.root);
    more.addEventListener("click", () => {
      const isOpen = this.root.classList.toggle("unfolded");
      more.setAttribute("aria-expanded", String(isOpen));
      more.textContent = isOpen ? "Less" : "More";
    });
    setInterval(() => this.stream && !isTold(this.target.property) && document.visibilityState === "visible" && this.ask(), AGAIN_MS);
    // A page that the browser keeps to go back to must not keep its stream: a host has few connections.
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted && this.target) this.look(this.target.property, this.target.widget);
    });
  }

  close() {
    this.stream?.close();
    this.stream = null;
    this.why.forget();
    clearTimeout(this.timer);
  }

  /** The same, unless it is looked at already. */
  follow(property, widget) {
    const { target, stream } = this;
    if (!stream || target.property !== property || target.widget !== widget) this.look(property, widget);
  }

  /** Follows a widget: `widget` is empty for the property's own. */
  look(property, widget) {
    this.close();
    this.target = { property, widget };
    this.known = null;
    this.reset();
    const query = new URLSearchParams(Object.entries(this.visitor).filter(([, value]) => value));
    const at = `/v1/widgets/${path(property, widget)}`;
    $(".demo-link", this.root).href = `/demo/${path(property, widget)}`;
    const stream = new EventSource(`${at}/events?${query}`);
    this.stream = stream;
    const take = (event) => {
      if (this.stream === stream) this.take(JSON.parse(event.data));
    };
    stream.addEventListener("widget", take);
    stream.onmessage = take;
    stream.onerror = () => {
      if (this.stream === stream) this.lost(`${at}?${query}`, stream);
    };
  }

  reset() {
    $(".scene", this.root).dataset.status = "unknown";
    $(".says .mark", this.root).dataset.status = "unknown";
    $(".says-status", this.root).textContent = "Looking…";
    for (const part of [".says-chat", ".fact-form", ".fact-shown", ".fact-next"]) {
      $(part, this.root).textContent = "";
    }
    show($(".says-greeting", this.root), null);
    show($(".error", this.root), null);
    $(".why", this.root).replaceChildren();
  }

  /** A stream that fails cannot say why: an ordinary call can. */
  async lost(url, stream) {
    this.reset();
    $(".says-status", this.root).textContent = "Not known";
    let problem = null;
    try {
      await call("GET", url);
    } catch (found) {
      problem = found;
    }
    if (this.stream !== stream) return;
    show($(".error", this.root), problem?.message);
    if (stream.readyState !== EventSource.CLOSED) return;
    // Nothing to follow, as things stand.
    if (problem && [400, 404, 422].includes(problem.status)) {
      this.stream = null;
      return;
    }
    this.timer = setTimeout(() => this.look(this.target.property, this.target.widget), RETRY_MS);
  }

  take(answer) {
    show($(".error", this.root), null);
    const { status, chat, shown } = answer;
    $(".scene", this.root).dataset.status = status === "online" && !chat ? "unattended" : status;
    $(".scene", this.root).classList.toggle("curtained", !shown);
    $(".says .mark", this.root).dataset.status = status;
    $(".says-status", this.root).textContent = label(status);
    $(".says-chat", this.root).textContent = chat
      ? "A visitor can start a chat."
      : status === "online"
        ? "In its hours, but nobody is there: no chat can start."
        : "No chat can start.";
    show($(".says-greeting", this.root), answer.greeting);
    $(".fact-form", this.root).textContent = FORMS[answer.form] ?? answer.form;
    $(".fact-shown", this.root).textContent = shown
      ? "yes"
      : `no, ${HIDDEN[answer.hidden_because] ?? "hidden"}`;
    $(".fact-next", this.root).textContent = answer.next_change
      ? `next change ${new Date(answer.next_change).toLocaleString(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" })}`
      : "no change to come";
    if (this.known && this.known !== status) say(`${quoted(answer.widget)} is now ${status}`);
    this.known = status;
    this.ask();
  }

  /** Something has changed of the team of a property, which visitors need not see. */
  teamChanged(property) {
    if (property !== this.target?.property || !this.stream) return;
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const { target } = this;
    const bearer = this.bearer(target.property);
    if (!bearer) return;
    const lines = await this.why.ask(() =>
      call("GET", `/v1/explain/${path(target.property, target.widget)}`, bearer).then(
        ({ text }) => text,
        ({ message }) => [message],
      ),
    );
    if (lines) $(".why", this.root).replaceChildren(...lines.filter((line) => line.trim()).map(reason));
  }
}

/** `  rule W1     the scheduler is closed` → the rule's number, and what it says. */
function reason(line) {
  const parts = /^\s*rule (\S+)\s+(.*)$/.exec(line);
  const words = (text) => el("span", { dir: "auto" }, text);
  if (!parts) return el("li", { class: /^\s/.test(line) ? "more" : null }, words(line.trim()));
  return el("li", {}, el("span", { class: "rule" }, parts[1]), words(parts[2]));
}
