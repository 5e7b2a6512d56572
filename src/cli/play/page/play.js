// The page: a text on the left, what it comes to on the right, and a moment in time that both are about.

import { banner, note } from "./banner.js";
import { $, Question, ask, el, words } from "./dom.js";
import { Editor, lineAfter } from "./editor.js";
import { File } from "./file.js";
import { LINK_CHARS_MAX, fragmentOf, textOf } from "./link.js";
import { Moment } from "./moment.js";
import { Timeline } from "./timeline.js";

const GROUPS = { presence: "Who is there", scheduler: "Hours", content: "What visitors get", visibility: "Who sees it" };
const KINDS = { error: "fault", false: "false", warning: "warning" };
/** How long the last change took until it was drawn, for those who look at the page's performance. */
const MEASURE = "from a key to the picture";
/** The address is kept up to date once nobody types for so long. */
const ADDRESS_AFTER_MS = 400;

const start = await begin();
const says = new Question("/api/says");
const then = new Question("/api/now");
const moment = new Moment(start.rules);
const timeline = new Timeline((atMs) => moveTo(atMs));
const editor = new Editor($("#text"), $("#lines"), $("#gutter"), {
  keywords: start.keywords,
  changed: (edit) => changed(edit),
  moved: (line) => caretMoved(line),
});
let file = null;
/** The line of the row that is to be shown, if one was chosen. */
let row = start.row;
let said = null;
let atMs = null;
let addressTimer = 0;
/** The text that the address held when it was last read or written. */
let linked = null;

/** What the page begins with. Without it nothing of the page works, and it says so. */
async function begin() {
  try {
    return await ask("GET", "/api/start");
  } catch (error) {
    tellSilence("It cannot be shown here", "");
    const why = error.status ? error.message : "The program does not answer";
    banner("trouble", `${why}. Load this page anew once that is mended.`);
    $("#text").readOnly = true;
    for (const control of [$("#examples"), $("#link")]) control.disabled = true;
    throw error;
  }
}

/** Somebody typed: what does it say now? */
function changed(edit) {
  if (row !== null) row = lineAfter(row, edit);
  performance.clearMarks("typed");
  performance.mark("typed");
  file?.tell();
  look();
  clearTimeout(addressTimer);
  if (!file) addressTimer = setTimeout(keepInAddress, ADDRESS_AFTER_MS);
}

async function look() {
  then.forget();
  // What is shown is of another text, until there is an answer.
  delete document.body.dataset.fresh;
  const question = { text: editor.text, row, at_ms: atMs, width: Math.max(timeline.width(), 0) };
  try {
    const answer = await says.ask(question);
    if (answer) show(answer, question.at_ms);
  } catch (error) {
    silence(error);
  }
}

/** The server says nothing of the text, or is not there: what it said of another one goes. */
function silence(error) {
  then.forget();
  said = null;
  if (error.status) tellSilence("It cannot be shown here", error.message);
  else tellSilence("The program that plays it has ended", "Start it again, and type on.");
  editor.show([], []);
  editor.here(0, 0);
  editor.area.removeAttribute("aria-invalid");
  $("#findings").replaceChildren();
  $("#row-choice").hidden = true;
  timeline.show(null);
  moment.show(null);
  showNothing({ outcome: "unknown", picture: null });
}

function tellSilence(headline, fact) {
  document.body.dataset.outcome = "stopped";
  $("#headline").textContent = headline;
  $("#facts").replaceChildren(...words(fact));
  $("#problems-title").textContent = "What is to be mended is not known";
}

function show(answer, askedMs) {
  said = answer;
  const { outcome, headline, facts, findings, expectations, picture, steps } = answer;
  Object.assign(document.body.dataset, { outcome, fresh: "" });
  $("#headline").textContent = headline;
  $("#facts").replaceChildren(...words(facts.join(" · ")));
  if (!file) {
    $("#name").textContent = answer.title || "A scenario without a title";
    document.title = `${answer.title || "A scenario"} · Lamplighter`;
  }
  editor.show(findings, expectations);
  showFindings(answer);
  showRows(answer);
  timeline.show(picture, steps);
  showNothing(answer);
  if (picture) {
    const wanted = timeline.within(atMs ?? momentOfInterest(answer));
    const byCaret = document.activeElement === editor.area ? instantOf(editor.caretLine()) : undefined;
    put(byCaret ?? wanted, askedMs);
  } else {
    moment.show(null);
    editor.here(0, 0);
  }
  requestAnimationFrame(() => {
    performance.clearMeasures(MEASURE);
    performance.measure(MEASURE, "typed");
  });
}

