// Nothing here is needed: it adds a search, and opens what a link leads to.
(() => {
  const scenarios = [...document.querySelectorAll("details.scenario")];
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    const around = target && target.closest("details.scenario");
    if (around) { around.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();
  const search = document.getElementById("search");
  if (!search) return;
  const words = (scenario) =>
    [...scenario.querySelectorAll(".title, .path, .sources")].map((e) => e.textContent).join(" ").toLowerCase();
  const index = scenarios.map((scenario) => [scenario, words(scenario)]);
  const found = document.getElementById("found");
  search.parentElement.hidden = false;
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const [scenario, text] of index) {
      scenario.hidden = !wanted.every((word) => text.includes(word));
      count += scenario.hidden ? 0 : 1;
    }
    found.textContent = search.value ? count + " found" : "";
  });
})();
