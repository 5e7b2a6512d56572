// How widget.js follows what a service says, without a browser: on a clock of the test's own, which does not have
// to be waited for, with a service that loses the property and has it again.
//
//   node tests/pages/follow.mjs

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createContext, runInContext } from "node:vm";

const SOURCE = await readFile(new URL("../../crates/service/src/pages/follow.js", import.meta.url), "utf8");

/** A service with one widget, or without it, and what was asked of it. */
class FakeService {
  isThere = true;
  reads = 0;
  streams = [];
  answer = '{"status":"online"}';
  /** Whether reads reach it. */
  isReached = true;
  /** Whether it gives streams. */
  hasStreams = true;
  /** For how many milliseconds the answers to the next reads are on their way. */
  delays = [];

  /** Answers what holds when it is asked, however late that comes. */
  async read(pause) {
    this.reads += 1;
    if (!this.isReached) throw new TypeError("the connection is lost");
    const { isThere, answer } = this;
    if (this.delays.length > 0) await pause(this.delays.shift());
    if (isThere) return { ok: true, status: 200, text: async () => answer };
    return { ok: false, status: 404, statusText: "Not Found", text: async () => "{}" };
  }

  /** The widget says something else, which is pushed. */
  change(status) {
    this.answer = JSON.stringify({ status });
    for (const stream of this.streams) stream.hear({ data: this.answer });
  }

  /** The property goes: streams end, and none is given any more. */
  lose() {
    this.isThere = false;
    this.endStreams();
  }

  endStreams() {
    for (const stream of this.streams) stream.refuse();
  }
}

/** A page in which time passes when the test says so. */
function page(service, channels, path = "/") {
  let now = 1_000_000_000;
  let timers = [];
  const told = [];
  const shown = { status: null };
  const later = (work, ms = 0, every = 0) => {
    const timer = { at: now + ms, work, every };
    timers.push(timer);
    return timer;
  };
  class EventSource {
    static OPEN = 1;
    static CLOSED = 2;
    readyState = 0;
    hear = () => {};
    constructor() {
      service.streams.push(this);
      later(() => (service.isThere && service.hasStreams ? this.open() : this.refuse()));
    }
    open() {
      this.readyState = 1;
      this.hear({ data: service.answer });
    }
    refuse() {
      if (this.readyState === 2) return;
      this.readyState = 2;
      this.onerror?.();
    }
    addEventListener(_, hear) {
      this.hear = hear;
    }
    close() {
      this.readyState = 2;
      service.streams = service.streams.filter((stream) => stream !== this);
    }
  }
  class BroadcastChannel {
    constructor() {
      channels.push(this);
    }
    postMessage(data) {
      for (const other of channels) if (other !== this) later(() => other.onmessage({ data }));
    }
    close() {}
  }
  const context = createContext({
    EventSource,
    BroadcastChannel,
    navigator: {},
    AbortSignal: { timeout: () => null },
    fetch: () => service.read((ms) => new Promise((done) => later(done, ms))),
    Date: { now: () => now },
    setTimeout: later,
    setInterval: (work, ms) => later(work, ms, ms),
    clearTimeout: (timer) => (timers = timers.filter((other) => other !== timer)),
    addEventListener: () => {},
  });
  const follow = runInContext(`${SOURCE}; follow`, context);
  follow({
    base: "/v1/widgets/acme",
    query: () => `page=${path}`,
    take(text) {
      told.push("taken");
      shown.status = JSON.parse(text).status;
    },
    lose: () => told.push("lost"),
    miss: () => told.push("missing"),
  });
  return {
    told,
    shown,
    async pass(ms) {
      const until = now + ms;
      for (;;) {
        // What was answered is read before anything else happens.
        for (let turn = 0; turn < 10; turn += 1) await null;
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        now = Math.max(now, next.at);
        if (next.every) next.at += next.every;
        else timers = timers.filter((other) => other !== next);
        next.work();
      }
      now = until;
    },
  };
}

