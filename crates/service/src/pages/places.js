// Which view is shown, and of what: both stand in the address, so that a reload shows them again.

import { $ } from "./dom.js";
import { addressOf } from "./directory.js";

const VIEWS = ["team", "window", "messages", "admin", "account"];
/** The forms in which a property is chosen; what is chosen in one is chosen in all. */
const FORMS = { window: "#window-choice", messages: "#messages-choice", admin: "#admin-choice" };

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What the address says: `#admin/acme/sales`. */
function address() {
  const [view, property = "", widget = ""] = location.hash.slice(1).split("/").map(decoded);
  return { view, property, widget };
}

export class Places {
  /** `shows` has a function for each view, which is given property and widget, and `isLoggedIn()`. */
  constructor(shows) {
    this.shows = shows;
    this.wide = matchMedia("(min-width: 760px)");
    this.wide.addEventListener("change", () => this.route());
    addEventListener("hashchange", () => {
      if ($("#house").hidden) return;
      this.route();
      this.focus();
    });
    for (const view of ["window", "messages"]) {
      $(FORMS[view]).addEventListener("submit", (event) => {
        event.preventDefault();
        const { property, widget } = event.target.elements;
        this.choose(property.value.trim(), widget?.value.trim() ?? "");
        if (view === "window") shows.window(this.chosen.property, this.chosen.widget);
      });
    }
  }

  /** The property and the widget that are chosen. */
  get chosen() {
    const { property, widget } = $(FORMS.window).elements;
    return { property: property.value.trim(), widget: widget.value.trim() };
  }

  choose(property, widget) {
    for (const form of Object.values(FORMS)) {
      const { elements } = $(form);
      elements.property.value = property;
      if (elements.widget) elements.widget.value = widget;
    }
    this.note();
  }

  /** Chooses what the address says, or else what is there already, or else this one. */
  begin(first) {
    const { property, widget } = address();
    if (property) this.choose(property, widget);
    else if (!this.chosen.property) this.choose(first, "");
  }

  /** Writes into the address what is open. */
  note() {
    const { view } = document.body.dataset;
    if ($("#house").hidden) return;
    const { property, widget } = this.chosen;
    const told = addressOf(view, ...({ window: [property, widget], messages: [property], admin: [property, widget] }[view] ?? []));
    if (location.hash !== told) history.replaceState(null, "", told);
  }

  /** To the view's title: what was pressed to come here may be gone. */
  focus() {
    $(`#${document.body.dataset.view}-title`).focus({ preventScroll: true });
    $("#content").scrollTo(0, 0);
  }

  route() {
    const isLoggedIn = this.shows.isLoggedIn();
    const asked = address();
    let { view } = asked;
    if (!VIEWS.includes(view) || (view === "account" && !isLoggedIn)) view = isLoggedIn ? "window" : "admin";
    if (view === "team" && this.wide.matches) view = "window";
    document.body.dataset.view = view;
    for (const name of VIEWS) {
      const section = $(`#view-${name}`);
      if (section) section.hidden = name !== view;
      const link = $(`.nav a[href="#${name}"]`);
      if (name === view) link?.setAttribute("aria-current", "page");
      else link?.removeAttribute("aria-current");
    }
    if (asked.property) this.choose(asked.property, asked.widget);
    this.note();
    this.shows[view](this.chosen.property, this.chosen.widget);
  }
}
