// The menu of the profile icon, by mouse and by the keys that the ARIA practices have for menus.

import { $ } from "./dom.js";

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

  open(at) {
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
    if (item.id === "everywhere") {
      this.everywhere = !this.everywhere;
      return;
    }
    this.close();
    this.button.focus();
    this.choose(item);
  }
}
