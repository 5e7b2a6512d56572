// The week's hours, a timeline for each day. An interval that runs past midnight, or over days, stands on the
// day on which it starts (rule S4), and casts a shadow on those after it.

import { el } from "./dom.js";
import { DAY_MIN, Row, clock } from "./day.js";

const DAYS = [
  ["mon", "Monday"],
  ["tue", "Tuesday"],
  ["wed", "Wednesday"],
  ["thu", "Thursday"],
  ["fri", "Friday"],
  ["sat", "Saturday"],
  ["sun", "Sunday"],
];

/** Seven rows, below an axis; what runs past midnight shows in the row of the next day. */
export class Week {
  constructor(onchange) {
    this.onchange = onchange;
    this.rows = DAYS.map(([, name], index) => {
      const tomorrow = DAYS[(index + 1) % 7][1];
      const copy = el(
        "button",
        {
          type: "button",
          class: "quiet",
          "aria-label": `Copy ${name} to ${tomorrow}`,
          title: `Copy to ${tomorrow}`,
          onclick: () => this.copy(index),
        },
        "↓",
      );
      const later = (days) => `${DAYS[(index + days) % 7][1]}${days === 7 ? " of the week after" : ""}`;
      return new Row(name, later, () => this.changed(), copy);
    });
    const hours = [0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => {
      const mark = el("span", {}, String(hour).padStart(2, "0"));
      mark.style.left = `${(hour / 24) * 100}%`;
      return mark;
    });
    this.root = el(
      "div",
      { class: "week" },
      el("div", { class: "row axis", "aria-hidden": "true" }, el("div", { class: "marks" }, hours)),
      this.rows.map((row) => row.root),
    );
  }

  get valid() {
    return this.rows.every((row) => row.valid);
  }

  get() {
    const days = DAYS.map(([day], index) => [day, this.rows[index].texts]);
    return Object.fromEntries(days.filter(([, texts]) => texts.length > 0));
  }

  set(hours) {
    DAYS.forEach(([day], index) => this.rows[index].set(hours[day] ?? []));
    this.shadows();
  }

  copy(index) {
    const to = this.rows[(index + 1) % 7];
    to.set(this.rows[index].texts);
    this.changed();
    to.input.focus();
  }

  changed() {
    this.shadows();
    this.onchange();
  }

  shadows() {
    this.rows.forEach((row, index) => {
      for (const old of row.track.querySelectorAll(".shadow")) old.remove();
      for (let days = 1; days <= 7; days += 1) {
        const before = this.rows[(index + 7 - days) % 7];
        for (const { end } of before.segments.filter((segment) => segment.end > days * DAY_MIN)) {
          const here = Math.min(end - days * DAY_MIN, DAY_MIN);
          const until = here === DAY_MIN ? "all day" : `until ${clock(end)}`;
          const shadow = el("div", {
            class: "shadow",
            title: `from ${before.name}, ${until}`,
            "aria-hidden": "true",
          });
          shadow.style.width = `${(here / DAY_MIN) * 100}%`;
          row.track.prepend(shadow);
        }
      }
    });
  }
}
