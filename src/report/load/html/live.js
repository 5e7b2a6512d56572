"use strict";
// The page is sent anew whenever there is more to show. What was unfolded stays so.
const events = new EventSource("/v1/events" + location.search);
// What can be unfolded, by what it says, and by how many before it that say the same.
function folds() {
  const counts = new Map();
  return [...document.querySelectorAll("details")].map((details) => {
    const said = details.querySelector("summary").textContent;
    const count = counts.get(said) ?? 0;
    counts.set(said, count + 1);
    return [`${said} ${count}`, details];
  });
}
function show(event) {
  const next = new DOMParser().parseFromString(JSON.parse(event.data), "text/html");
  const open = new Map(folds().map(([name, details]) => [name, details.open]));
  document.title = next.title;
  document.body.replaceWith(document.adoptNode(next.body));
  folds().forEach(([name, details]) => {
    details.open = open.get(name) ?? details.open;
  });
}
events.addEventListener("page", show);
events.addEventListener("last", (event) => {
  events.close();
  show(event);
});
