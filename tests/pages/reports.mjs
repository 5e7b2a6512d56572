// The pages of reports in a real Chromium, as a program writes them:
//
//   node tests/pages/reports.mjs --program target/debug/lamplighter [--shots FOLDER]

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Browser } from "./browser.mjs";
import { looksOf } from "./looks.mjs";

const { values: options } = parseArgs({
  options: { program: { type: "string" }, shots: { type: "string", default: "target/pages" } },
});
const { program, shots } = options;
assert(program, "--program is needed");
await mkdir(shots, { recursive: true });

const FAILING = "tests/commands/failing.in";
const LOADING = "tests/commands/full/loading.in";
const folder = await mkdtemp(join(tmpdir(), "reports-"));
const whole = await readFile(`${LOADING}/whole.json`, "utf8");
const cut = join(folder, "cut.json");
await writeFile(cut, whole.replace(/("interrupted":\s*)false/, "$1true"));

/** A report of each kind, by its name: how it is asked for, and how that ends. */
const REPORTS = {
  scenarios: [["scenario", "scenarios", "--quiet"], 0],
  "scenario-fails": [["scenario", FAILING, "--quiet"], 2],
  "scenario-alone": [["scenario", `${FAILING}/team.scenario`, "--quiet"], 1],
  coverage: [["coverage", `${FAILING}/team.scenario`, "--quiet"], 0],
  load: [["load", "merge", `${LOADING}/whole.json`, "--quiet"], 0],
  "load-wrong": [["load", "merge", `${LOADING}/part-1.json`, `${LOADING}/part-2.json`, "--wrong", join(folder, "wrong"), "--quiet"], 1],
  "load-cut": [["load", "merge", cut, "--quiet"], 3],
};

const browser = await Browser.start();
const { isSound, isReadable, isAccessible } = looksOf(browser);

/** How many scenarios can be seen, by the choice above them. */
const seen = (choice) =>
  browser.js(
    `document.querySelector("#show-" + arguments[0]).click();
     for (const folder of document.querySelectorAll("details.folder")) folder.open = true;
     return [...document.querySelectorAll("details.scenario")].filter((one) => one.checkVisibility()).length;`,
    choice,
  );

try {
  for (const [name, [args, code]] of Object.entries(REPORTS)) {
    const file = join(folder, `${name}.html`);
    const ran = spawnSync(program, [...args, "--html", file], { encoding: "utf8" });
    assert.equal(ran.status, code, `${name}: ${ran.stderr}`);
    await browser.go(pathToFileURL(file).href);
    await isSound(name);
    await isReadable(name);
    await isAccessible(name);
    await browser.shoot(shots, `report-${name}`);
    await browser.dark(true);
    await isReadable(`${name} in the dark`);
    await isAccessible(`${name} in the dark`);
    await browser.shoot(shots, `report-${name}-dark`);
    await browser.dark(false);
    await browser.phone(true);
    await isSound(`${name} on a phone`);
    await isAccessible(`${name} on a phone`);
    await browser.shoot(shots, `report-${name}-phone`);
    await browser.phone(false);
    console.log(`ok   ${name}`);
  }
  await browser.go(pathToFileURL(join(folder, "scenario-fails.html")).href);
  const counts = {};
  for (const choice of ["failed", "invalid", "passed", "all"]) counts[choice] = await seen(choice);
  assert.deepEqual(counts, { failed: 2, invalid: 1, passed: 1, all: 4 });
  console.log("ok   what is chosen is shown, and nothing else");
  for (const [name, title] of Object.entries({ load: "Passed", "load-wrong": "4 wrong answers", "load-cut": "Cut off" })) {
    await browser.go(pathToFileURL(join(folder, `${name}.html`)).href);
    assert.equal((await browser.js("return document.title")).split(" · ")[0], title);
  }
  console.log("ok   a load test is titled by what it came to");
} finally {
  await browser.stop();
  await rm(folder, { recursive: true, force: true });
}