/** Where to look first: what is false, or else the end. */
function momentOfInterest({ findings, steps, picture }) {
  const first = findings.find(({ kind, span }) => kind === "false" && span);
  const step = first && steps.findLast(({ line }) => line <= first.span.line);
  return step?.at_ms ?? steps.at(-1)?.at_ms ?? picture.stops.at(-1).at_ms;
}

/** Puts the moment to an instant, of which the answer may know already. */
function put(instant, knownMs) {
  atMs = instant;
  timeline.put(atMs);
  const from = said.steps.findLast(({ at_ms }) => at_ms <= atMs);
  const isExact = from?.at_ms === atMs;
  const first = isExact ? said.steps.find(({ at_ms }) => at_ms === atMs) : undefined;
  editor.here(first?.line ?? 0, first ? endOf(from.line) : 0);
  if (said.now && knownMs === atMs) showMoment(said.now);
  else ask_now();
}

/** The line behind the last one of the block that begins in a line. */
function endOf(line) {
  const { texts } = editor;
  const behind = texts.findIndex((text, index) => index >= line && /^\s*(until|replay|observed|at)\b/.test(text));
  let end = behind === -1 ? texts.length : behind;
  while (end > line && texts[end - 1].trim() === "") end -= 1;
  return end + 1;
}

async function ask_now() {
  try {
    const now = await then.ask({ text: editor.text, row: said.row, at_ms: atMs });
    if (now !== undefined) showMoment(now);
  } catch (error) {
    // What was said of the text holds all the same.
    showMoment(null, error.status ? error.message : "the program that plays it has ended");
  }
}

function showMoment(now, why) {
  moment.show(now, why);
  $("#local").textContent = now?.local ?? "–";
  $("#zone").textContent = now?.zone ?? "";
  $("#zone").title = now?.utc ?? "";
  const widgets = now?.widgets.slice(0, 3).map(({ widget, status }) => `${widget} ${status}`);
  timeline.say(now ? [`${now.local} ${now.zone}`, ...widgets].join(", ") : "not known");
}

function moveTo(instant) {
  put(timeline.within(instant), NaN);
}

/** The instant of the `at` block in which a line stands. */
function instantOf(line) {
  const step = said?.steps.findLast((one) => one.line <= line);
  return step && line < endOf(step.line) ? step.at_ms : undefined;
}

function caretMoved(line) {
  for (const item of $("#findings").children) item.toggleAttribute("data-here", Number(item.dataset.line) === line);
  const instant = instantOf(line);
  if (instant !== undefined && instant !== atMs && said.picture) moveTo(instant);
}

function showFindings({ findings, findings_left_out: more }) {
  const count = (kind) => findings.filter((finding) => finding.kind === kind).length;
  const counted = (number, noun) => number > 0 && `${number} ${noun}${number === 1 ? "" : "s"}`;
  const counts = [counted(count("error"), "fault"), counted(count("false"), "false expectation"), counted(count("warning"), "warning")];
  $("#problems-title").textContent = counts.filter(Boolean).join(", ") || "Nothing to mend";
  $("#problems").dataset.count = findings.length;
  editor.area.setAttribute("aria-invalid", String(count("error") > 0));
  const line = editor.caretLine();
  const items = findings.map((finding, index) => {
    const { kind, span, message, label, help, notes, place, code } = finding;
    const head = [el("span", { class: `kind k-${kind}` }, KINDS[kind]), " ", ...words(message)];
    const go = () => span && editor.goTo(span.start, Math.max(span.end, span.start));
    return el(
      "li",
      { dataset: { line: span?.line ?? "", index }, "data-here": span?.line === line },
      span ? el("button", { type: "button", class: "go", onclick: go }, head) : el("p", { class: "go" }, head),
      el("p", { class: "place" }, place, code ? ` · ${code}` : ""),
      label ? el("p", { class: "label" }, words(label)) : null,
      help ? el("p", { class: "help" }, el("b", {}, "help"), " ", words(help)) : null,
      notes.length > 0 ? el("ul", { class: "notes" }, notes.map((note) => el("li", {}, words(note)))) : null,
    );
  });
  if (more > 0) items.push(el("li", {}, `and ${more} more`));
  $("#findings").replaceChildren(...items);
}

function showRows({ rows, row: shown, rows_left_out: more }) {
  $("#row-choice").hidden = rows.length === 0;
  const sign = { passed: "✓", failed: "✕", invalid: "!", stopped: "…" };
  const options = rows.map(({ line, words: text, outcome }) => {
    const option = el("option", { value: line }, `${sign[outcome]} ${text}`);
    option.selected = line === shown;
    return option;
  });
  if (more > 0) options.push(el("option", { disabled: true }, `${more} more rows are not played here`));
  $("#rows").replaceChildren(...options);
}