/** Time passes in several pages at once, a tenth of a second after the other. */
async function passAll(pages, ms) {
  for (let passed = 0; passed < ms; passed += 100) for (const one of pages) await one.pass(100);
}

const service = new FakeService();
const only = page(service, []);
await only.pass(5_000);
assert.deepEqual([only.told.at(-1), service.streams.length], ["taken", 1]);

service.lose();
await only.pass(5_000);
assert.equal(only.told.at(-1), "missing", "what is gone is no connection that is lost");
assert.equal(service.streams.length, 0);
only.told.length = 0;
service.reads = 0;
await only.pass(600_000);
assert(service.reads >= 5 && service.reads <= 11, `asked ${service.reads} times in ten minutes`);
assert(!only.told.includes("lost"), only.told.join());

service.isThere = true;
await only.pass(75_000);
assert.equal(only.told.at(-1), "taken", "it is back within a minute or so");
assert.equal(service.streams.length, 1, "and is told of changes again");

// A widget that never was
const none = new FakeService();
none.isThere = false;
const waiting = page(none, []);
await waiting.pass(300_000);
assert.equal(waiting.told.at(-1), "missing");
assert(none.reads <= 8, `asked ${none.reads} times in five minutes`);
none.isThere = true;
await waiting.pass(75_000);
assert.deepEqual([waiting.told.at(-1), none.streams.length], ["taken", 1]);

// Two tabs, of which one has the stream
const shared = new FakeService();
const channels = [];
const tabs = [page(shared, channels), page(shared, channels)];
const both = (ms) => passAll(tabs, ms);
const last = () => tabs.map(({ told }) => told.at(-1));
await both(30_000);
assert.deepEqual([last(), shared.streams.length], [["taken", "taken"], 1]);
shared.lose();
await both(20_000);
assert.deepEqual(last(), ["missing", "missing"], "both are told");
shared.reads = 0;
await both(600_000);
assert(shared.reads <= 22, `asked ${shared.reads} times in ten minutes`);
assert.deepEqual(last(), ["missing", "missing"]);
shared.isThere = true;
await both(75_000);
assert.deepEqual([last(), shared.streams.length], [["taken", "taken"], 1]);

console.log("ok   a widget that is gone is asked for once a minute, and comes back");

/** Two tabs that see these pages, of which one has the stream. */
async function pairOf(service, ...paths) {
  const channels = [];
  const pages = paths.map((path) => page(service, channels, path));
  const pass = (ms) => passAll(pages, ms);
  await pass(30_000);
  const says = () => pages.map(({ shown }) => shown.status);
  assert.deepEqual([says(), service.streams.length], [["online", "online"], 1]);
  return { pass, says };
}

// Answers to two questions come in the other order
const swapped = new FakeService();
const other = await pairOf(swapped, "/a", "/b");
swapped.delays = [3_000, 500];
swapped.change("away");
await other.pass(200);
swapped.change("offline");
await other.pass(5_000);
assert.deepEqual(other.says(), ["offline", "offline"], "the answer that was asked for last holds");

// The stream brings something newer while an answer is on its way: to the tab that has it, and to the other
const broken = new FakeService();
const same = await pairOf(broken, "/", "/");
broken.hasStreams = false;
broken.delays = Array(20).fill(60_000);
broken.endStreams();
await same.pass(16_000);
broken.hasStreams = true;
broken.answer = '{"status":"away"}';
await same.pass(30_000);
assert(broken.delays.length < 18, "both have asked");
assert.deepEqual(same.says(), ["away", "away"], "the stream is back");
await same.pass(60_000);
assert.deepEqual(same.says(), ["away", "away"], "what it has brought is newer");

// A read is lost, and nothing else changes
swapped.isReached = false;
swapped.change("away");
await other.pass(2_000);
swapped.isReached = true;
assert(other.says().includes("offline"), "one has not heard");
await other.pass(16_000);
assert.deepEqual(other.says(), ["away", "away"], "it is asked again before the visitor is told of a lost connection");

console.log("ok   answers that overtake each other, or are lost, leave no old one before the visitor's eyes");
