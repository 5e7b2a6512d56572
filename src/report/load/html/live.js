"use strict";
// The page is sent anew every second. What was unfolded stays so; and where nothing is told any more the page
// says so, for old numbers look like new ones.
const SILENT_MS = 10_000;

let events;
let silence;
let toldAt = new Date();

// What can be unfolded, by what it says and the wrong answer that it is of: others may come to stand before it.
function folds() {
  const counts = new Map();
  return [...document.querySelectorAll("details")].map((details) => {
    const of = details.closest("article")?.querySelectorAll("h3, .place, .versus") ?? [];
    const said = [...of, details.querySelector("summary")].map((node) => node.textContent.trim()).join("\n");
    const count = counts.get(said) ?? 0;
    counts.set(said, count + 1);
    return [`${said}\n${count}`, details];
  });
}

function show(event) {
  toldAt = new Date();
  const next = new DOMParser().parseFromString(JSON.parse(event.data), "text/html");
  const open = new Map(folds().map(([name, details]) => [name, details.open]));
  document.title = next.title;
  document.body.replaceWith(document.adoptNode(next.body));
  folds().forEach(([name, details]) => {
    details.open = open.get(name) ?? details.open;
  });
}

// It goes away with the next page.
function tellSilence() {
  if (document.querySelector(".silence")) return;
  const note = document.createElement("p");
  note.className = "silence";
  note.setAttribute("role", "status");
  const since = toldAt.toTimeString().slice(0, 8);
  note.textContent = `No longer told since ${since}: the gatherer has ended, or cannot be reached. It is asked again.`;
  document.body.prepend(note);
  document.title = `No longer told · ${document.title}`;
}

// A line that is cut says nothing, and some errors are final for the browser: both are told anew.
function listen() {
  clearTimeout(silence);
  silence = setTimeout(() => {
    tellSilence();
    connect();
  }, SILENT_MS);
}

function connect() {
  events?.close();
  events = new EventSource("/v1/events" + location.search);
  events.addEventListener("error", tellSilence);
  events.addEventListener("page", (event) => {
    listen();
    show(event);
  });
  events.addEventListener("last", (event) => {
    clearTimeout(silence);
    events.close();
    show(event);
  });
  listen();
}

connect();
