// The text: a plain text field, with the same text in colours behind it, line by line. What is wrong is
// underlined there, and the margin says which expectation holds.

import { el } from "./dom.js";

const TOKENS = /("(?:[^"\\]|\\.)*"?)|(#.*$)|(\{[^\s{}]+\})|([^\s",#{}]+|[{}])/gu;
const TIME = /^[+*]?\d|^(mon|tue|wed|thu|fri|sat|sun|daily)([-,]|$)/;
/** Lines whose words behind the first are a text for people. */
const PROSE = ["scenario", "source"];
const MARK_SIGNS = { held: "✓", false: "✕", error: "!", warning: "!" };

/** The parts of a line that have a colour: from, to, class. */
function tokens(line, keywords) {
  const found = [];
  let first = true;
  for (const match of line.matchAll(TOKENS)) {
    const [whole, string, comment, cell, word] = match;
    let kind = null;
    if (string) kind = "string";
    else if (comment) kind = "comment";
    else if (cell) kind = "cell";
    else if (TIME.test(word)) kind = "time";
    else if (keywords.has(word)) kind = first ? "first" : "keyword";
    if (kind) found.push([match.index, match.index + whole.length, kind]);
    if (first && PROSE.includes(word)) break;
    first = false;
  }
  return found;
}

/** The nodes of a line: its colours, and lines below what is marked. */
function drawn(line, keywords, marks) {
  const colours = tokens(line, keywords);
  const ends = new Set([0, line.length]);
  for (const [from, to] of [...colours, ...marks]) ends.add(from).add(Math.min(to, line.length));
  const places = [...ends].sort((a, b) => a - b);
  const nodes = [];
  for (let index = 0; index + 1 < places.length; index += 1) {
    const [from, to] = [places[index], places[index + 1]];
    const of = ([start, end]) => start <= from && to <= end;
    const colour = colours.find(of)?.[2];
    const mark = marks.find(of)?.[2];
    const text = line.slice(from, to);
    const name = [colour && `t-${colour}`, mark && `u-${mark}`].filter(Boolean).join(" ");
    nodes.push(name ? el("span", { class: name }, text) : text);
  }
  // What is missing at the end of a line is marked there.
  const behind = marks.find(([from]) => from >= line.length);
  if (behind) nodes.push(el("span", { class: `u-${behind[2]}` }, "\u00a0"));
  return nodes;
}

export class Editor {
  /** `keywords`: the words of the language. `changed(edit)` is called when somebody types, `moved(line)` when
   * the caret comes to another line. */
  constructor(area, lines, gutter, { keywords, changed, moved }) {
    Object.assign(this, { area, lines, gutter, changed, moved });
    this.keywords = new Set(keywords);
    this.texts = [];
    this.marks = new Map();
    this.line = 0;
    area.addEventListener("input", () => this.changed(this.draw()));
    area.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("selectionchange", () => {
      if (document.activeElement === area) this.follow();
    });
  }

  get text() {
    return this.area.value;
  }

  /** Puts another text in the place of this one; it can be taken back like anything that is typed. */
  set text(text) {
    if (text === this.area.value) return;
    if (this.area.value === "") {
      this.put(text);
      return;
    }
    const { activeElement } = document;
    this.area.focus({ preventScroll: true });
    this.area.select();
    // The only way to change a text field that its undo knows of; it says `input` as if it were typed.
    const isTyped = document.execCommand("insertText", false, text) && this.area.value === text;
    if (!isTyped) this.put(text);
    this.area.setSelectionRange(0, 0);
    this.area.closest(".editor").scrollTo(0, 0);
    if (activeElement === this.area) return;
    this.area.blur();
    activeElement?.focus?.({ preventScroll: true });
  }

  put(text) {
    this.area.value = text;
    this.area.setSelectionRange(0, 0);
    this.changed(this.draw());
  }

