// A question that has to be answered before anything goes on.

import { $, el } from "./dom.js";

/**
 * Asks, with a button for each of `choices` (`{ value: text }`); Escape is the last one. Gives the value. `details` are
 * what is to be known before. Of a question that is `grave` the last one has the focus: nothing is lost by a key too many.
 */
export function ask(question, choices, { details = [], grave = false } = {}) {
  const values = Object.keys(choices);
  const before = document.activeElement;
  return new Promise((resolve) => {
    const dialog = el(
      "dialog",
      { class: "card", "aria-labelledby": "question" },
      el("h2", { id: "question" }, question),
      details.length > 0 ? el("ul", {}, details.map((detail) => el("li", {}, detail))) : null,
      el(
        "div",
        { class: "bar tight" },
        values.map((value, at) =>
          el(
            "button",
            {
              type: "button",
              class: at === 0 ? (grave ? "danger" : "primary") : null,
              autofocus: grave && at === values.length - 1,
              onclick: () => dialog.close(value),
            },
            choices[value],
          ),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus();
      resolve(dialog.returnValue || values.at(-1));
    });
    $("body").append(dialog);
    dialog.showModal();
  });
}
