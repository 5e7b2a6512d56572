// Nothing here is needed: it adds a search, opens what a link leads to, and says at once what is under the pointer.
(() => {
  const scenarios = [...document.querySelectorAll("details.scenario")];
  const folders = [...document.querySelectorAll("details.folder")];
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    const around = target && target.closest("details.scenario");
    if (!around) return;
    const folder = around.closest("details.folder");
    if (folder) folder.open = true;
    around.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  for (const picture of document.querySelectorAll(".picture")) {
    const told = document.createElement("p");
    told.className = "under";
    picture.append(told);
    const tell = (event) => {
      const title = event.target.closest("g, rect, path, a")?.querySelector(":scope > title");
      told.textContent = title ? title.textContent : "";
    };
    picture.addEventListener("pointerover", tell);
    picture.addEventListener("pointerleave", () => (told.textContent = ""));
  }
  const search = document.getElementById("search");
  if (!search) return;
  const words = (scenario) =>
    [...scenario.querySelectorAll(".title, .path, .sources")].map((e) => e.textContent).join(" ").toLowerCase();
  const index = scenarios.map((scenario) => [scenario, words(scenario)]);
  const before = new Map(folders.map((folder) => [folder, folder.open]));
  const found = document.getElementById("found");
  search.parentElement.hidden = false;
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const [scenario, text] of index) {
      scenario.hidden = !wanted.every((word) => text.includes(word));
      count += scenario.hidden ? 0 : 1;
    }
    for (const folder of folders) {
      folder.hidden = !folder.querySelector("details.scenario:not([hidden])");
      folder.open = search.value ? !folder.hidden : before.get(folder);
    }
    found.textContent = search.value ? count + " found" : "";
  });
})();
