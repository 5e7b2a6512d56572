// A day's hours: a timeline of 24 hours, with segments to drag, to move by the keyboard or to type.

import { $, el, show } from "./dom.js";

export const DAY_MIN = 1440;
const STEP_MIN = 15;
const HOUR_MIN = 60;
/** An end lies at most so many days on (rule S4). */
const DAYS_MAX = 7;
const END_MAX_MIN = (DAYS_MAX + 1) * DAY_MIN;

/** A time as people write it, `9`, `09:00`, `9.30`, `5pm`; and an interval of two. */
const TIME = String.raw`(\d{1,2})(?:[:.h](\d\d))?\s*([ap]m)?`;
const INTERVAL = new RegExp(String.raw`${TIME}\s*(?:[-–—]|to|until)\s*${TIME}(?:\s*\+\s*(\d+)\s*d)?(?=[\s,;]|$)`, "y");
const BETWEEN = /(?:[\s,;]|and\b)*/y;
const CLOSED = /^(?:closed|none|-|–|—)$/;

/** Minutes of a day; not a number where it is none. */
function minutes(hours, past = "0", half) {
  const [h, m] = [Number(hours), Number(past)];
  if (m > 59 || (half && (h < 1 || h > 12))) return NaN;
  return (half ? (h % 12) + (half === "pm" ? 12 : 0) : h) * HOUR_MIN + m;
}

/** One interval, by its parts; an end past midnight, or on a later day, is given in minutes beyond 1,440. */
function interval(word, [h1, m1, half1, h2, m2, half2, later]) {
  const days = later === undefined ? 0 : Number(later);
  if (later !== undefined && (days < 1 || days > DAYS_MAX)) {
    return { error: `${word}: an end lies 1 to ${DAYS_MAX} days on` };
  }
  const start = minutes(h1, m1, half1);
  let end = minutes(h2, m2, half2);
  if (!(start < DAY_MIN && end <= DAY_MIN)) return { error: `${word}: a day goes from 00:00 to 24:00` };
  if (days > 0) end += days * DAY_MIN;
  else if (start === end) {
    return { error: `${word} is empty; a whole day is 00:00-24:00, and 24 hours from then ${word}+1d` };
  } else if (end < start) end += DAY_MIN;
  return { segment: { start, end } };
}

/** Reads `09:00-12:00 13:00-17:00`, and as people write it: `9-17`, `09:00 - 17:00`, `9am to 5pm`, `closed`. */
export function parse(text) {
  const asked = text.trim().toLowerCase();
  const segments = [];
  if (CLOSED.test(asked)) return { segments };
  let at = 0;
  const next = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(asked);
    at = found ? pattern.lastIndex : at;
    return found;
  };
  for (next(BETWEEN); at < asked.length; next(BETWEEN)) {
    const found = next(INTERVAL);
    if (!found) {
      return { error: `“${asked.slice(at)}” is not hours such as 09:00-17:00, 9-17 or 18:00-09:00+3d; without any it is closed` };
    }
    const { segment, error } = interval(found[0], found.slice(1));
    if (error) return { error };
    segments.push(segment);
  }
  return { segments };
}

/** How many days after that of its start an end lies; midnight is the end of the first day, and the start of others. */
const daysOn = (minutes) => (minutes <= DAY_MIN ? 0 : Math.min(Math.floor(minutes / DAY_MIN), DAYS_MAX));

/** The time of day, on whichever day it is. */
export function clock(minutes) {
  const shown = minutes - daysOn(minutes) * DAY_MIN;
  return `${String(Math.floor(shown / HOUR_MIN)).padStart(2, "0")}:${String(shown % HOUR_MIN).padStart(2, "0")}`;
}

/** Days behind an end where the time alone would be read as another day's. */
function days({ start, end }) {
  const goesBy = end <= DAY_MIN || end - DAY_MIN < start;
  return goesBy ? "" : `+${daysOn(end)}d`;
}

const write = (segment) => `${clock(segment.start)}-${clock(segment.end)}${days(segment)}`;

/** What a day is called that has no name of its own. */
export const later = (days) => (days === 1 ? "the next day" : `${days} days later`);

const within = (value, low, high) => Math.min(Math.max(value, low), high);
const snapped = (minutes) => Math.round(minutes / STEP_MIN) * STEP_MIN;

function withStart({ end }, to) {
  return { start: within(to, 0, Math.min(end, DAY_MIN) - 1), end };
}

function withEnd({ start }, to) {
  return { start, end: within(to, start + 1, END_MAX_MIN) };
}

