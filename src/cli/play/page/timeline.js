// The picture, with a cursor in time over it. Between two stops time passes evenly.

import { $, el } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const MINUTE_MS = 60_000;
/** Who points this near to a stop means it, in pixels. */
const NEAR = 6;

export class Timeline {
  /** `moved(atMs)` is called when somebody moves the cursor. */
  constructor(moved) {
    this.moved = moved;
    this.stops = [];
    this.steps = [];
    this.place = $("#picture");
    this.slider = $("#cursor");
    this.slider.addEventListener("input", () => this.moved(this.stops[Number(this.slider.value)].at_ms));
    this.slider.addEventListener("keydown", (event) => {
      const by = { PageUp: 1, PageDown: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.toStep(by);
    });
    $("#before").addEventListener("click", () => this.step(-1));
    $("#after").addEventListener("click", () => this.step(1));
    this.place.addEventListener("click", (event) => this.point(event));
    this.place.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" && event.buttons === 1) this.point(event);
    });
    this.place.addEventListener("dragstart", (event) => event.preventDefault());
  }

  /** Room for the axis, in pixels: beside the names, and the margins of the drawing. */
  width() {
    return Math.floor(this.place.clientWidth - this.namesWidth() - 24 - 4);
  }

  /** How wide the names are, as their style says; before there is a picture by an element of theirs. */
  namesWidth() {
    const names = $(".names", this.place);
    if (names) return names.getBoundingClientRect().width;
    const likeThem = this.place.appendChild(el("div", { class: "names" }));
    const { width } = likeThem.getBoundingClientRect();
    likeThem.remove();
    return width;
  }

  /** Shows a picture; without one that before stays, and cannot be moved in. */
  show(picture, steps) {
    const isThere = Boolean(picture);
    this.place.classList.toggle("stale", !isThere);
    for (const control of $("#when").querySelectorAll("button, input")) control.disabled = !isThere;
    if (!isThere) {
      this.stops = [];
      return;
    }
    this.stops = picture.stops;
    this.steps = steps;
    $("#when").hidden = false;
    this.slider.max = this.stops.length - 1;
    // What is the same need not be drawn anew.
    if (picture.markup !== this.markup) this.draw(picture.markup);
  }

  draw(markup) {
    this.markup = markup;
    const fresh = document.createElement("template");
    fresh.innerHTML = markup;
    // A picture holds no links: its flags lead to lines that have buttons of their own.
    for (const link of fresh.content.querySelectorAll("svg a")) {
      const flag = document.createElementNS(SVG, "g");
      flag.setAttribute("class", "to-line");
      flag.dataset.number = link.getAttribute("href").split("-f")[1];
      flag.append(...link.childNodes);
      link.replaceWith(flag);
    }
    const [before, after] = [this.place.firstElementChild, fresh.content.firstElementChild];
    this.hair?.remove();
    if (before) become(before, after);
    else this.place.replaceChildren(after);
    this.svg = $("svg", this.place);
    this.hair = document.createElementNS(SVG, "path");
    this.hair.setAttribute("class", "hair");
    this.svg.append(this.hair);
  }

  /** The instant nearest to one that there is. */
  within(atMs) {
    const [first, last] = [this.stops[0], this.stops.at(-1)];
    return Math.min(Math.max(atMs, first.at_ms), last.at_ms);
  }

  /** Puts the cursor to an instant. */
  put(atMs) {
    this.atMs = atMs;
    const index = this.indexOf(atMs);
    this.slider.value = index;
    const x = this.x(atMs);
    const height = this.svg.viewBox.baseVal.height;
    // Below the flags, which are read.
    const top = $(".flag", this.svg) ? 20 : 2;
    this.hair.setAttribute("d", `M${x} ${top}V${height - 34}m-5 0h10l-5 -7z`);
    this.hair.dataset.atMs = atMs;
    const scroll = $(".scroll", this.place);
    const [left, right] = [scroll.scrollLeft, scroll.scrollLeft + scroll.clientWidth];
    if (x + 12 < left + 20 || x + 12 > right - 20) scroll.scrollLeft = x + 12 - scroll.clientWidth / 2;
  }

  /** What the slider says of an instant. */
  say(text) {
    this.slider.setAttribute("aria-valuetext", text);
  }

  /** The last stop that is not behind an instant. */
  indexOf(atMs) {
    let [low, high] = [0, this.stops.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.stops[middle].at_ms <= atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  x(atMs) {
    const from = this.indexOf(atMs);
    const [a, b] = [this.stops[from], this.stops[from + 1] ?? this.stops[from]];
    const share = b.at_ms === a.at_ms ? 0 : (atMs - a.at_ms) / (b.at_ms - a.at_ms);
    return Math.round((a.x + (b.x - a.x) * share) * 10) / 10;
  }

  step(by) {
    const at = this.indexOf(this.atMs);
    // From between two stops, back is the one before.
    const to = by < 0 && this.stops[at].at_ms < this.atMs ? at : at + by;
    const stop = this.stops[Math.min(Math.max(to, 0), this.stops.length - 1)];
    if (stop) this.moved(stop.at_ms);
  }

  /** To the next `at` line, or the one before. */
  toStep(by) {
    const others = this.steps.map(({ at_ms }) => at_ms);
    const next = by > 0 ? others.find((at) => at > this.atMs) : others.findLast((at) => at < this.atMs);
    if (next !== undefined) this.moved(next);
  }

  point(event) {
    if (this.stops.length === 0 || event.target.closest(".to-line") || !event.target.closest("svg")) return;
    const x = event.clientX - this.svg.getBoundingClientRect().left - 12;
    const near = this.stops.reduce((a, b) => (Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a));
    if (Math.abs(near.x - x) <= NEAR || x < this.stops[0].x || x > this.stops.at(-1).x) {
      this.moved(near.at_ms);
      return;
    }
    const index = this.stops.findLastIndex((stop) => stop.x <= x);
    const [a, b] = [this.stops[index], this.stops[index + 1]];
    const atMs = a.at_ms + ((x - a.x) / (b.x - a.x)) * (b.at_ms - a.at_ms);
    const unit = b.at_ms - a.at_ms > 20 * MINUTE_MS ? MINUTE_MS : 1_000;
    this.moved(Math.min(Math.max(Math.round(atMs / unit) * unit, a.at_ms), b.at_ms));
  }
}

/** Makes a part of the page what another one is, and leaves alone what is the same: of thousands of bars a key
 * changes a few. */
function become(node, wanted) {
  if (node.isEqualNode(wanted)) return;
  const isDeep = node.nodeType === Node.ELEMENT_NODE && node.childElementCount > 0 && node.nodeName === wanted.nodeName;
  if (!isDeep) {
    node.replaceWith(wanted);
    return;
  }
  for (const { name } of [...node.attributes]) if (!wanted.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  const [before, after] = [[...node.childNodes], [...wanted.childNodes]];
  for (const [index, child] of after.entries()) {
    if (index < before.length) become(before[index], child);
    else node.append(child);
  }
  for (const child of before.slice(after.length)) child.remove();
}
