// A real Chromium, by the WebDriver protocol and nothing else: `chromedriver` is the only helper.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** On a busy machine what takes a second takes half a minute. */
const PATIENCE_MS = 30_000;
const POLL_MS = 40;

export const keys = {
  enter: "\uE007",
  escape: "\uE00C",
  tab: "\uE004",
  space: " ",
  up: "\uE013",
  down: "\uE015",
  left: "\uE012",
  right: "\uE014",
  end: "\uE010",
  home: "\uE011",
  pageUp: "\uE00E",
  delete: "\uE017",
};

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it is so; an error that goes away by itself doesn't count. */
export async function until(what, ask) {
  const end = Date.now() + PATIENCE_MS;
  let last;
  while (Date.now() < end) {
    try {
      last = await ask();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await sleep(POLL_MS);
  }
  throw new Error(
    `waited in vain until ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  );
}

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.folder = await mkdtemp(join(tmpdir(), "pages-"));
    browser.driver = spawn("chromedriver", ["--port=0"], { stdio: ["ignore", "pipe", "inherit"] });
    browser.driver.stdout.setEncoding("utf8");
    const port = await new Promise((resolve, reject) => {
      let text = "";
      browser.driver.stdout.on("data", (part) => {
        text += part;
        const found = /started successfully on port (\d+)/.exec(text);
        if (found) resolve(found[1]);
      });
      browser.driver.once("exit", () => reject(new Error(`chromedriver ended: ${text}`)));
      browser.driver.once("error", reject);
    });
    browser.base = `http://127.0.0.1:${port}`;
    const args = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--lang=en-GB",
      "--window-size=1280,900",
      `--user-data-dir=${browser.folder}`,
    ];
    const { sessionId } = await browser.send("POST", "/session", {
      capabilities: {
        alwaysMatch: {
          browserName: "chrome",
          // On a busy machine what takes a second takes a minute.
          timeouts: { script: 120_000 },
          "goog:chromeOptions": { args },
          "goog:loggingPrefs": { browser: "ALL" },
        },
      },
    });
    browser.base += `/session/${sessionId}`;
    return browser;
  }

  async stop() {
    await this.send("DELETE", "").catch(() => {});
    if (this.driver.exitCode === null) {
      this.driver.kill();
      await once(this.driver, "exit");
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async send(method, path, body) {
    const response = await fetch(this.base + path, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message.split("\n")[0]}`);
    return value;
  }

  go(url) {
    return this.send("POST", "/url", { url });
  }

  /** Runs a function body in the page. */
  js(script, ...args) {
    return this.send("POST", "/execute/sync", { script, args });
  }

  /** Runs a function body in the page that says by its last argument, a function, what came of it. */
  jsAsync(script, ...args) {
    return this.send("POST", "/execute/async", { script, args });
  }

  cdp(cmd, params = {}) {
    return this.send("POST", "/goog/cdp/execute", { cmd, params });
  }

  /** An element by its selector; `a >>> b` looks for b in the shadow of a. */
  find(selector) {
    return until(`there is ${selector}`, () =>
      this.js(
        `let at = document;
         for (const part of arguments[0].split(" >>> ")) at = (at.shadowRoot ?? at).querySelector(part);
         return at;`,
        selector,
      ),
    );
  }

  async click(selector) {
    // It may be drawn anew meanwhile.
    await until(`${selector} can be clicked`, async () => {
      const node = await this.find(selector);
      // Out from below whatever sticks to the edge, as a person would scroll it.
      await this.js("arguments[0].scrollIntoView({ block: 'center' })", node);
      await this.send("POST", `/element/${node[ELEMENT]}/click`, {});
      return true;
    });
  }

  async type(selector, text, { clear = true } = {}) {
    const node = await this.find(selector);
    if (clear) await this.send("POST", `/element/${node[ELEMENT]}/clear`, {});
    if (text) await this.send("POST", `/element/${node[ELEMENT]}/value`, { text });
  }

  /** Presses keys on whatever has the focus, one after the other. */
  press(...pressed) {
    const actions = pressed.flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    return this.send("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
  }

  /** Drags from a point to a point of the window, by `mouse` or `touch`. */
  drag(from, to, pointerType = "mouse") {
    const move = (at, duration) => ({
      type: "pointerMove",
      duration,
      x: Math.round(at.x),
      y: Math.round(at.y),
    });
    const half = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    const actions = [
      move(from, 0),
      { type: "pointerDown", button: 0 },
      move(half, 60),
      move(to, 60),
      { type: "pointerUp", button: 0 },
    ];
    return this.send("POST", "/actions", {
      actions: [{ type: "pointer", id: pointerType, parameters: { pointerType }, actions }],
    });
  }

  async text(selector) {
    return this.js("return arguments[0].textContent.trim()", await this.find(selector));
  }

  /** Waits until an element says this, or something like this. */
  async says(selector, what, why = "") {
    let said;
    const is = async () => {
      said = await this.text(selector);
      return what instanceof RegExp ? what.test(said) : said === what;
    };
    await until(`${selector} says it`, is).catch((vain) => {
      throw new Error(`${selector} says ${JSON.stringify(said)}, not ${what} ${why} (${vain.message})`);
    });
  }

  async isShown(selector) {
    return this.js("return arguments[0].checkVisibility()", await this.find(selector));
  }

  async box(selector) {
    return this.js(
      "arguments[0].scrollIntoView({ block: 'center' }); return arguments[0].getBoundingClientRect().toJSON()",
      await this.find(selector),
    );
  }

  async tab() {
    const { handle } = await this.send("POST", "/window/new", { type: "tab" });
    await this.to(handle);
    return handle;
  }

  to(handle) {
    return this.send("POST", "/window", { handle });
  }

  /** Closes the tab; another has to be gone to. */
  close() {
    return this.send("DELETE", "/window");
  }

  handle() {
    return this.send("GET", "/window");
  }

  phone(on) {
    return on
      ? this.cdp("Emulation.setDeviceMetricsOverride", {
          width: 390,
          height: 844,
          deviceScaleFactor: 2,
          mobile: true,
        })
      : this.cdp("Emulation.clearDeviceMetricsOverride");
  }

  dark(on) {
    return this.cdp("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: on ? "dark" : "light" }],
    });
  }

  async shoot(folder, name) {
    await sleep(900);
    await writeFile(
      join(folder, `${name}.png`),
      Buffer.from(await this.send("GET", "/screenshot"), "base64"),
    );
  }

  /** What the browser complained of since it was last asked. */
  async complaints() {
    const entries = await this.send("POST", "/se/log", { type: "browser" });
    return entries.filter(({ level }) => level === "SEVERE").map(({ message }) => message);
  }
}
