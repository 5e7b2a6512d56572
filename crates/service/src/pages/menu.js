// The menu of the profile icon, by mouse and by the keys that the ARIA practices have for menus.

import { $, say } from "./dom.js";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How long it is until the wall clock next reads a time such as `14:30`, in milliseconds. */
export function msUntil(time, now = new Date()) {
  const [hours, minutes] = time.split(":").map(Number);
  const end = new Date(now);
  end.setHours(hours, minutes, 0, 0);
  // The same minute is tomorrow's: no status is for nothing.
  if (end <= now) end.setDate(end.getDate() + 1);
  // A time that the clock skips tomorrow may lie behind nonetheless.
  return end > now ? end - now : DAY_MS;
}

export class Menu {
  /** `choose(item)` does what an item is for. */
  constructor(choose) {
    this.root = $("#profile-menu");
    this.button = $("#profile");
    this.choose = choose;
    this.button.addEventListener("click", () => (this.root.hidden ? this.open(0) : this.close()));
    this.button.addEventListener("keydown", (event) => {
      const at = { ArrowDown: 0, ArrowUp: -1 }[event.key];
      if (at === undefined) return;
      event.preventDefault();
      this.open(at);
    });
    this.lengths = [...this.root.querySelectorAll("[data-length]")];
    this.until = $("#until");
    this.until.addEventListener("input", () => this.until.removeAttribute("aria-invalid"));
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("click", (event) => this.click(event.target.closest("button")));
    document.addEventListener("pointerdown", (event) => {
      if (!event.target.closest(".profile")) this.close();
    });
  }

  get items() {
    return [...this.root.querySelectorAll("button")];
  }

  /** Whether a status is meant for all devices. */
  get everywhere() {
    return $("#everywhere").getAttribute("aria-checked") === "true";
  }

  set everywhere(everywhere) {
    $("#everywhere").setAttribute("aria-checked", String(everywhere));
  }

  /** For how long a status is meant, as the service reads it; nothing for good, or a fault to be told. */
  get length() {
    const { length } = this.lengths.find((item) => item.getAttribute("aria-checked") === "true").dataset;
    if (length !== "until") return length ? { length } : {};
    if (!this.until.value) return { fault: "Until when? Give a time." };
    return { length: `${msUntil(this.until.value)}ms` };
  }

  /** Chooses for how long: by default for good. */
  last(item = this.lengths[0]) {
    for (const other of this.lengths) other.setAttribute("aria-checked", String(other === item));
    $("#until-field").hidden = item.dataset.length !== "until";
    if (item.dataset.length === "until") this.until.focus();
  }

  open(at) {
    this.last();
    this.root.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.items.at(at).focus();
  }

  close() {
    this.root.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  key(event) {
    const { items } = this;
    const at = items.indexOf(document.activeElement);
    // In the field of the time arrows change the time.
    if (event.target === this.until && !["Escape", "Enter", "Tab"].includes(event.key)) return;
    if (event.target === this.until && event.key !== "Escape") {
      event.preventDefault();
      items[0].focus();
      return;
    }
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items.at(to % items.length).focus();
    } else if (event.key === "Escape") {
      this.close();
      this.button.focus();
    } else if (event.key === "Tab") {
      this.close();
    }
  }

  click(item) {
    if (!item) return;
    if (item.dataset.length !== undefined) {
      this.last(item);
      return;
    }
    const { fault } = item.dataset.status ? this.length : {};
    if (fault) {
      say(fault);
      this.until.setAttribute("aria-invalid", "true");
      this.until.focus();
      return;
    }
    this.until.removeAttribute("aria-invalid");
    if (item.id === "everywhere") {
      this.everywhere = !this.everywhere;
      return;
    }
    this.close();
    this.button.focus();
    this.choose(item);
  }
}
