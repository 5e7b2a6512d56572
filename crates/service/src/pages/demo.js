// The panel of the demonstration: what the widget tells the page, and what the page can tell it.
// It runs before the widget, so that it can lend it another visitor's eyes.

const script = document.getElementById("lamplighter");
const asked = new URLSearchParams(location.search);
for (const name of ["page", "device", "country"]) {
  const value = asked.get(name);
  if (!value) continue;
  script.dataset[name] = value;
  document.getElementById("visitor").elements[name].value = value;
}

const $ = (id) => document.getElementById(id);

function log(text) {
  const entry = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString();
  entry.append(time, ` ${text}`);
  $("log").prepend(entry);
}

function print() {
  $("status").textContent = window.Lamplighter.getStatus();
  $("can-chat").textContent = String(window.Lamplighter.canChat());
  $("hidden").textContent = String(window.Lamplighter.isChatHidden());
}

document.addEventListener("DOMContentLoaded", () => {
  const widget = window.Lamplighter;
  widget.onStatusChange = (status) => {
    log(`onStatusChange: ${status}`);
    print();
  };
  widget.onOfflineSubmit = ({ name }) => log(`onOfflineSubmit: from ${name}`);
  $("show").addEventListener("click", () => {
    widget.showWidget();
    print();
  });
  $("hide").addEventListener("click", () => {
    widget.hideWidget();
    print();
  });
  print();
  // Visibility, and whether a chat can start, change without the status: there is no event for it.
  const host = document.querySelector("lamplighter-widget");
  new MutationObserver(print).observe(host, { attributes: true });
  new MutationObserver(print).observe(host.shadowRoot, { attributes: true, subtree: true });
});