  /** A line that is begun stands below the one before. */
  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const before = this.area.value.slice(0, this.area.selectionStart);
    const [indent] = /^[ \t]*/.exec(before.slice(before.lastIndexOf("\n") + 1));
    if (indent && document.execCommand("insertText", false, `\n${indent}`)) event.preventDefault();
  }

  /** The line of the caret, from 1. */
  caretLine() {
    const { value, selectionStart } = this.area;
    let line = 1;
    for (let at = value.indexOf("\n"); at !== -1 && at < selectionStart; at = value.indexOf("\n", at + 1)) line += 1;
    return line;
  }

  follow() {
    const line = this.caretLine();
    if (line === this.line) return;
    this.line = line;
    this.moved(line);
  }

  /** Draws what has changed: lines that stay keep what is known of them until more is. It is an edit: how many
   * lines are the same in front of it, how many are gone, and how many more there are. */
  draw() {
    const texts = this.area.value.split("\n");
    const { texts: before, lines, gutter } = this;
    let same = 0;
    while (same < texts.length && same < before.length && texts[same] === before[same]) same += 1;
    let behind = 0;
    const most = Math.min(texts.length, before.length) - same;
    while (behind < most && texts[texts.length - 1 - behind] === before[before.length - 1 - behind]) behind += 1;
    const gone = before.length - same - behind;
    const fresh = texts.slice(same, texts.length - behind);
    for (let count = 0; count < gone; count += 1) lines.children[same].remove();
    const next = lines.children[same] ?? null;
    for (const text of fresh) lines.insertBefore(el("div", { class: "line" }, drawn(text, this.keywords, [])), next);
    const edit = { same, gone, more: fresh.length - gone };
    while (gutter.children.length < texts.length) gutter.append(el("div", {}, String(gutter.children.length + 1)));
    while (gutter.children.length > texts.length) gutter.lastChild.remove();
    this.texts = texts;
    if (gone > 0 || fresh.length > 0) {
      for (const line of this.marks.keys()) this.sign(line, null);
      this.marks = shifted(this.marks, edit);
      for (const [line, mark] of this.marks) this.sign(line, mark);
    }
    if (document.activeElement === this.area) this.follow();
    return edit;
  }

  /** Shows what was found, and which expectation holds. */
  show(findings, expectations) {
    const starts = [0];
    for (const text of this.texts) starts.push(starts.at(-1) + text.length + 1);
    const marks = new Map();
    const of = (line) => {
      if (!marks.has(line)) marks.set(line, { ranges: [], sign: null, ghost: null });
      return marks.get(line);
    };
    for (const { line, holds } of expectations) of(line).sign = holds ? "held" : "false";
    for (const { kind, span, found, message } of [...findings].reverse()) {
      if (!span || span.line > this.texts.length) continue;
      const mark = of(span.line);
      const start = span.start - starts[span.line - 1];
      const length = this.texts[span.line - 1].length;
      const end = Math.max(Math.min(span.end - starts[span.line - 1], length), start + 1);
      mark.ranges.unshift([start, end, kind]);
      if (kind !== "warning" || !mark.sign) mark.sign = kind;
      mark.ghost = found ? `found ${found}` : message.replaceAll("`", "");
    }
    const touched = new Set([...this.marks.keys(), ...marks.keys()]);
    for (const line of touched) {
      const known = JSON.stringify(this.marks.get(line) ?? null);
      if (known === JSON.stringify(marks.get(line) ?? null)) continue;
      this.mark(line, marks.get(line));
    }
    this.marks = marks;
  }

  /** What the margin says of a line. */
  sign(line, mark) {
    const number = this.gutter.children[line - 1];
    if (!number) return;
    number.dataset.sign = mark?.sign ? MARK_SIGNS[mark.sign] : "";
    number.dataset.kind = mark?.sign ?? "";
  }

  mark(line, mark) {
    this.sign(line, mark);
    const drawnLine = this.lines.children[line - 1];
    if (!drawnLine) return;
    drawnLine.replaceChildren(...drawn(this.texts[line - 1], this.keywords, mark?.ranges ?? []));
    if (mark?.ghost) drawnLine.append(el("span", { class: `ghost g-${mark.sign}` }, mark.ghost));
  }

  /** Shows which lines the moment belongs to, from one up to another. */
  here(from, to) {
    for (const line of this.gutter.querySelectorAll(".here")) line.classList.remove("here");
    for (let line = from; line < to; line += 1) this.gutter.children[line - 1]?.classList.add("here");
  }

  /** Puts the caret to a place. */
  goTo(start, end = start) {
    this.area.focus();
    this.area.setSelectionRange(start, end);
    const line = this.lines.children[this.caretLine() - 1];
    line?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.follow();
  }
}

/** Where a line is after an edit, be it changed by it; `null` if it is gone. */
export function lineAfter(line, { same, gone, more }) {
  if (line > same + gone) return line + more;
  return line <= same + gone + more ? line : null;
}

/** What is known of lines after an edit. Of those that it changes nothing is known. */
function shifted(marks, edit) {
  const { same, gone } = edit;
  const kept = [...marks].filter(([line]) => line <= same || line > same + gone);
  return new Map(kept.map(([line, mark]) => [lineAfter(line, edit), mark]));
}