function moved({ start, end }, to) {
  const at = within(to, 0, DAY_MIN - STEP_MIN);
  const length = end - start;
  return { start: at, end: Math.min(at + length, END_MAX_MIN) };
}

/** One day: its timeline, its text, and what to do with it. */
export class Row {
  /** `later(days)` is what the day is called that comes so many days after this. */
  constructor(name, later, onchange, ...extra) {
    this.name = name;
    this.later = later;
    this.onchange = onchange;
    this.segments = [];
    this.grip = null;
    // The scale stays in sight, whichever row one is at.
    const hours = [6, 12, 18].map((hour) => el("span", { class: `at${hour}` }, String(hour).padStart(2, "0")));
    this.track = el("div", { class: "track" }, el("span", { class: "scale", "aria-hidden": "true" }, hours));
    this.error = el("p", { class: "error", role: "alert", hidden: true });
    this.input = el("input", {
      class: "typed",
      "aria-label": `${name}: hours`,
      placeholder: "closed",
      spellcheck: "false",
      autocomplete: "off",
      oninput: () => this.typed(),
      // As it is kept, once it is written.
      onchange: () => {
        if (this.input.value !== this.read) this.typed();
        if (this.valid) this.write(this.texts.join(" "));
      },
    });
    const add = el(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": `${name}: add hours`,
        title: "Add hours",
        onclick: () => this.add(),
      },
      "+",
    );
    this.root = el(
      "div",
      { class: "row", role: "group", "aria-label": name },
      el("span", { class: "day", "aria-hidden": "true" }, name),
      this.track,
      this.input,
      el("span", { class: "row-buttons" }, add, ...extra),
      this.error,
    );
    this.track.addEventListener("pointerdown", (event) => this.grab(event));
    this.track.addEventListener("pointermove", (event) => this.drag(event));
    this.track.addEventListener("pointerup", () => this.release());
    this.track.addEventListener("pointercancel", () => this.release(true));
  }

  get texts() {
    return [...this.segments].sort((a, b) => a.start - b.start).map(write);
  }

  /** Nothing that cannot be saved is written there. */
  get valid() {
    return this.error.hidden;
  }

  set(texts) {
    const { segments, error } = parse(texts.join(" "));
    this.replace(segments ?? []);
    this.write(texts.join(" "));
    this.complain(error);
  }

  write(text) {
    this.input.value = text;
    /** What stands in the field and is drawn. */
    this.read = text;
  }

  complain(error) {
    show(this.error, error);
    this.input.setAttribute("aria-invalid", String(Boolean(error)));
  }

  typed() {
    this.read = this.input.value;
    const { segments, error } = parse(this.read);
    this.complain(error);
    if (segments) this.replace(segments);
    this.onchange();
  }

  replace(segments) {
    for (const segment of this.segments) segment.node.remove();
    this.segments = segments.map((segment) => this.build(segment));
  }

  /** Hours that are still free, or the last ones of the day. */
  add() {
    const ends = this.segments.map(({ end }) => Math.min(end, DAY_MIN));
    const start =
      ends.length === 0 ? 9 * HOUR_MIN : Math.min(Math.max(...ends) + HOUR_MIN, DAY_MIN - HOUR_MIN);
    const end = ends.length === 0 ? 17 * HOUR_MIN : Math.min(start + 4 * HOUR_MIN, DAY_MIN);
    const segment = this.build({ start, end });
    this.segments.push(segment);
    this.changed();
    $(".body", segment.node).focus();
  }

  remove(segment) {
    this.segments = this.segments.filter((other) => other !== segment);
    segment.node.remove();
    this.changed();
    ($(".body", this.track) ?? this.input).focus();
  }

  changed() {
    this.write(this.texts.join(" "));
    this.complain(null);
    this.onchange();
  }

  /** A segment's element: a body to move it by, and a slider at each end. */
  build({ start, end }) {
    const segment = { start, end };
    const keys = (part) => (event) => this.key(event, segment, part);
    const slider = (part) =>
      el("span", {
        class: `handle ${part}`,
        role: "slider",
        tabindex: "0",
        dataset: { part },
        onkeydown: keys(part),
      });
    const body = el(
      "span",
      { class: "body", role: "button", tabindex: "0", dataset: { part: "body" }, onkeydown: keys("body") },
      el("span", { class: "long" }),
      el("span", { class: "short", "aria-hidden": "true" }),
    );
    segment.node = el("div", { class: "segment" }, slider("start"), body, slider("end"));
    this.track.append(segment.node);
    this.place(segment);
    return segment;
  }

  place(segment) {
    const { node, start, end } = segment;
    const last = Math.min(end, DAY_MIN);
    node.style.left = `${(start / DAY_MIN) * 100}%`;
    node.style.width = `${((last - start) / DAY_MIN) * 100}%`;
    const past = end > DAY_MIN;
    node.classList.toggle("overnight", past);
    const until = past ? `${clock(end)} ${this.later(daysOn(end))}` : clock(end);
    const body = $(".body", node);
    const [long, short] = body.children;
    long.textContent = past ? `${clock(start)} → ${clock(end)}${days(segment)}` : `${clock(start)}–${clock(end)}`;
    short.textContent = [start, end].map((time) => clock(time).replace(/^0|:00$/g, "")).join(past ? "→" : "–");
    body.title = `${this.name}, ${clock(start)} to ${until}`;
    // By whichever of the two stands there it can be called.
    const where = `${this.name}, ${short.textContent}, ${long.textContent}${past ? `, to ${until}` : ""}`;
    body.setAttribute("aria-label", `${where}: arrows move, Delete removes`);
    for (const [part, value] of [
      ["start", start],
      ["end", end],
    ]) {
      const handle = $(`.handle.${part}`, node);
      handle.setAttribute("aria-label", `${this.name}: ${part} of ${write(segment)}`);
      handle.setAttribute("aria-valuemin", 0);
      handle.setAttribute("aria-valuemax", part === "start" ? DAY_MIN : END_MAX_MIN);
      handle.setAttribute("aria-valuenow", value);
      handle.setAttribute("aria-valuetext", part === "start" ? clock(start) : until);
    }
  }

  change(segment, { start, end }) {
    segment.start = start;
    segment.end = end;
    this.place(segment);
    this.changed();
  }

  key(event, segment, part) {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.remove(segment);
      return;
    }
    const by = {
      ArrowLeft: -STEP_MIN,
      ArrowDown: -STEP_MIN,
      ArrowRight: STEP_MIN,
      ArrowUp: STEP_MIN,
      PageDown: -HOUR_MIN,
      PageUp: HOUR_MIN,
      Home: -2 * DAY_MIN,
      End: 2 * DAY_MIN,
    }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const change = { start: withStart, end: withEnd, body: moved }[part];
    // Home and End of an end: the end of the day first, and not somewhere in the next.
    const from = part === "end" ? segment.end : segment.start;
    const to = part === "end" && event.key === "End" ? DAY_MIN : from + by;
    this.change(segment, change(segment, to));
  }

  // By mouse, pen and finger

  minutesAt(event) {
    const box = this.track.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * DAY_MIN;
  }

  grab(event) {
    if (event.button !== 0 || this.grip) return;
    const node = event.target.closest(".segment");
    const at = this.minutesAt(event);
    const segment = node ? this.segments.find((other) => other.node === node) : null;
    const part = event.target.dataset.part ?? "body";
    this.grip = { at, segment, part: segment ? part : "new", before: segment && { ...segment } };
    this.track.setPointerCapture(event.pointerId);
    if (segment) event.target.focus({ preventScroll: true });
    event.preventDefault();
  }

  drag(event) {
    const { grip } = this;
    if (!grip) return;
    const at = this.minutesAt(event);
    if (grip.part === "new") {
      this.dragNew(grip, at);
      return;
    }
    const { before } = grip;
    const by = at - grip.at;
    if (grip.part === "start") this.change(grip.segment, withStart(before, snapped(before.start + by)));
    else if (grip.part === "end") this.change(grip.segment, withEnd(before, snapped(before.end + by)));
    else this.change(grip.segment, moved(before, snapped(before.start + by)));
  }

  /** Draws a new segment from where the drag began; beyond midnight it runs into the next day. */
  dragNew(grip, at) {
    const from = within(snapped(grip.at), 0, DAY_MIN - STEP_MIN);
    const to = Math.max(snapped(at), 0);
    if (from === to) return;
    const start = Math.min(from, to);
    const end = Math.max(from, to);
    if (!grip.segment) {
      grip.segment = this.build({ start, end });
      this.segments.push(grip.segment);
    }
    this.change(grip.segment, { start, end });
  }

  /** A drag that the browser takes over, to scroll, is undone. */
  release(cancelled = false) {
    const { grip } = this;
    this.grip = null;
    if (!grip?.segment) return;
    if (cancelled && grip.before) this.change(grip.segment, grip.before);
    else if (cancelled) this.remove(grip.segment);
    else if (grip.part === "new") $(".body", grip.segment.node).focus({ preventScroll: true });
  }
}