function showNothing({ outcome, picture }) {
  const place = $("#nothing");
  place.hidden = Boolean(picture);
  const isAbove = $("#picture").childElementCount > 0;
  place.classList.toggle("above", isAbove);
  const why = {
    unknown: isAbove ? "As it was in another text." : "It is not known what happens in it.",
    invalid: isAbove ? "As it was before the fault." : "The picture comes once the faults are mended.",
    stopped: "There are too many instants in it to draw them here, or they take too long.",
  };
  place.textContent = picture ? "" : (why[outcome] ?? "Nothing happens in it yet: an `at` line begins its time.".replaceAll("`", ""));
}

/** To the next thing to mend, or the one before. */
function toFinding(by) {
  const spans = (said?.findings ?? []).map(({ span }) => span).filter(Boolean);
  const at = editor.area.selectionStart;
  const next = by > 0 ? (spans.find(({ start: from }) => from > at) ?? spans[0]) : (spans.findLast(({ start: from }) => from < at) ?? spans.at(-1));
  if (next) editor.goTo(next.start, next.end);
}

async function keepInAddress() {
  const { text } = editor;
  const fragment = await fragmentOf(text);
  if (text !== editor.text) return;
  linked = fragment ?? "";
  history.replaceState(null, "", fragment ?? location.pathname);
}

async function copyLink() {
  const fragment = await fragmentOf(editor.text);
  if (!fragment) {
    const kilo = Math.round(LINK_CHARS_MAX / 1_000);
    note(`The text is too long for a link of ${kilo},000 characters: send the file.`);
    return;
  }
  linked = fragment;
  history.replaceState(null, "", fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    tellState("link copied");
  } catch {
    tellState("the link is in the address bar");
  }
}

function tellState(text) {
  $("#state").textContent = text;
  setTimeout(() => {
    $("#state").textContent = "";
    file?.tell();
  }, 3_000);
}

/** Takes the text out of the address, if it holds one. */
async function readAddress() {
  if (location.hash === linked) return false;
  linked = location.hash;
  try {
    const text = await textOf(location.hash, start.text_bytes_max);
    if (text === null) return false;
    row = null;
    editor.text = text;
    return true;
  } catch {
    note("The link is broken: it does not hold a whole text. Ask for it once more.");
    return false;
  }
}

function fillExamples() {
  const select = $("#examples");
  for (const [group, name] of Object.entries(GROUPS)) {
    const options = start.examples.flatMap((example, index) =>
      example.group === group ? [el("option", { value: index }, example.title)] : [],
    );
    select.append(el("optgroup", { label: name }, options));
  }
  select.addEventListener("change", () => {
    const example = start.examples[Number(select.value)];
    if (select.value === "" || !example) return;
    select.value = "";
    [row, atMs] = [null, null];
    editor.text = example.text;
    tellState("Ctrl Z brings your text back");
  });
}

fillExamples();
$("#rows").addEventListener("change", () => {
  row = Number($("#rows").value);
  look();
});
$("#link").addEventListener("click", copyLink);
$("#picture").addEventListener("click", (event) => {
  const flag = event.target.closest(".to-line");
  const falseOnes = said?.findings.filter(({ kind }) => kind === "false");
  const span = flag && falseOnes?.[Number(flag.dataset.number) - 1]?.span;
  if (span) editor.goTo(span.start, span.end);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "F8") return;
  event.preventDefault();
  toFinding(event.shiftKey ? -1 : 1);
});
addEventListener("hashchange", readAddress);
let resized = 0;
let drawnFor = innerWidth;
addEventListener("resize", () => {
  clearTimeout(resized);
  // A phone's keyboard changes the height alone.
  resized = setTimeout(() => {
    if (innerWidth !== drawnFor) look();
    drawnFor = innerWidth;
  }, 150);
});
matchMedia("(max-width: 900px)").addEventListener("change", legendFolds);
function legendFolds() {
  $(".legend").open = false;
}
legendFolds();

performance.mark("typed");
if (start.file) {
  $("#name").textContent = start.file.path;
  editor.area.value = start.file.text;
  editor.draw();
  file = new File(start.file, editor);
}
if (!(await readAddress())) {
  if (!file) editor.text = start.examples.find(({ text }) => text.includes("no chat"))?.text ?? start.examples[0].text;
  else look();
}
document.body.dataset.ready = "";
