// The page of `lamplighter load gather` in a real Chromium, while a test is gathered:
//
//   node tests/pages/gather.mjs --program target/debug/lamplighter [--shots FOLDER]

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
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

try {
  const gatherer = load("gatherer", ["gather", "--parts", "2", "--listen", "127.0.0.1:0", "--json", "whole.json"]);
  await until("it listens", () => gatherer.said.includes("2 parts at http://"));
  const url = /at (http:\S+)/.exec(gatherer.said)[1];

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
  console.log("the page of a test that is gathered: 1 passed, 0 failed");
} finally {
  for (const { child } of children) if (child.exitCode === null) child.kill("SIGKILL");
  await browser.stop();
  await rm(folder, { recursive: true, force: true });
}
