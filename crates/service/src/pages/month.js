// A month on which one sees, and chooses, the dates that have hours of their own.

import { el } from "./dom.js";
import { names } from "./dates.js";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY_MS = 86_400_000;

const iso = (date) => date.toISOString().slice(0, 10);
const told = (date, how) => date.toLocaleDateString(undefined, { timeZone: "UTC", ...how });

/** What is said of a date, in words, and as a mark for those who don't see the colours. */
function looks({ entry, cut }) {
  const kind = entry?.kind.select.value;
  if (kind === "closed") return ["closed", "closed all day"];
  if (kind === "open") return ["open", `open ${entry.kind.hours.join(", ") || "at no hour"}`];
  if (cut) return ["cut", "closed part of it"];
  return ["", "the week's hours"];
}

export class Month {
  /** `of(date)` says what is set on a date such as `2026-12-24`, `choose(date)` goes to it or makes it. */
  constructor({ of, choose }) {
    this.of = of;
    this.choose = choose;
    this.names = names;
    this.first = new Date(`${iso(new Date()).slice(0, 7)}-01T00:00:00Z`);
    this.title = el("h4", { "aria-live": "polite" });
    this.body = el("tbody");
    const step = (by, name, sign) =>
      el("button", { type: "button", class: "quiet", "aria-label": name, onclick: () => this.go(by) }, sign);
    this.root = el(
      "div",
      { class: "month" },
      el(
        "div",
        { class: "month-head" },
        step(-1, "The month before", "←"),
        this.title,
        step(1, "The next month", "→"),
      ),
      el(
        "table",
        { "aria-label": "Dates with hours of their own" },
        el("thead", {}, el("tr", {}, DAYS.map((day) => el("th", { scope: "col" }, day)))),
        this.body,
      ),
      el("p", { class: "muted small" }, "Choose a date to close it, or to give it hours of its own."),
    );
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.draw();
  }

  go(by) {
    this.first = new Date(Date.UTC(this.first.getUTCFullYear(), this.first.getUTCMonth() + by, 1));
    this.draw();
  }

  draw() {
    this.title.textContent = told(this.first, { month: "long", year: "numeric" });
    const month = this.first.getUTCMonth();
    const rows = [];
    let at = new Date(this.first - ((this.first.getUTCDay() + 6) % 7) * DAY_MS);
    while (rows.length === 0 || at.getUTCMonth() === month) {
      const cells = DAYS.map((_, day) => new Date(at.getTime() + day * DAY_MS)).map((date) =>
        el("td", {}, date.getUTCMonth() === month ? this.day(date) : null),
      );
      rows.push(el("tr", {}, cells));
      at = new Date(at.getTime() + 7 * DAY_MS);
    }
    this.body.replaceChildren(...rows);
    const [today] = this.body.querySelectorAll(`[data-date="${iso(new Date())}"], [data-date]`);
    if (today) today.tabIndex = 0;
  }

  day(date) {
    const named = iso(date);
    const [mark, words] = looks(this.of(named));
    return el(
      "button",
      {
        type: "button",
        tabindex: "-1",
        dataset: { date: named, mark },
        title: words,
        "aria-label": `${told(date, { weekday: "long", day: "numeric", month: "long", year: "numeric" })}: ${words}`,
        onclick: () => this.choose(named),
      },
      String(date.getUTCDate()),
    );
  }

  /** Arrows go from day to day, Page Up and Page Down from month to month. */
  key(event) {
    const from = event.target.dataset.date;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const months = { PageUp: -1, PageDown: 1 }[event.key];
    if (!from || (by === undefined && months === undefined)) return;
    event.preventDefault();
    let to = new Date(`${from}T00:00:00Z`);
    if (by) to = new Date(to.getTime() + by * DAY_MS);
    const month = Date.UTC(to.getUTCFullYear(), to.getUTCMonth(), 1);
    if (months) this.go(months);
    else if (month !== this.first.getTime()) {
      this.first = new Date(month);
      this.draw();
    }
    const next = this.body.querySelector(`[data-date="${iso(to)}"]`) ?? this.body.querySelector("[data-date]");
    for (const day of this.body.querySelectorAll('[tabindex="0"]')) day.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}
