// What is said above everything, in three places of which none takes another's: `trouble` with the file or
// the program, until it is over; a `conflict` with the disk, until somebody chooses; and a `note` of what
// somebody asked for.

import { $, el } from "./dom.js";

/** Says something at a place, with what can be done about it; `null` is nothing any more. */
export function banner(name, text, ...choices) {
  const place = $(`#${name}`);
  place.hidden = !text;
  $("p", place).textContent = text ?? "";
  $("div", place).replaceChildren(...choices);
}

/** Says why something that somebody asked for was not done, until it is read. */
export function note(text) {
  banner("note", text, el("button", { type: "button", onclick: () => banner("note", null) }, "All right"));
}
