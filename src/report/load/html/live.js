"use strict";
// The page is sent anew whenever there is more to show. What was unfolded stays so.
const events = new EventSource("/v1/events" + location.search);
function show(event) {
  const next = new DOMParser().parseFromString(JSON.parse(event.data), "text/html");
  const open = [...document.querySelectorAll("details")].map((details) => details.open);
  document.title = next.title;
  document.body.replaceWith(document.adoptNode(next.body));
  document.querySelectorAll("details").forEach((details, index) => {
    details.open = open[index] ?? details.open;
  });
}
events.addEventListener("page", show);
events.addEventListener("last", (event) => {
  events.close();
  show(event);
});
