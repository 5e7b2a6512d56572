// The page of `lamplighter load gather` in a real Chromium, while a test is gathered:
//
//   node tests/pages/gather.mjs --program target/debug/lamplighter [--shots FOLDER]

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { Browser, until } from "./browser.mjs";
import { looksOf } from "./looks.mjs";

const { values: options } = parseArgs({
  options: { program: { type: "string" }, shots: { type: "string", default: "target/pages" } },
});
const { shots } = options;
assert(options.program, "--program is needed");
const program = resolve(options.program);
await mkdir(shots, { recursive: true });

const TOKEN = "a-token-for-pages-only";
const folder = await mkdtemp(join(tmpdir(), "gather-"));
const children = [];

/** Starts `lamplighter load`; all that it says is kept. */
function load(name, args) {
  const env = { ...process.env, LAMPLIGHTER_GATHER_TOKEN: TOKEN };
  const child = spawn(program, ["load", ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const one = { name, child, said: "" };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (one.said += text));
  children.push(one);
  return one;
}

/** Starts a gatherer of two parts that listens here; its address is told once it has one. */
async function gather(name, listen, ...args) {
  const gatherer = load(name, ["gather", "--parts", "2", "--listen", listen, "--json", `${name}.json`, ...args]);
  await until(`${name} listens`, () => gatherer.said.includes("2 parts at http://"));
  gatherer.url = /at (http:\S+)/.exec(gatherer.said)[1];
  return gatherer;
}

/** A part on a service of its own. */
const part = (url, shard) =>
  load(shard, [
    ...["--gather", url, "--shard", shard, "--json", `${shard[0]}.json`, "--wrong", `wrong-${shard[0]}`],
    ...["--properties", "32", "--agents", "2", "--visitors", "40/s", "--streams", "4", "--pace", "2s"],
    ...["--within", "10s", "--duration", "12s", "--no-default-gates", "--quiet"],
  ]);

const browser = await Browser.start();
const { isSound, isReadable, isAccessible } = looksOf(browser);
const text = () => browser.js("return document.body.innerText");

const headline = () => browser.js("return document.querySelector('h1').textContent");
const silence = () => browser.js("return document.querySelector('.silence')?.textContent ?? ''");

/** A wrong answer of a widget, so many seconds behind the start of its run. */
const wrongAnswer = (about, seconds) => ({
  ...{ class: "stale", about, sent_us: seconds * 1e6, answered_us: seconds * 1e6 + 1_000, at: `2026-03-09T13:00:0${seconds}Z` },
  ...{ answered: "away", admissible: ["online"], why: "it was not so any more", alike: 1, around: [], scenario: "scenario Of this one" },
});

/** Says to a gatherer what a part would that has come to this result, and has found these answers wrong. */
async function says({ url }, result, wrong, end = null) {
  const { about, intervals, judged, ...rest } = result;
  const list = (items) => ({ count: items.length, changed: Object.fromEntries(items.entries()) });
  const found = { ...judged, wrong: { stale: wrong.length }, kinds: wrong.length, evidence: [] };
  const identity = {
    ...{ format: result.format, lamplighter: about.lamplighter, session: `made up ${about.shards}`, shard: about.shards[0], plan: about.plan },
    ...{ duration_ms: about.duration_ms, properties: about.properties, properties_of_plan: 32 },
    ...{ clock: { ahead_us: 0, uncertain_us: 1 }, ready: null, start_ms: Date.parse(about.start) },
  };
  const increment = { after: 0, result: { ...rest, about, judged: found, intervals: [] }, intervals: list(intervals), evidence: list(wrong) };
  const answer = await fetch(`${url}/v1/part`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}` },
    body: gzipSync(JSON.stringify({ part: identity, increment, end })),
  });
  assert.equal(answer.status, 200, await answer.text());
}

async function aTestThatIsGathered() {
  const gatherer = await gather("whole", "127.0.0.1:0");
  const { url } = gatherer;
  await browser.go(`${url}/?token=${TOKEN}`);
  assert((await text()).includes("not heard of yet"), "nobody has told anything yet");
  await isSound("nobody yet");
  await isReadable("nobody yet");
  await isAccessible("nobody yet");
  await browser.shoot(shots, "gather-waiting");

  part(url, "1/2");
  await until("the first part is shown without a reload", async () => /preparing|ready/.test(await text()));
  part(url, "2/2");
  const pictures = () => browser.js("return document.querySelectorAll('main svg').length");
  for (let tries = 0; (await pictures()) === 0; tries += 1) {
    assert(tries < 12, `no pictures: ${await text()}`);
    await until("both play", pictures).catch(() => {});
  }
  assert.match(await headline(), /^So far: /);
  assert(!/ended early|Passed/.test(await text()), await text());
  await isSound("while it goes on");
  await isReadable("while it goes on");
  await isAccessible("while it goes on");
  await browser.shoot(shots, "gather-playing");
  const folds = (which) => browser.js(`return [...document.querySelectorAll("details${which} > summary")].map((summary) => summary.textContent)`);
  await browser.js("document.querySelectorAll('details').forEach((details) => (details.open = true))");
  const unfolded = await folds("[open]");
  const before = await text();
  await until("it is drawn anew", async () => (await text()) !== before);

  for (const { child } of children) if (child.exitCode === null) await once(child, "exit");
  assert.deepEqual(children.map(({ child }) => child.exitCode), [0, 0, 0], children.map(({ name, said }) => `${name}: ${said}`).join("\n"));
  await until("the last page is there", async () => ((await text()).match(/\bdone\b/g) ?? []).length >= 2);
  // There is more to unfold by now.
  assert.deepEqual(await folds("[open]"), unfolded, "what was unfolded stays so, and nothing else");
  assert((await folds("")).length > unfolded.length, "goose's tables are there");
  await isSound("at the end");
  await isAccessible("at the end");
  await browser.shoot(shots, "gather-done");
  assert.equal(await headline(), "No wrong answer, every gate passed");
  assert.equal(await silence(), "", "nothing more is to be told");
}

async function partsThatAreLostOrFoundWrong() {
  const gatherer = await gather("told", "127.0.0.1:0", "--lost-after", "10m");
  const [one, two] = await Promise.all([1, 2].map(async (part) => JSON.parse(await readFile(join(folder, `${part}.json`), "utf8"))));
  await browser.go(`${gatherer.url}/?token=${TOKEN}`);
  await says(gatherer, one, []);
  await says(gatherer, { ...two, about: { ...two.about, within_ms: 1 } }, []);
  await until("it is said that they don't add up", async () => /does not add up/.test(await headline()));
  assert((await text()).includes("--within is `10000 ms` in the one and `1 ms` in the other"), await text());
  await isSound("parts that don't add up");
  await isReadable("parts that don't add up");
  await isAccessible("parts that don't add up");
  await browser.shoot(shots, "gather-unlike");

  await says(gatherer, two, []);
  await says(gatherer, one, [wrongAnswer("late", 6)]);
  await until("a wrong answer is told", async () => (await headline()).startsWith("So far: 1 wrong answer"));
  await browser.js("document.querySelector('article details').open = true");
  await says(gatherer, two, [wrongAnswer("early", 2)]);
  await until("both are told", async () => (await headline()).startsWith("So far: 2 wrong answers"));
  const of = (which) => browser.js(`return [...document.querySelectorAll("article")].filter((one) => one.querySelector("${which}")).map((one) => one.querySelector("h3").lastChild.data.trim())`);
  assert.deepEqual(await of("details"), ["early", "late"]);
  assert.deepEqual(await of("details[open]"), ["late"], "what was unfolded stays so, and nothing else");

  await says(gatherer, one, [wrongAnswer("late", 6)], "done");
  const cut = { ...two, about: { ...two.about, lasted_ms: two.about.duration_ms / 4 } };
  await says(gatherer, cut, [wrongAnswer("early", 2)], { failed: "its disk is full" });
  await until("it is over", async () => (await headline()).startsWith("Cut off: 2 wrong answers"));
  assert((await text()).includes("shard 2/2 was lost, 37.5% of the plan is unjudged: it failed: its disk is full"), await text());
  if (gatherer.child.exitCode === null) await once(gatherer.child, "exit");
  assert.equal(gatherer.child.exitCode, 3, gatherer.said);
  assert.equal(await browser.js("return events.readyState"), 2, "nothing more is asked for");
  assert.equal(await silence(), "", "nothing more is to be told");
  await isReadable("a part that was lost");
  await isAccessible("a part that was lost");
  await browser.shoot(shots, "gather-lost");
}

async function aGathererThatSaysNoMore() {
  const gatherer = await gather("silent", "127.0.0.1:0");
  await browser.go(`${gatherer.url}/?token=${TOKEN}`);
  await until("the page is drawn anew", async () => (await browser.js("return events.readyState")) === 1);
  const isSilent = async () => /^No longer told since \d\d:\d\d:\d\d: /.test(await silence());
  gatherer.child.kill("SIGSTOP");
  await until("it is said that nothing comes", isSilent);
  gatherer.child.kill("SIGCONT");
  await until("it is told again", async () => (await silence()) === "");
  gatherer.child.kill("SIGKILL");
  await until("it is said that the line is cut", isSilent);
  assert.match(await browser.js("return document.title"), /^No longer told · /);
  await isReadable("a gatherer that is gone");
  await isAccessible("a gatherer that is gone");
  await browser.shoot(shots, "gather-silent");
  await gather("anew", new URL(gatherer.url).host);
  await until("another tells in its place", async () => (await silence()) === "");
  // What could not be reached is told by the browser, too.
  await browser.complaints();
}

try {
  for (const test of [aTestThatIsGathered, partsThatAreLostOrFoundWrong, aGathererThatSaysNoMore]) await test();
  console.log("the page of a test that is gathered: 3 passed, 0 failed");
} finally {
  for (const { child } of children) if (child.exitCode === null) child.kill("SIGKILL");
  await browser.stop();
  await rm(folder, { recursive: true, force: true });
}
