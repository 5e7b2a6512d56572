// The pages in a real Chromium, against a running service whose clock is manual:
//
//   node tests/pages/pages.mjs --url http://127.0.0.1:8080 [--admin-key KEY] [--shots FOLDER]
//
// The key may also stand in LAMPLIGHTER_ADMIN_KEY. The test makes accounts and a property of its own, so that
// it does not matter what else the service holds. The clock must stand before 2026-03-09T14:00:00Z, a
// Monday, ten in the morning in New York.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Browser, keys, sleep, until } from "./browser.mjs";
import { looksOf } from "./looks.mjs";

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    "admin-key": { type: "string" },
    shots: { type: "string", default: "target/pages" },
  },
});
const { url, shots } = options;
const adminKey = options["admin-key"] ?? process.env.LAMPLIGHTER_ADMIN_KEY;
assert(url && adminKey, "--url and an admin key are needed");
await mkdir(shots, { recursive: true });

const PROPERTY = "lanterns";
const PASSWORDS = { ada: "a lamp for ada", ben: "a lamp for ben", cy: "a lamp for cy" };
const GREETINGS = {
  online: "Hello! Which lamp may it be?",
  away: "We are at the workbench, and with you soon.",
  offline: "The workshop is closed. Leave us a line.",
};
const SLOW_MS = 1_000;
const WEEK = Object.fromEntries(
  ["mon", "tue", "wed", "thu", "fri"].map((day) => [day, ["09:00-12:00", "13:00-17:00"]]),
);

async function api(method, path, bearer, body) {
  const headers = {
    "Content-Type": "application/json",
    ...(bearer && { Authorization: `Bearer ${bearer}` }),
  };
  const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  assert(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

const text = async (path) => (await fetch(url + path)).text();
const asAdmin = (method, path, body) => api(method, path, adminKey, body);
const settings = (more) =>
  asAdmin("PUT", `/v1/properties/${PROPERTY}`, {
    members: Object.keys(PASSWORDS),
    greetings: GREETINGS,
    ...more,
  });
const logIn = (agent, device) =>
  api("POST", "/v1/login", null, { agent, password: PASSWORDS[agent], device });
const stored = () => asAdmin("GET", `/v1/properties/${PROPERTY}`);

const browser = await Browser.start();
process.once("SIGTERM", async () => {
  console.log("ended before it was done");
  await browser.stop();
  process.exit(1);
});
const { isSound, isReadable, isAccessible } = looksOf(browser);
const shoot = (name) => browser.shoot(shots, name);
const myStatus = () => browser.text("#my-status");
const dot = () => browser.isShown("#dot");
const teamOf = (agent) =>
  browser.js(`return document.querySelector('#team [data-agent="${agent}"]')?.dataset.status`);
const shows = (agent, status) =>
  until(`the team shows ${agent} ${status}`, async () => (await teamOf(agent)) === status);
const widget = (selector) => `lamplighter-widget >>> ${selector}`;

async function fillLogin(agent, password) {
  await browser.type("#login [name=agent]", agent);
  await browser.type("#login [name=password]", password);
  await browser.click("#login button");
}

async function choose(status) {
  await browser.click("#profile");
  await browser.click(`#profile-menu [data-status=${status}][role]`);
}

/** From now on the page's answers from paths with `part` in them are late; `slow` counts them. */
const slowly = (part) =>
  browser.js(
    `const [part, ms] = arguments;
     window.slow = 0;
     window.realFetch ??= fetch;
     window.fetch = async (path, ...more) => {
       const answer = await realFetch(path, ...more);
       if (!path.includes(part)) return answer;
       slow += 1;
       await new Promise((done) => setTimeout(done, ms));
       return answer;
     };`,
    part,
    SLOW_MS,
  );
const quickly = () => browser.js("window.fetch = realFetch");

async function isLowerLeft() {
  const { left, bottom } = await browser.box("#profile");
  const height = await browser.js("return innerHeight");
  assert(left < 30 && bottom > height - 30 && bottom <= height, "the profile icon is in the lower left");
}

const steps = {
  async "a wrong password is told, a right one lights the green dot"() {
    await browser.go(`${url}/`);
    assert.match(await browser.js("return document.querySelector('#login [name=device]').value"), /^chrome-linux-[a-z]{3}$/);
    await isSound("the door");
    await isReadable("the door");
    await isAccessible("the door");
    await shoot("login");
    await fillLogin("ada", "wrong");
    await until("the problem is told", () => browser.isShown("#login .error"));
    await fillLogin("ada", PASSWORDS.ada);
    await until("ada is online", async () => (await myStatus()) === "Online");
    assert(await dot());
    await isLowerLeft();
    await shows("ada", "online");
    await shows("ben", "offline");
  },

  async "a login goes to the view, and the device keeps its name"() {
    assert.equal(await browser.js("return document.activeElement.id"), "window-title");
    const device = await browser.js("return JSON.parse(sessionStorage.getItem('lamplighter.session')).device");
    assert.equal(await browser.js("return localStorage.getItem('lamplighter.device')"), device);
    const devices = await asAdmin("GET", "/v1/agents/ada/devices");
    assert.deepEqual(devices.map((one) => one.device), [device]);
  },

  async "a reload keeps the session"() {
    await browser.go(`${url}/`);
    await until("ada is online", async () => (await myStatus()) === "Online");
  },

  async "the status is chosen with the keyboard alone, and visitors see it at once"() {
    await browser.js("document.querySelector('#profile').focus()");
    await browser.press(keys.enter);
    await until("the menu is open", () => browser.isShown("#profile-menu"));
    await shoot("status-menu");
    await isReadable("the menu");
    await isAccessible("the menu");
    await browser.press(keys.escape);
    assert(!(await browser.isShown("#profile-menu")));
    await browser.press(keys.up, keys.home, keys.down, keys.enter);
    await until("ada is away", async () => (await myStatus()) === "Away");
    assert(!(await dot()));
    await shows("ada", "away");
    await until("the window is dimmed", () =>
      browser.js("return document.querySelector('.scene').dataset.status === 'away'"),
    );
    await until("it says why", async () => (await browser.text(".why")).includes("W3"));
    await choose("invisible");
    await until("ada is invisible", async () => (await myStatus()) === "Invisible");
    await shows("ada", "invisible");
    assert(!(await dot()));
    await until("the window is dark", () =>
      browser.js("return document.querySelector('.scene').dataset.status === 'offline'"),
    );
  },

  async "a status is set for half an hour, for an hour and until a time"() {
    const length = (words) => `#profile-menu [data-length="${words}"]`;
    const note = () => browser.text("#device-note");
    const sent = () => browser.js("return window.sent.at(-1)");
    await browser.js(
      "window.sent = []; const real = fetch; window.fetch = (path, call) => { if (path === '/v1/status') sent.push(JSON.parse(call.body)); return real(path, call); };",
    );
    await choose("online");
    await until("ada is online", async () => (await myStatus()) === "Online");
    assert.deepEqual(await sent(), { status: "online" }, "for good, unless it is said");
    await browser.click("#profile");
    await browser.click(length("30m"));
    await shoot("status-menu-for");
    await isReadable("the menu");
    await isAccessible("the menu");
    await browser.click("#profile-menu [data-status=away][role]");
    await until("ada is away", async () => (await myStatus()) === "Away");
    assert.deepEqual(await sent(), { status: "away", for: "30m" });
    await browser.click("#profile");
    assert.match(await note(), /is away until \d\d:\d\d/);
    assert.equal(
      await browser.js("return document.querySelector('#lengths [aria-checked=true]').dataset.length"),
      "",
      "the next one is for good again",
    );
    // By the keyboard alone: three statuses, then how long.
    await browser.press(keys.home, keys.down, keys.down, keys.down, keys.down, keys.down, keys.enter);
    await browser.press(keys.home, keys.down, keys.enter);
    await until("an hour is sent", async () => (await sent()).for === "1h");
    await browser.click("#profile");
    await browser.click(length("until"));
    await browser.click("#profile-menu [data-status=invisible][role]");
    assert(await browser.isShown("#profile-menu"), "without a time nothing is set");
    assert.equal(await browser.js("return document.activeElement.id"), "until");
    await browser.js("document.querySelector('#until').value = '14:30'");
    await shoot("status-menu-until");
    await isSound("the menu with a time");
    await browser.click("#profile-menu [data-status=invisible][role]");
    await until("ada is invisible", async () => (await myStatus()) === "Invisible");
    const { status, for: lasting } = await sent();
    assert.equal(status, "invisible");
    const ms = Number(/^(\d+)ms$/.exec(lasting)[1]);
    assert(ms > 0 && ms <= 25 * 3_600_000, lasting);
    const { minutes } = await browser.js(
      "return { minutes: new Date(Date.now() + arguments[0]).getHours() * 60 + new Date(Date.now() + arguments[0]).getMinutes() }",
      ms,
    );
    assert(Math.abs(minutes - (14 * 60 + 30)) <= 1, `${minutes} minutes of the day`);
    await choose("invisible");
    await until("it is for good", async () => !("for" in (await sent())));
  },

  async "a phone left logged in keeps the dot, and the menu says so"() {
    const phone = await logIn("ada", "phone");
    await until("ada is online", async () => (await myStatus()) === "Online");
    assert(await dot());
    await browser.click("#profile");
    assert.match(
      await browser.text("#device-note"),
      /invisible, and another of your devices keeps you online/,
    );
    await browser.click("#everywhere");
    await browser.click("#profile-menu [data-status=away][role]");
    await until("ada is away", async () => (await myStatus()) === "Away");
    assert(!(await dot()));
    await api("POST", "/v1/logout", phone.token, {});
    await choose("online");
    await until("ada is online", async () => (await myStatus()) === "Online");
  },

  async "team-mates come and go live, and an invisible one is seen as invisible"() {
    const ben = await logIn("ben", "desk");
    await shows("ben", "online");
    await api("PUT", "/v1/status", ben.token, { status: "invisible" });
    await shows("ben", "invisible");
    await api("PUT", "/v1/status", ben.token, { status: "away" });
    await shows("ben", "away");
    await shoot("dashboard");
    await isSound("the dashboard");
    await isReadable("the dashboard");
    await isAccessible("the dashboard");
    await browser.dark(true);
    await isReadable("the dashboard in the dark");
    await isAccessible("the dashboard in the dark");
    await shoot("dashboard-dark");
    await browser.dark(false);
    await api("POST", "/v1/logout", ben.token, {});
    await shows("ben", "offline");
  },

  async "why is asked again when a team-mate changes, though visitors see no change"() {
    await until("it says ben is out", async () => /ben is offline/.test(await browser.text(".why")));
    const ben = await logIn("ben", "desk");
    await until("it says ben is in", async () => /ben is online/.test(await browser.text(".why")));
    await asAdmin("PUT", "/v1/clock", { now: "2026-03-09T13:57:03.500Z" });
    await api("POST", "/v1/logout", ben.token, {});
    await until("it says ben is out", async () => /ben is offline/.test(await browser.text(".why")));
    // An answer that comes behind that to a later question is not shown.
    await slowly("/v1/explain/");
    const { token } = await logIn("ben", "desk");
    await until("it is asked", () => browser.js("return slow === 1"));
    await quickly();
    await api("POST", "/v1/logout", token, {});
    await sleep(2 * SLOW_MS);
    await browser.says(".why", /ben is offline/);
  },

  async "a status that is chosen while the service cannot be reached is set once it can be"() {
    await browser.js("window.realFetch = fetch; window.fetch = () => Promise.reject(new TypeError('no network'));");
    await choose("away");
    await until("it is said", async () => /You will be away as soon as it can/.test(await browser.text("#lost-text")));
    assert.equal(await teamOf("ada"), "online", "and not claimed");
    // The network is back, and with it the socket.
    await browser.js(`window.fetch = window.realFetch;
      const { token } = JSON.parse(sessionStorage.getItem("lamplighter.session"));
      new WebSocket(location.origin.replace("http", "ws") + "/v1/connect", ["lamplighter", "bearer." + token]);`);
    await until("the banner says where", async () => /another tab/.test(await browser.text("#lost-text")));
    await browser.click("#retry");
    await until("ada is away", async () => (await myStatus()) === "Away");
    await choose("online");
    await until("ada is online", async () => (await myStatus()) === "Online");
  },

  async "another connection of the device takes over, and gives back"() {
    await browser.js(`
      const { token } = JSON.parse(sessionStorage.getItem("lamplighter.session"));
      window.other = new WebSocket(location.origin.replace("http", "ws") + "/v1/connect", ["lamplighter", "bearer." + token]);`);
    await until("the banner shows", () => browser.isShown("#lost"));
    await browser.says("#lost-text", /another tab/);
    assert(!(await dot()), "what is not known is not claimed");
    await browser.click("#retry");
    await until("it is connected", async () => !(await browser.isShown("#lost")));
    await until("the dot is back", dot);
  },

  async "a lost connection is told, and comes back by itself"() {
    // The page's next socket is taken from it without a word, as a network does.
    await browser.js(
      "window.RealSocket = WebSocket; window.WebSocket = class extends RealSocket { constructor(...all) { super(...all); window.line = this; } };",
    );
    await browser.js(`
      const { token } = JSON.parse(sessionStorage.getItem("lamplighter.session"));
      new RealSocket(location.origin.replace("http", "ws") + "/v1/connect", ["lamplighter", "bearer." + token]);`);
    await until("the banner shows", () => browser.isShown("#lost"));
    await browser.click("#retry");
    await until("it is connected", async () => !(await browser.isShown("#lost")));
    await browser.js("window.WebSocket = RealSocket; line.close();");
    await until(
      "the banner shows",
      async () => /trying again/.test(await browser.text("#lost-text")) && (await browser.isShown("#lost")),
    );
    await until("it is connected again", async () => !(await browser.isShown("#lost")));
    await until("ada is online", async () => (await myStatus()) === "Online");
  },

  async "left alone, the device goes away by itself; a key brings it back, and is told once"() {
    const told = () =>
      browser.js(
        "return performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/v1/activity')).length",
      );
    await browser.js("location.reload()");
    await until("ada is online", async () => (await myStatus()) === "Online");
    assert.equal(await told(), 0);
    await asAdmin("PUT", "/v1/settings", { grace: "2m", auto_away: "10m" });
    await asAdmin("PUT", "/v1/clock", { now: "2026-03-09T14:10:00Z" });
    await until("ada is away", async () => (await myStatus()) === "Away");
    assert(!(await dot()));
    await browser.press("\uE008");
    await until("ada is online", async () => (await myStatus()) === "Online");
    await browser.press("\uE008", "\uE008", "\uE008");
    assert.equal(await told(), 1);
    await asAdmin("PUT", "/v1/settings", { grace: "2m", auto_away: null });
  },

  async "a status for half an hour goes back by itself"() {
    await browser.click("#profile");
    await browser.click("#profile-menu [data-length='30m']");
    await browser.click("#profile-menu [data-status=away][role]");
    await until("ada is away", async () => (await myStatus()) === "Away");
    await until("it is said until when", async () => /until/.test(await browser.js(
      "return document.querySelector('#device-note').textContent",
    )));
    await asAdmin("PUT", "/v1/clock", { now: "2026-03-09T14:40:00Z" });
    await until("ada is online again", async () => (await myStatus()) === "Online");
    assert.doesNotMatch(await browser.js("return document.querySelector('#device-note').textContent"), /until/);
  },

  async "a shop's page shows online, away and offline as they change"() {
    const dashboard = await browser.handle();
    const shop = await browser.tab();
    await browser.go(`${url}/demo/${PROPERTY}`);
    await until("it is online", async () => (await browser.text("#status")) === "online");
    await browser.says("#hidden", "false");
    await browser.says(widget(".greeting"), GREETINGS.online);
    await isSound("the shop");
    await isReadable("the shop");
    await isAccessible("the shop");
    await shoot("demo-online");
    const ben = await logIn("ben", "desk");
    await browser.to(dashboard);
    await choose("away");
    await until("ada is away", async () => (await myStatus()) === "Away");
    await browser.to(shop);
    await browser.says("#status", "online", "ben is still there");
    await api("PUT", "/v1/status", ben.token, { status: "away" });
    await until("it is away", async () => (await browser.text("#status")) === "away");
    await browser.says(widget(".greeting"), GREETINGS.away);
    await shoot("demo-away");
    await api("POST", "/v1/logout", ben.token, {});
    await browser.to(dashboard);
    await choose("invisible");
    await browser.to(shop);
    await until("it is offline", async () => (await browser.text("#status")) === "offline");
    await browser.says("#log", /offline.*away.*online/s);
    await shoot("demo-offline");
    steps.dashboard = dashboard;
    steps.shop = shop;
  },

  async "a visitor leaves a message in the offline form, and the team reads it"() {
    await browser.click(widget(".launch"));
    await until("the form is there", () => browser.isShown(widget("form")));
    await browser.type(widget("[name=name]"), "Wanda <b>Visitor</b>");
    await browser.type(widget("[name=email]"), "wanda@nowhere");
    await browser.type(widget("[name=message]"), "Do you mend lanterns?\nMine is <i>old</i>.");
    await shoot("offline-form");
    await browser.click(widget(".send"));
    await sleep(300);
    if (await browser.isShown(widget("form")).catch(() => false)) {
      // An address that the service does not take is named.
      await browser.type(widget("[name=email]"), "wanda@example.com");
      await browser.click(widget(".send"));
    }
    await until("it is thanked for", async () => /has reached us/.test(await browser.text(widget(".note"))));
    await browser.says("#log", /onOfflineSubmit: from Wanda/);
    await browser.press(keys.escape);
    await browser.to(steps.dashboard);
    await browser.click('.nav a[href="#messages"]');
    await until("the message is there", async () =>
      (await browser.text("#messages-list")).includes("Mine is <i>old</i>."),
    );
    await browser.says("#messages-list li:first-child b", "Wanda <b>Visitor</b>");
    await isSound("the messages");
    await isReadable("the messages");
    await isAccessible("the messages");
  },

  async "messages come in pages, the newest first"() {
    for (let number = 1; number <= 24; number += 1) {
      await api("POST", `/v1/widgets/${PROPERTY}/messages`, null, {
        name: `Visitor ${number}`,
        email: "visitor@example.com",
        message: `Message ${number}`,
      });
    }
    await browser.click("#messages-choice button");
    await until("there is a page", async () =>
      /Message 24/.test(await browser.text("#messages-list li:first-child")),
    );
    await until(
      "it has 20",
      async () => (await browser.js("return document.querySelectorAll('#messages-list li').length")) === 20,
    );
    await shoot("messages");
    await browser.click("#older");
    await until(
      "all are there",
      async () => (await browser.js("return document.querySelectorAll('#messages-list li').length")) === 25,
    );
    assert(!(await browser.isShown("#older")));
  },

  async "a message is there at once, is counted until it is seen, and is answered by email"() {
    const leave = (message) =>
      api("POST", `/v1/widgets/${PROPERTY}/messages`, null, { name: "Yara \u202e", email: "yara@example.com", message });
    const first = () => browser.text("#messages-list li:first-child .words");
    await leave("Are you there?");
    await until("it is there", async () => (await first()) === "Are you there?");
    assert(await browser.isShown("#messages-list li:first-child .tag.fresh"));
    assert.equal(await browser.js("return document.title"), "Lamplighter", "it is seen at once");
    await browser.click('.nav a[href="#window"]');
    await leave("Are you\nstill there?");
    await until("it is counted", async () => (await browser.text("#unread")) === "1");
    assert.equal(await browser.js("return document.title"), "(1) Lamplighter");
    await shoot("unread");
    await isAccessible("the window");
    await browser.js("location.reload()");
    await until("it is counted after a reload", async () => (await browser.text("#unread")) === "1");
    await browser.click('.nav a[href="#messages"]');
    await until("it is listed", async () => /still there/.test(await first()));
    await until("it is seen", async () => (await browser.js("return document.title")) === "Lamplighter");
    assert.equal(
      await browser.js("return document.querySelector('#messages-list li:first-child .reply a').href"),
      `mailto:yara@example.com?subject=Your%20message%20to%20${PROPERTY}&body=%0A%0A%3E%20Are%20you%0A%3E%20still%20there%3F`,
    );
    assert.equal(await browser.js("return document.querySelector('#messages-list li:first-child b bdi').textContent.length"), 6);
    await isAccessible("the messages");
    await shoot("messages-new");
    await browser.dark(true);
    await isReadable("the messages in the dark");
    await isAccessible("the messages in the dark");
    await browser.dark(false);
    await browser.click('.nav a[href="#window"]');
    await browser.click('.nav a[href="#messages"]');
    await until("nothing is new any more", () =>
      browser.js("return document.querySelector('#messages-list li') && !document.querySelector('.tag.fresh')"),
    );
  },

  async "an agent sees and ends its own devices, and changes its own password"() {
    const phone = await logIn("ada", "phone");
    await browser.click("#profile");
    await browser.click("#to-account");
    await browser.find('#devices [data-device="phone"]');
    assert.equal(await browser.js("return document.activeElement.id"), "account-title");
    await isSound("the account");
    await isReadable("the account");
    await isAccessible("the account");
    await shoot("account");
    await browser.phone(true);
    await isSound("the account on a phone");
    await shoot("account-phone");
    await browser.phone(false);
    await browser.click('#devices [data-device="phone"] button');
    await browser.says('#devices [data-device="phone"] button', /Log out .*phone.*\?/, "it asks");
    await browser.click('#devices [data-device="phone"] button');
    await until("the phone is gone", () => browser.js("return !document.querySelector('#devices [data-device=phone]')"));
    await assert.rejects(api("PUT", "/v1/status", phone.token, { status: "away" }), /401/);
    const tablet = await logIn("ada", "tablet");
    const fill = async (current, password, again) => {
      await browser.type("#password [name=current]", current);
      await browser.type("#password [name=password]", password);
      await browser.type("#password [name=again]", again);
      await browser.click("#password .primary");
    };
    await fill(PASSWORDS.ada, "another lamp", "another lamb");
    await until("it is told", async () => /not the same twice/.test(await browser.text("#password .error")));
    await fill("a wrong lamp", "another lamp", "another lamp");
    await until("it is told", async () => /current password is another one/.test(await browser.text("#password .error")));
    await fill(PASSWORDS.ada, "another lamp", "another lamp");
    await until("it is changed", () => browser.isShown("#password .note"));
    await assert.rejects(api("PUT", "/v1/status", tablet.token, { status: "away" }), /401/);
    await fill("another lamp", PASSWORDS.ada, PASSWORDS.ada);
    await until("it is changed back", () => browser.isShown("#password .note"));
    await browser.click('.nav a[href="#window"]');
  },

  async "a device has another name after its login, and nothing else changes of it"() {
    await choose("invisible");
    await until("ada is invisible", async () => (await myStatus()) === "Invisible");
    await browser.click("#profile");
    await browser.click("#to-account");
    const device = await browser.js("return JSON.parse(sessionStorage.getItem('lamplighter.session')).device");
    const row = (name) => `#devices [data-device="${name}"]`;
    await browser.click(`${row(device)} button`);
    await isSound("a field for the name");
    await isAccessible("a field for the name");
    await shoot("account-rename");
    assert.equal(await browser.js("return document.activeElement.value"), device);
    await browser.type("#rename [name=device]", "");
    await browser.type("#rename [name=device]", "no/name");
    await browser.click("#rename .primary");
    await until("it is told", () => browser.isShown("#devices-error"));
    await browser.type("#rename [name=device]", "the-workshop");
    await browser.click("#rename .primary");
    await browser.find(row("the-workshop"));
    assert.equal(await browser.js("return localStorage.getItem('lamplighter.device')"), "the-workshop");
    await until("it is connected", async () => !(await browser.isShown("#lost")));
    assert.equal(await myStatus(), "Invisible");
    const devices = await asAdmin("GET", "/v1/agents/ada/devices");
    const status = (name) => devices.find((one) => one.device === name)?.status;
    assert.deepEqual([status("the-workshop"), status(device)], ["invisible", "logged out"]);
    await choose("online");
    await until("ada is online", async () => (await myStatus()) === "Online");
    await choose("invisible");
    await until("ada is invisible", async () => (await myStatus()) === "Invisible");
    await browser.click('.nav a[href="#window"]');
  },

  async "the page may hide the widget, and so may the rules"() {
    await browser.to(steps.shop);
    await browser.click("#hide");
    await browser.says("#hidden", "true");
    assert(!(await browser.isShown("lamplighter-widget")));
    await browser.click("#show");
    await browser.says("#hidden", "false");
    await settings({ hide_when_offline: true });
    await until("it is hidden", async () => (await browser.text("#hidden")) === "true");
    assert(!(await browser.isShown("lamplighter-widget")));
    await browser.says("#status", "offline");
    await shoot("demo-hidden");
    await settings({ countries: { only: ["FR"] } });
    await sleep(200);
    await browser.says("#hidden", "true");
    await browser.type("#visitor [name=country]", "FR");
    await browser.click("#visitor button");
    await until("it is shown in France", async () => (await browser.text("#hidden")) === "false");
    await settings({ pages: { show: ["/shop/*"], hide: [] } });
    await until("it is hidden here", async () => (await browser.text("#hidden")) === "true");
    await browser.go(`${url}/demo/${PROPERTY}?page=/shop/lamps`);
    await until("it is shown in the shop", async () => (await browser.text("#hidden")) === "false");
    await settings({ hide_on: ["mobile"] });
    await browser.go(`${url}/demo/${PROPERTY}?device=mobile`);
    await until("it has loaded", async () => (await browser.text("#log")) !== "");
    await browser.says("#hidden", "true");
    await settings({});
    await until("it is shown again", async () => (await browser.text("#hidden")) === "false");
  },

  async "the pre-chat form comes once a session; away asks for a message, too"() {
    await settings({ pre_chat_form: true });
    await browser.to(steps.dashboard);
    await choose("online");
    await browser.to(steps.shop);
    await until("it is online", async () => (await browser.text("#status")) === "online");
    await browser.click(widget(".launch"));
    await until("there is a form", () => browser.isShown(widget("form")));
    assert.equal(
      await browser.js(
        "return document.querySelector('lamplighter-widget').shadowRoot.querySelector('textarea')",
      ),
      null,
    );
    await browser.type(widget("[name=name]"), "Zoe");
    await browser.to(steps.dashboard);
    await choose("away");
    await browser.to(steps.shop);
    await browser.find(widget("textarea"));
    assert.equal(
      await browser.js(
        "return document.querySelector('lamplighter-widget').shadowRoot.querySelector('input').value",
      ),
      "Zoe",
      "what was typed stays",
    );
    await browser.type(widget("[name=email]"), "zoe@example.com");
    await browser.type(widget("[name=message]"), "Call me");
    await shoot("demo-pre-chat");
    await browser.click(widget(".send"));
    await until("it is thanked for", async () => /has reached us/.test(await browser.text(widget(".note"))));
    await browser.go(`${url}/demo/${PROPERTY}`);
    await until("it is away", async () => (await browser.text("#status")) === "away");
    await browser.click(widget(".launch"));
    await browser.says(widget(".note"), /answer by email/);
    assert(await browser.isShown(widget("textarea")), "what is offered is there");
    await browser.press(keys.escape);
    assert(!(await browser.isShown(widget(".panel"))));
    await isSound("the shop with a form");
  },

  async "in its hours with nobody there it is online, and says that nobody can chat"() {
    await settings({ scheduler: { timezone: "America/New_York", hours: WEEK, dates: {} } });
    await browser.to(steps.dashboard);
    await choose("invisible");
    await browser.to(steps.shop);
    await until("it is online", async () => (await browser.text("#status")) === "online");
    await browser.click(widget(".launch"));
    await until("it says so", async () =>
      /nobody can chat right now/.test(await browser.text(widget(".note"))),
    );
    await browser.says("#can-chat", "false");
    await browser.says(widget(".send"), "Send", "no chat is offered");
    const dot = "return getComputedStyle(document.querySelector('lamplighter-widget').shadowRoot.querySelector('.mark')).backgroundColor";
    assert.equal(await browser.js(dot), "rgb(133, 123, 143)", "and no green dot");
    await isAccessible("the shop with nobody there");
    await shoot("demo-unattended");
    await browser.press(keys.escape);
  },

  async "a phone sees the widget as well"() {
    await browser.phone(true);
    await browser.go(`${url}/demo/${PROPERTY}`);
    await until("it is online", async () => (await browser.text("#status")) === "online");
    await isSound("the shop on a phone");
    await browser.click(widget(".launch"));
    await shoot("demo-phone");
    await browser.phone(false);
  },

  async "a site elsewhere embeds the widget"() {
    const site = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end(
        `<!doctype html><title>elsewhere</title><script>window.heard = []; window.Lamplighter = { onStatusChange: (status) => heard.push(status) };</script><p>A site</p><script src="${url}/widget.js" data-property="${PROPERTY}"></script>`,
      );
    });
    await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
    try {
      await browser.go(`http://127.0.0.1:${site.address().port}/`);
      await until("it hears the status", async () => (await browser.js("return heard.join()")) === "online");
      await browser.js("Lamplighter.onStatusChange((status) => heard.push('also ' + status))");
      await settings({});
      await until(
        "it hears the change",
        async () => (await browser.js("return heard.join()")) === "online,offline,also offline",
      );
      await browser.click(widget(".launch"));
      await browser.type(widget("[name=name]"), "From afar");
      await browser.type(widget("[name=email]"), "afar@example.com");
      await browser.type(widget("[name=message]"), "Hello from another site");
      await browser.click(widget(".send"));
      await until("it is thanked for", async () =>
        /has reached us/.test(await browser.text(widget(".note"))),
      );
      await isSound("the site elsewhere");
    } finally {
      await browser.go("about:blank");
      site.closeAllConnections();
      site.close();
    }
  },

  async "eight tabs share one stream, and another tab takes it over"() {
    const own = await browser.handle();
    const streams = async () => Number(/lamplighter_streams (\d+)/.exec(await text("/metrics"))[1]);
    const says = (status) =>
      until(`the page says ${status}`, () =>
        browser.js("return window.Lamplighter?.getStatus() === arguments[0]", status),
      );
    // With locks, and without: pages without TLS have none.
    for (const prelude of ["", "Object.defineProperty(navigator, 'locks', { value: undefined });"]) {
      const token = (await logIn("ada", "laptop")).token;
      const others = await streams();
      const tabs = [];
      for (let tab = 0; tab < 8; tab += 1) {
        tabs.push(await browser.tab());
        await browser.cdp("Page.addScriptToEvaluateOnNewDocument", { source: prelude });
        // Each on a page of its own, but for the last two.
        await browser.go(`${url}/demo/${PROPERTY}?page=/shop/${Math.min(tab, 6)}`);
        await says("online");
      }
      assert.equal(await streams(), others + 1);
      await api("PUT", "/v1/status", token, { status: "away" });
      for (const tab of tabs) {
        await browser.to(tab);
        await says("away");
      }
      await browser.to(tabs.shift());
      await browser.close();
      await browser.to(tabs[0]);
      await until("another tab has the stream", async () => (await streams()) === others + 1);
      await api("PUT", "/v1/status", token, { status: "online" });
      for (const tab of tabs) {
        await browser.to(tab);
        await says("online");
        await browser.close();
      }
      await browser.to(own);
      await until("nobody has it any more", async () => (await streams()) === others);
      await api("POST", "/v1/logout", token, {});
    }
  },

  async "where no stream can be had the widget asks, and does not say offline"() {
    const own = await browser.handle();
    const { token } = await logIn("ada", "laptop");
    await browser.tab();
    const source = `window.EventSource = class { static CLOSED = 2; readyState = 2; addEventListener() {} close() {}
      constructor() { setTimeout(() => this.onerror()); } };`;
    await browser.cdp("Page.addScriptToEvaluateOnNewDocument", { source });
    await browser.go(`${url}/demo/${PROPERTY}`);
    await until("the page says online", () =>
      browser.js("return window.Lamplighter?.getStatus() === 'online'"),
    );
    await browser.close();
    await browser.to(own);
    await api("POST", "/v1/logout", token, {});
  },

  async "in an outage the widget says one thing, and keeps what was typed"() {
    const own = await browser.handle();
    const { token } = await logIn("ada", "laptop");
    await browser.tab();
    // The stream breaks when the test says so, and nothing can be read: time goes a hundred times as fast.
    const source = `window.BroadcastChannel = undefined; const later = setTimeout; window.setTimeout = (work, ms) => later(work, ms / 100);
      const Real = EventSource; window.EventSource = class extends Real { constructor(...all) { super(...all); window.line = this; } };`;
    await browser.cdp("Page.addScriptToEvaluateOnNewDocument", { source });
    await browser.go(`${url}/demo/${PROPERTY}?page=/outage`);
    await until("it is online", async () => (await browser.text("#status")) === "online");
    await browser.says("#can-chat", "true");
    await browser.click(widget(".launch"));
    await browser.type(widget("[name=name]"), "Zoe");
    await browser.js("window.fetch = () => Promise.reject(new TypeError()); line.onerror();");
    await until("it is told", async () => (await browser.text("#status")) === "offline");
    await browser.says("#can-chat", "false");
    await browser.says(widget(".note"), /cannot be reached/);
    assert(!(await browser.isShown(widget("form"))), "nothing can be sent");
    await browser.says("#log", /onStatusChange: offline/);
    await shoot("demo-outage");
    await browser.js("line.dispatchEvent(new MessageEvent('widget', { data: arguments[0] }))", await text(`/v1/widgets/${PROPERTY}`));
    await until("it is back", async () => (await browser.text("#status")) === "online");
    assert.equal(
      await browser.js("return document.querySelector('lamplighter-widget').shadowRoot.querySelector('[name=name]').value"),
      "Zoe",
    );
    // A page that has a chat is given the button to it.
    await browser.js("window.began = 0; Lamplighter.onChatStart = () => { began += 1; }");
    await until("there is a button", async () => (await browser.text(widget(".send"))) === "Start the chat");
    await browser.click(widget(".send"));
    assert.equal(await browser.js("return began"), 1);
    await browser.close();
    await browser.to(own);
    await api("POST", "/v1/logout", token, {});
  },

  async "a widget whose property is deleted hides, and is back when there is one again"() {
    const own = await browser.handle();
    await asAdmin("PUT", "/v1/properties/fleeting", {});
    await browser.tab();
    // Time goes a hundred times as fast.
    const source = `const [later, again, now] = [setTimeout, setInterval, Date.now]; const begun = now();
      window.setTimeout = (work, ms) => later(work, ms / 100); window.setInterval = (work, ms) => again(work, ms / 100);
      Date.now = () => begun + (now() - begun) * 100;`;
    await browser.cdp("Page.addScriptToEvaluateOnNewDocument", { source });
    await browser.go(`${url}/demo/fleeting`);
    const isShown = () => browser.isShown("lamplighter-widget");
    await until("the widget is there", isShown);
    await browser.click(widget(".launch"));
    await asAdmin("DELETE", "/v1/properties/fleeting");
    await until("it is hidden", async () => !(await isShown()));
    // Longer than a connection may be lost until it is told.
    await sleep(1_000);
    assert.deepEqual(await browser.js("return [Lamplighter.getStatus(), Lamplighter.isChatHidden()]"), ["offline", true]);
    assert(!(await isShown()));
    await asAdmin("PUT", "/v1/properties/fleeting", {});
    await until("it is back", isShown);
    assert.doesNotMatch(await browser.text(widget(".top [role=status]")), /No connection/);
    await browser.close();
    await browser.to(own);
    await asAdmin("DELETE", "/v1/properties/fleeting");
  },

  async "a name that nothing has gets a page that says so"() {
    await browser.go(`${url}/demo/nothing-of-that-name`);
    await browser.says("h1", /No light here/);
    await browser.send("DELETE", "/window");
    await browser.to(steps.dashboard);
  },

  async "an administrator unlocks the settings with the key alone"() {
    await browser.click('.nav a[href="#admin"]');
    await browser.type("#key [name=key]", "wrong");
    await browser.click("#key button");
    await until("the problem is told", () => browser.isShown("#key .error"));
    await browser.type("#key [name=key]", adminKey);
    await browser.click("#key button");
    await until("the rooms are open", () => browser.isShown("#rooms"));
    await until("the members are there", () =>
      browser.js("return document.querySelectorAll('.members li').length === 3"),
    );
    assert(!(await browser.js("return JSON.stringify(localStorage)")).includes(adminKey), "in this tab alone");
  },

  async "members are suspended, reinstated, removed and added; accounts are made"() {
    await browser.click('[data-agent=ben] [aria-label="Suspend ben"]');
    await browser.find(".members [data-agent=ben][data-suspended=true]");
    assert.deepEqual((await stored()).suspended, ["ben"]);
    await browser.click('[data-agent=ben] [aria-label="Reinstate ben"]');
    await browser.find(".members [data-agent=ben][data-suspended=false]");
    await browser.click('[data-agent=cy] [aria-label="Remove cy"]');
    await until("cy is no member", async () => !(await stored()).members.includes("cy"));
    await browser.click('[aria-label="Undo: bring back cy"]');
    await until("cy is back", async () => (await stored()).members.includes("cy"));
    await browser.click('.members [data-agent=cy] [aria-label="Remove cy"]');
    await until("cy is no member", async () => !(await stored()).members.includes("cy"));
    await until("the team is without cy", async () => (await teamOf("cy")) == null);
    await browser.type("#account [name=agent]", "dot");
    await browser.type("#account [name=password]", "a lamp for dot");
    await browser.click("#account button");
    await until("the account is there", () => browser.isShown("#account .note"));
    await browser.type("#members [name=agent]", "dot");
    await browser.click("#members form button");
    await browser.find(".members [data-agent=dot]");
    await shows("dot", "offline");
    await api("POST", "/v1/login", null, { agent: "dot", password: "a lamp for dot", device: "desk" });
    await shows("dot", "online");
  },

  async "properties and accounts are found by their names, and nothing has to be known by heart"() {
    await asAdmin("PUT", "/v1/properties/lanterns-two", {});
    const names = (kind) => browser.js(`return [...document.querySelectorAll("#all-${kind} li .name bdi")].map((node) => node.textContent)`);
    await browser.type("#all-properties [type=search]", "NS-TWO");
    await until("it is found", async () => (await names("properties")).join() === "lanterns-two");
    await browser.type("#all-agents [type=search]", "be");
    await until("ben is found", async () => (await names("agents")).join() === "ben");
    await browser.says("#all-agents li", /ben.*Offline.*lanterns/s);
    await browser.type("#all-agents [type=search]", "nobody of that name");
    await until("it is said", async () => /Nothing is called like/.test(await browser.text("#all-agents [role=status]")));
    await browser.type("#members [name=agent]", "do");
    await until("dot is offered", () => browser.js("return [...document.querySelectorAll('#agents option')].some(({ value }) => value === 'dot')"));
    await browser.type("#members [name=agent]", "nobody");
    await browser.click("#members form button");
    await until("it is told", async () => /no agent “nobody”/.test(await browser.text("#members .error")));
    assert.doesNotMatch(await browser.text("#members .error"), /PUT|Bearer|\/v1/);
    await browser.type("#members [name=agent]", "");
    await isSound("the lists");
    await isAccessible("the settings");
    await browser.box("#whole");
    await shoot("lists");
    await browser.click("#all-properties li a");
    await until("it is open", async () => (await browser.js("return location.hash")) === "#admin/lanterns-two");
    await until("it has no members", async () => /No members yet/.test(await browser.text(".members")));
    await browser.js("location.reload()");
    await until("it is open again", async () => /No members yet/.test(await browser.text(".members")));
    assert.equal(await browser.js("return document.querySelector('#admin-choice [name=property]').value"), "lanterns-two");
    assert(!(await browser.isShown(".save")), "with nothing to save there is no bar");
    await browser.type('[data-field="greetings.away"]', "Kept");
    assert(await browser.isShown(".save"));
    await browser.js("location.reload()");
    await until("what was typed is kept", () =>
      browser.js("return document.querySelector('[data-field=\"greetings.away\"]')?.value === 'Kept'"),
    );
    assert.equal((await asAdmin("GET", "/v1/properties/lanterns-two")).greetings.away, null);
    const open = async (property) => {
      await browser.type("#admin-choice [name=property]", property);
      await browser.click("#admin-choice button");
    };
    const answer = async (words) => {
      await browser.find("dialog");
      await isAccessible("the question");
      await browser.js("[...document.querySelectorAll('dialog button')].find((b) => b.textContent === arguments[0]).click()", words);
    };
    await open(PROPERTY);
    await shoot("question").catch(() => {});
    await answer("Stay here");
    await until("the field names again what is open", async () =>
      (await browser.js("return document.querySelector('#admin-choice [name=property]').value")) === "lanterns-two",
    );
    await open(PROPERTY);
    await answer("Discard it");
    await until("the other one is open", () => browser.js("return document.querySelectorAll('.members li').length === 3"));
    assert.equal(await browser.js("return sessionStorage.getItem('lamplighter.draft')"), null);
    await asAdmin("DELETE", "/v1/properties/lanterns-two");
  },

  async "what was opened last is shown, however late the answers for what was open before"() {
    await asAdmin("PUT", "/v1/properties/slow", { members: ["ben"] });
    const before = await stored();
    const members = () => browser.js("return document.querySelectorAll('.members li[data-agent]').length");
    const open = async (property) => {
      await browser.type("#admin-choice [name=property]", property);
      await browser.click("#admin-choice button");
    };
    const isOpen = async (why) => {
      await until(`the other one is open ${why}`, async () => (await members()) === before.members.length);
      await until("it has figures", () => browser.isShown("#coverage .heat"));
      await sleep(2 * SLOW_MS);
      assert.equal(await members(), before.members.length, why);
    };
    await slowly("slow");
    await open("slow");
    await open(PROPERTY);
    await isOpen("while settings were on their way");
    await open("slow");
    await until("it is open", async () => (await members()) === 1);
    await open(PROPERTY);
    await isOpen("while figures were on their way");
    await open("slow");
    await until("it is open", async () => (await members()) === 1);
    await browser.click('.members [aria-label="Suspend ben"]');
    await open(PROPERTY);
    await isOpen("while a member was suspended");
    await browser.type('[data-field="greetings.away"]', "Soon");
    await browser.click(".save .primary");
    await until("it is saved", async () => (await browser.text(".save [role=status]")) === "Saved");
    const { members: team, suspended, greetings } = await stored();
    assert.deepEqual([team, suspended, greetings.away], [before.members, before.suspended, "Soon"]);
    await asAdmin("PUT", `/v1/properties/${PROPERTY}`, before);
    await open(PROPERTY);
    const count = () => browser.js("return document.querySelectorAll('#messages-list li').length");
    await browser.js("location.hash = 'messages/slow'");
    await until("its messages are asked for", () => browser.js("return slow > 0"));
    await browser.js(`location.hash = 'messages/${PROPERTY}'`);
    await until("there are messages", async () => (await count()) === 20);
    await sleep(2 * SLOW_MS);
    assert.equal(await count(), 20);
    await quickly();
    await browser.click('.nav a[href="#admin"]');
    await until("the settings are open", () => browser.isShown("#rooms"));
    await asAdmin("DELETE", "/v1/properties/slow");
  },

  async "hours are typed, moved by the keyboard, and drawn by mouse and finger"() {
    await browser.click("[data-field=scheduler]");
    await browser.type('[data-field="scheduler.timezone"]', "America/New_York");
    const typed = (day) => `[aria-label="${day}: hours"]`;
    const value = async (day) => browser.js("return arguments[0].value", await browser.find(typed(day)));
    await browser.type(typed("Monday"), "09:00-12:00 13:00-17:00");
    assert.equal(
      await browser.js("return document.querySelectorAll('[role=group][aria-label=Monday] .segment').length"),
      2,
    );
    for (const [written, read] of [
      ["9-17", "09:00-17:00"],
      ["09:00 - 17:00", "09:00-17:00"],
      ["9am to 12:30, 14–18", "09:00-12:30 14:00-18:00"],
      ["closed", ""],
    ]) {
      await browser.type(typed("Monday"), written);
      await browser.press(keys.tab);
      assert.equal(await value("Monday"), read, written);
    }
    await browser.type(typed("Monday"), "9:00-25:00");
    assert(await browser.isShown("[role=group][aria-label=Monday] .error"));
    await browser.click(".save .primary");
    await browser.says(".save .error", /Monday/);
    await browser.type(typed("Monday"), "09:00-12:00 13:00-17:00");
    await browser.click('[aria-label="Copy Monday to Tuesday"]');
    assert.equal(await value("Tuesday"), "09:00-12:00 13:00-17:00");

    await browser.click('[aria-label="Wednesday: add hours"]');
    await browser.press(keys.right, keys.right);
    assert.equal(await value("Wednesday"), "09:30-17:30");
    await browser.js("document.querySelector('[role=group][aria-label=Wednesday] .handle.end').focus()");
    await browser.press(keys.left, keys.pageUp);
    assert.equal(await value("Wednesday"), "09:30-18:15");
    await browser.js("document.querySelector('[role=group][aria-label=Wednesday] .handle.start').focus()");
    await browser.press(keys.right);
    assert.equal(await value("Wednesday"), "09:45-18:15");
    await browser.press(keys.delete);
    assert.equal(await value("Wednesday"), "");

    const box = await browser.box("[role=group][aria-label=Thursday] .track");
    const at = (hour) => ({ x: box.left + (box.width * hour) / 24, y: box.top + box.height / 2 });
    await browser.drag(at(8), at(12));
    assert.equal(await value("Thursday"), "08:00-12:00");
    await browser.drag(at(14), at(20));
    assert.equal(await value("Thursday"), "08:00-12:00 14:00-20:00");
    await browser.drag(at(10), at(11));
    assert.equal(await value("Thursday"), "09:00-13:00 14:00-20:00");
    // Bars say their hours, and every row has the scale at the same places, whatever stands in it.
    const bars = await browser.js(
      "return [...document.querySelectorAll('[role=group][aria-label=Thursday] .segment .long')].map((bar) => bar.textContent)",
    );
    assert.deepEqual(bars, ["09:00–13:00", "14:00–20:00"]);
    const scales = await browser.js(
      "return [...document.querySelectorAll('.week .row .scale')].map((scale) => [...scale.children].map((hour) => { const { left, width } = hour.getBoundingClientRect(); return `${hour.textContent} ${width > 0 ? Math.round(left) : 'unseen'}`; }).join(', '))",
    );
    assert.equal(scales.length, 7);
    assert.match(scales[0], /^06 \d+, 12 \d+, 18 \d+$/);
    assert.deepEqual(new Set(scales).size, 1, scales.join("; "));
    const edge = at(20);
    await browser.drag({ x: edge.x - 4, y: edge.y }, { x: at(18).x - 4, y: edge.y });
    assert.equal(await value("Thursday"), "09:00-13:00 14:00-18:00");

    await browser.drag(at(22), { x: at(24).x + box.width / 12, y: edge.y });
    assert.equal(await value("Thursday"), "09:00-13:00 14:00-18:00 22:00-02:00", "past midnight");
    await browser.press(keys.delete);
    assert.equal(await value("Thursday"), "09:00-13:00 14:00-18:00");
    await browser.type(typed("Saturday"), "21:00-24:00");
    await browser.js("document.querySelector('[role=group][aria-label=Saturday] .handle.end').focus()");
    await browser.press(keys.pageUp, keys.pageUp);
    assert.equal(await value("Saturday"), "21:00-02:00");
    assert.equal(
      await browser.js("return document.activeElement.getAttribute('aria-valuetext')"),
      "02:00 Sunday",
    );
    await browser.js("document.querySelector('[role=group][aria-label=Saturday] .handle.start').focus()");
    await browser.press(keys.pageUp);
    assert.equal(await value("Saturday"), "22:00-02:00");
    await browser.find("[role=group][aria-label=Saturday] .overnight");
    await browser.find("[role=group][aria-label=Sunday] .shadow");
    await browser.type(typed("Friday"), "00:00-24:00");
    await isSound("the hours");
    await isReadable("the settings");
    await isAccessible("the settings");
    await until("the complaint is gone", async () => !(await browser.isShown(".save .error")));
    await browser.box(".week");
    await shoot("hours");
    await browser.cdp("Emulation.setDeviceMetricsOverride", {
      width: 1680,
      height: 1000,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await browser.box(".week");
    await shoot("hours-wide");
    await browser.phone(false);
    await browser.dark(true);
    await isReadable("the settings in the dark");
    await isAccessible("the settings in the dark");
    await shoot("hours-dark");
    await browser.dark(false);
  },

  async "exceptions, visibility, greetings and forms are saved, and are there again"() {
    await browser.js(
      "[...document.querySelectorAll('#settings button')].find((b) => b.textContent === 'Add a date').click()",
    );
    await browser.js(
      "const day = document.querySelector('.exception [type=date]'); day.value = '2026-12-25'; day.dispatchEvent(new Event('input', { bubbles: true }));",
    );
    await browser.js(
      "[...document.querySelectorAll('#settings button')].find((b) => b.textContent === 'Add a date').click()",
    );
    await browser.js(
      "const day = document.querySelectorAll('.exception [type=date]')[1]; day.value = '2026-12-24'; const kind = document.querySelectorAll('.exception select')[1]; kind.value = 'open'; kind.dispatchEvent(new Event('change'));",
    );
    await browser.type(".exception:nth-child(2) .typed", "10:00-14:00");
    await browser.type('[data-field="pages.hide"]', "/legal/*\n/imprint");
    await browser.click('[data-field="hide_on.mobile"]');
    await browser.js(
      "const c = document.querySelector('select[data-field=countries]'); c.value = 'except'; c.dispatchEvent(new Event('change'));",
    );
    await browser.type("input[data-field=countries]", "aq");
    await browser.type('[data-field="greetings.online"]', "Good morning!");
    await browser.type('[data-field="scheduler.timezone"]', "America/NewYork");
    await browser.click(".save .primary");
    await until("the service names the field", () =>
      browser.js(
        "return document.querySelector('[data-field=\"scheduler.timezone\"]').getAttribute('aria-invalid') === 'true'",
      ),
    );
    await browser.type('[data-field="scheduler.timezone"]', "America/New_York");
    await browser.click('[data-field="offline_when_all_agents_offline"]');
    await browser.click(".save .primary");
    await until("it is saved", async () => (await browser.text(".save [role=status]")) === "Saved");
    await browser.box(".exceptions");
    await shoot("exceptions");
    const now = await stored();
    assert.deepEqual(now.scheduler, {
      timezone: "America/New_York",
      hours: {
        mon: ["09:00-12:00", "13:00-17:00"],
        tue: ["09:00-12:00", "13:00-17:00"],
        thu: ["09:00-13:00", "14:00-18:00"],
        fri: ["00:00-24:00"],
        sat: ["22:00-02:00"],
        ...Object.fromEntries(Object.entries(now.scheduler.hours).filter(([, hours]) => hours.length === 0)),
      },
      dates: { "2026-12-24": ["10:00-14:00"], "2026-12-25": [] },
    });
    assert.deepEqual(now.pages, { show: [], hide: ["/legal/*", "/imprint"] });
    assert.deepEqual(now.countries, { except: ["AQ"] });
    assert.deepEqual(now.hide_on, ["mobile"]);
    assert.equal(now.greetings.online, "Good morning!");
    assert.equal(now.offline_when_all_agents_offline, true);
    assert(now.members.includes("dot"));
    await until(
      "the preview follows",
      async () => (await browser.text(".says-greeting")) === "Good morning!",
    );
    await browser.go(`${url}/#admin`);
    await browser.js("location.reload()");
    await until(
      "it is there again",
      async () =>
        (await browser.js("return document.querySelector('[aria-label=\"Monday: hours\"]').value")) ===
        "09:00-12:00 13:00-17:00",
    );
    assert.equal(await browser.js("return document.querySelectorAll('.exception').length"), 2);
    await shoot("admin");
  },

  async "a month shows the dates that have hours of their own, and gives others some; what is removed can be had back"() {
    const title = () => browser.text(".month h4");
    for (let month = 0; month < 240 && (await title()) !== "December 2026"; month += 1) {
      const shown = new Date(`1 ${await title()} UTC`);
      await browser.click(`.month-head button:${shown < new Date("2026-12-01T00:00:00Z") ? "last" : "first"}-of-type`);
    }
    const day = (date) => `.month [data-date="${date}"]`;
    const mark = async (date) => browser.js("return arguments[0].dataset.mark", await browser.find(day(date)));
    assert.deepEqual([await mark("2026-12-25"), await mark("2026-12-24"), await mark("2026-12-23")], ["closed", "open", ""]);
    await browser.click(day("2026-12-31"));
    assert.equal(await browser.js("return document.activeElement.value"), "2026-12-31");
    assert.equal(await mark("2026-12-31"), "closed");
    await browser.js("document.querySelector('.month [data-date=\"2026-12-31\"]').focus()");
    await browser.press(keys.right);
    assert.equal(await browser.js("return document.activeElement.dataset.date"), "2027-01-01");
    await browser.press(keys.left);
    await browser.click(".exception:last-child .quiet");
    assert.equal(await mark("2026-12-31"), "");
    assert.equal(await browser.js("return document.querySelectorAll('.exception').length"), 2);
    await browser.click(".undo button");
    assert.equal(await mark("2026-12-31"), "closed");
    await isAccessible("the month");
    await browser.box(".month");
    await shoot("month");
    await browser.click(".save .quiet");
    await until("it is discarded", () => browser.js("return document.querySelectorAll('.exception').length === 2"));
  },

  async "hours over days, dates of every year, ranges, cuts and weeks that take turns are edited"() {
    const before = (await stored()).scheduler;
    const typed = (day) => `[aria-label="${day}: hours"]`;
    const press = (text) =>
      browser.js(
        "[...document.querySelectorAll('#settings button')].find((b) => b.textContent === arguments[0]).click()",
        text,
      );
    const fill = (selector, value) =>
      browser.js(
        "const node = document.querySelector(arguments[0]); node.value = arguments[1]; for (const kind of ['input', 'change']) node.dispatchEvent(new Event(kind, { bubbles: true }));",
        selector,
        value,
      );
    await browser.type(typed("Friday"), "18:00-09:00+8d");
    await browser.click(".save .primary");
    await browser.says(".save .error", /Friday/);
    await browser.type(typed("Friday"), "18:00-09:00+3d");
    for (const day of ["Saturday", "Sunday", "Monday"])
      await browser.find(`[role=group][aria-label=${day}] .shadow`);
    await browser.js("document.querySelector('[role=group][aria-label=Friday] .handle.end').focus()");
    assert.equal(
      await browser.js("return document.activeElement.getAttribute('aria-valuetext')"),
      "09:00 Monday",
    );
    await browser.press(keys.right);
    assert.equal(
      await browser.js("return arguments[0].value", await browser.find(typed("Friday"))),
      "18:00-09:15+3d",
    );
    const dates = ["*-12-24..*-01-01", "4th-thu-nov+1d", "easter"];
    for (const [place, named] of dates.entries()) {
      await press("Add a range, or dates of every year");
      await fill(`.exception:nth-child(${place + 3}) .bar input`, named);
    }
    await fill(".exception:nth-child(5) select", "cut");
    await browser.type(".exception:nth-child(5) .typed", "13:00-16:00");
    await press("Add hours of every N-th week");
    await browser.click(".save .primary");
    await browser.says(".save .error", /no date from which/);
    await fill(".turns [type=date]", "2026-01-03");
    await fill(".turns [type=number]", "54");
    await browser.click(".save .primary");
    await browser.says(".save .error", /2 to 53/);
    await fill(".turns [type=number]", "2");
    await fill(".turns [type=text]", "satur");
    await browser.click(".save .primary");
    await browser.says(".save .error", /satur is no weekdays/);
    await fill(".turns [type=text]", "sat");
    // What the service alone knows to be wrong is pointed at where it stands.
    await fill(".exception:nth-child(3) .bar input", "*-02-30");
    await browser.click(".save .primary");
    await until("the service is heard", () => browser.isShown(".save .error"));
    await fill(".exception:nth-child(3) .bar input", "*-12-24..*-01-01");
    await browser.click(".save .primary");
    await until("it is saved", async () => (await browser.text(".save [role=status]")) === "Saved");
    const { scheduler } = await stored();
    assert.deepEqual(scheduler.hours.fri, ["18:00-09:15+3d"]);
    assert.deepEqual(scheduler.every, [{ days: "sat", hours: ["09:00-12:00"], weeks: 2, from: "2026-01-03" }]);
    assert.deepEqual(scheduler.cuts, [{ dates: "easter", hours: ["13:00-16:00"] }]);
    const named = Array.isArray(scheduler.dates)
      ? scheduler.dates.map((item) => item.dates)
      : Object.keys(scheduler.dates);
    assert.deepEqual(named.slice(-2), dates.slice(0, 2));
    await isSound("the calendar");
    await isReadable("the calendar");
    await isAccessible("the calendar");
    await browser.box(".turns");
    await shoot("calendar");
    await browser.phone(true);
    await isSound("the calendar on a phone");
    await browser.box(".turns");
    await shoot("calendar-phone");
    await browser.phone(false);
    await browser.js("location.reload()");
    await until("the weeks are there again", async () =>
      browser.js("return document.querySelector('.turns [type=date]')?.value === '2026-01-03'"),
    );
    assert.equal(
      await browser.js("return arguments[0].value", await browser.find(typed("Friday"))),
      "18:00-09:15+3d",
    );
    assert.equal(await browser.js("return document.querySelectorAll('.exception').length"), 6);
    // As it was: what follows goes by these hours.
    const all = await stored();
    await asAdmin("PUT", `/v1/properties/${PROPERTY}`, { ...all, scheduler: before });
    await browser.js("location.reload()");
    await until("the weeks are gone", async () =>
      browser.js("return document.querySelectorAll('.exception').length === 2"),
    );
  },

  async "the clock alone closes the window, and the preview says why"() {
    await asAdmin("PUT", "/v1/clock", { now: "2026-03-09T17:30:00Z" });
    await until("it is open", async () => (await browser.text(".says-status")) === "Online");
    await asAdmin("PUT", "/v1/clock", { now: "2026-03-09T21:00:00Z" });
    await until("it is closed", async () => (await browser.text(".says-status")) === "Offline");
    await until("it says why", async () => (await browser.text(".why")).includes("W1"));
  },

  async "a widget of the property has settings of its own"() {
    await browser.type("#admin-choice [name=widget]", "sales");
    await browser.click("#admin-choice button");
    await until("it is missing", () => browser.isShown("#missing"));
    await browser.click("#create");
    await until("it is open", () => browser.isShown("#settings"));
    assert(!(await browser.isShown("#members")));
    await until(
      "the preview shows it",
      async () =>
        (await browser.js("return document.querySelector('.demo-link').pathname")) ===
        `/demo/${PROPERTY}/sales`,
    );
    await browser.type('[data-field="greetings.online"]', "Sales here");
    await browser.click(".save .primary");
    await until("the preview follows", async () => (await browser.text(".says-greeting")) === "Sales here");
    const page = await (await fetch(`${url}/demo/${PROPERTY}/sales`)).text();
    assert(page.includes(`data-property="${PROPERTY}" data-widget="sales"`));
    await browser.click(".danger");
    await browser.click(".danger");
    await until("the property is open again", () => browser.isShown("#members"));
  },

  async "a property is deleted with what goes with it, which is named before"() {
    await asAdmin("PUT", "/v1/properties/closing", { members: ["ben"] });
    await asAdmin("PUT", "/v1/properties/closing/widgets/sales", {});
    const open = async () => {
      await browser.type("#admin-choice [name=property]", "closing");
      await browser.type("#admin-choice [name=widget]", "");
      await browser.click("#admin-choice button");
      await until("it is open", () => browser.js("return document.querySelectorAll('.members li').length === 1"));
    };
    const begin = () => browser.js("document.querySelector('.delete button:not([hidden])').click()");
    const answer = (words) =>
      browser.js("[...document.querySelectorAll('dialog button')].find((b) => b.textContent === arguments[0]).click()", words);
    await open();
    await begin();
    await until("it is asked", () => browser.js("return Boolean(document.querySelector('dialog'))"));
    await browser.says("dialog", /closing.*settings.*sales.*1 member.*No visitor/s);
    await isSound("the question");
    await isAccessible("the question");
    assert.equal(await browser.js("return document.activeElement.textContent"), "Keep it");
    await browser.press(keys.enter);
    await until("it is kept", () => browser.js("return !document.querySelector('dialog')"));
    assert.deepEqual((await asAdmin("GET", "/v1/properties/closing")).members, ["ben"]);
    await api("POST", "/v1/widgets/closing/messages", null, { name: "Yara", email: "yara@example.com", message: "Still there?" });
    await begin();
    await until("it is asked", async () => /left 1 message/.test(await browser.text("dialog")));
    await isAccessible("the question about messages");
    await shoot("delete-property");
    await answer("Read them first");
    await until("they are shown", async () => /Still there/.test(await browser.text("#messages-list")));
    await browser.click('.nav a[href="#admin"]');
    await open();
    await begin();
    await until("it is asked", () => browser.js("return Boolean(document.querySelector('dialog'))"));
    await answer("Delete it and the messages");
    await until("it is gone", async () => (await fetch(`${url}/v1/widgets/closing`)).status === 404);
    await until("nothing is open", async () => !(await browser.isShown("#rooms")));
    await until("the list has the focus", async () =>
      (await browser.js("return document.activeElement.id")) === "all-properties-title",
    );
    assert.equal(await browser.js("return document.querySelector('#all-properties [data-property=closing]')"), null);
    await assert.rejects(asAdmin("GET", "/v1/messages/closing"), /404/);
    await browser.type("#admin-choice [name=property]", PROPERTY);
    await browser.click("#admin-choice button");
    await until("the members are there", () => browser.isShown("#members"));
  },

  async "what two administrators change at once is told, and what was typed is kept"() {
    const before = await stored();
    const away = '[data-field="greetings.away"]';
    await browser.type(away, "Back in a minute");
    await asAdmin("PATCH", `/v1/properties/${PROPERTY}`, {
      greetings: { ...before.greetings, offline: "Until tomorrow" },
      pre_chat_form: !before.pre_chat_form,
    });
    await browser.click(".save .primary");
    await until("it is told", async () =>
      /with the key “admin” has changed the greetings and the pre-chat form/.test(await browser.text(".save .error")),
    );
    assert.equal(await browser.js(`return document.querySelector('${away}').value`), "Back in a minute");
    assert.equal((await stored()).greetings.away, before.greetings.away, "nothing is saved yet");
    await isSound("a change of somebody else's");
    await browser.click(".save .primary");
    await until("it is saved", async () => (await browser.text(".save [role=status]")) === "Saved");
    const { greetings, pre_chat_form: form } = await stored();
    assert.deepEqual(
      [greetings.away, greetings.offline, form],
      ["Back in a minute", "Until tomorrow", !before.pre_chat_form],
    );
    await asAdmin("PUT", `/v1/properties/${PROPERTY}`, before);
    await browser.click("#admin-choice button");
    await until("it is as before", async () =>
      (await browser.js(`return document.querySelector('${away}').value`)) === (before.greetings?.away ?? ""),
    );
  },

  async "a phone shows all of it"() {
    await browser.phone(true);
    await until("the hours are there", () => browser.isShown(".week"));
    await isSound("the settings on a phone");
    const box = await browser.box("[role=group][aria-label=Wednesday] .track");
    const at = (hour) => ({ x: box.left + (box.width * hour) / 24, y: box.top + box.height / 2 });
    await browser.drag(at(6), at(18), "touch");
    assert.equal(
      await browser.js("return document.querySelector('[aria-label=\"Wednesday: hours\"]').value"),
      "06:00-18:00",
    );
    await browser.box(".week");
    assert(await browser.isShown("#admin-slot .says"), "the preview is in sight");
    const preview = await browser.js("return document.querySelector('#admin-slot').getBoundingClientRect().top");
    assert(preview >= 0 && preview < 120, `the preview is at ${preview}`);
    await isAccessible("the settings on a phone");
    await shoot("hours-phone");
    for (const view of ["team", "window", "messages"]) {
      await browser.click(`.nav a[href="#${view}"]`);
      await isSound(`${view} on a phone`);
      await shoot(`phone-${view}`);
    }
    await browser.click('.nav a[href="#window"]');
    await browser.click("#profile");
    await isLowerLeft();
    await shoot("phone-menu");
    await browser.press(keys.escape);
    await browser.phone(false);
  },

  async "a logout elsewhere is told at the door"() {
    const phone = await logIn("ada", "phone");
    await api("POST", "/v1/logout", phone.token, { everywhere: true });
    await until("the door is shown", () => browser.isShown("#door"));
    await browser.says("#door-why", /logged out/);
    await fillLogin("ada", PASSWORDS.ada);
    await until("ada is online", async () => (await myStatus()) === "Online");
    await browser.click("#profile");
    await browser.click("#logout");
    await until("the door is shown", () => browser.isShown("#door"));
    assert.equal(await browser.js("return sessionStorage.getItem('lamplighter.session')"), null);
    await isSound("the door again");
  },

  async "an administrator needs no account"() {
    // What was said to the agent is no answer to the administrator.
    await browser.js("document.querySelector('.why').replaceChildren()");
    await browser.click("#to-admin");
    await until("the rooms are open", () => browser.isShown("#members"));
    assert(!(await browser.isShown("#profile")));
    await until("it says why", async () => (await browser.text(".why")).includes("W1"));
    await isSound("the settings without an account");
    // What was typed before, and never saved, is not forgotten unasked.
    await browser.click("#forget");
    await until("it asks", () => browser.isShown("dialog button"));
    await browser.says("dialog h2", /is not saved/);
    await browser.click("dialog .bar button:nth-child(2)");
    await until("the key is asked for", () => browser.isShown("#key"));
    assert.equal(await browser.js("return sessionStorage.length"), 0);
  },

  async "an administrator sees which hours hurt, in numbers beside colours"() {
    // Two weeks: somebody from 9:20 to noon, somebody from two to twenty to five, nobody on Tuesdays.
    for (const day of [10, 11, 12, 13, 16, 17, 18, 19, 20]) {
      const clock = (time) => asAdmin("PUT", "/v1/clock", { now: `2026-03-${day}T${time}:00Z` });
      if (day % 7 === 3) continue;
      await clock("13:20");
      const { token: early } = await logIn("cy", "desk");
      await clock("16:00");
      await api("POST", "/v1/logout", early, {});
      await clock("18:00");
      const { token: late } = await logIn("ben", "desk");
      await clock("19:00");
      await api("PUT", "/v1/status", late, { status: "away" });
      await clock("19:30");
      await api("PUT", "/v1/status", late, { status: "online" });
      await clock("20:40");
      await api("POST", "/v1/logout", late, {});
    }
    await asAdmin("PUT", "/v1/clock", { now: "2026-03-21T04:00:00Z" });
    await asAdmin("PATCH", `/v1/properties/${PROPERTY}`, {
      scheduler: { timezone: "America/New_York", hours: WEEK },
    });
    await browser.type("#key [name=key]", adminKey);
    await browser.click("#key button");
    await until("the rooms are open", () => browser.isShown("#rooms"));
    await browser.type("#admin-choice [name=property]", PROPERTY);
    await browser.click("#admin-choice button");
    await until("the hours are there", () => browser.isShown("#coverage .heat"));
    const { widgets } = await asAdmin("GET", `/v1/coverage/${PROPERTY}`);
    const { hours, empty_ms: empty } = widgets.find(({ widget }) => widget === PROPERTY);
    const cells = await browser.js(`
      return [...document.querySelectorAll("#coverage tbody tr")].map((row) => [...row.querySelectorAll("td")].map(
        (cell) => [cell.className, cell.querySelector("[aria-hidden]").textContent, cell.querySelector(".unseen").textContent]));`);
    assert.equal(cells.length, 24);
    const seen = new Set();
    for (const [index, hour] of hours.entries()) {
      const [level, number, words] = cells[index % 24][Math.floor(index / 24)];
      const open = hour.staffed_ms + hour.away_only_ms + hour.empty_ms;
      if (open === 0) {
        assert.equal(level, hour.after_hours_ms > 0 ? "shut-there" : "shut", `hour ${index}`);
      } else {
        const share = hour.staffed_ms / open;
        const least = { h0: 0.95, h1: 0.75, h2: 0.5, h3: 1e-9, h4: 0 };
        assert.equal(level, Object.keys(least).find((key) => share >= least[key]), `hour ${index}`);
        assert(Math.abs(Number(number) - share * 100) <= 1, `hour ${index}: ${number}, ${share}`);
        assert.match(words, /% staffed, .*% away only, .*% empty/);
      }
      seen.add(level);
    }
    assert(seen.has("h0") && seen.has("h4") && seen.has("shut"), [...seen].join());
    assert(empty > 0 && /empty \(\d+ h/.test(await browser.text(".coverage-facts")));
    await browser.says("#coverage .gaps", /h.* from .*: /);
    const headers = await browser.js(
      "return [document.querySelectorAll('#coverage th[scope=col]').length, document.querySelectorAll('#coverage th[scope=row]').length]",
    );
    assert.deepEqual(headers, [8, 24]);
    await browser.js("document.querySelector('#coverage [role=region]').focus()");
    assert.equal(await browser.js("return document.activeElement.getAttribute('aria-label')"), "Hours of the week");
    await isSound("which hours hurt");
    await isReadable("which hours hurt");
    await isAccessible("which hours hurt");
    await browser.box("#coverage");
    await shoot("coverage");
    await browser.dark(true);
    await isReadable("which hours hurt, in the dark");
    await isAccessible("which hours hurt, in the dark");
    await shoot("coverage-dark");
    await browser.dark(false);
    await browser.phone(true);
    await isSound("which hours hurt, on a phone");
    await browser.box("#coverage .heat");
    await shoot("coverage-phone");
    await browser.phone(false);
    await browser.type("#admin-choice [name=property]", "nobodys");
    await browser.click("#admin-choice button");
    await until("it is missing", () => browser.isShown("#missing"));
    assert(!(await browser.isShown("#coverage")));
    await browser.click("#forget");
  },
};

let failed = 0;
try {
  await until("the service answers", async () => (await fetch(url)).ok);
  for (const [agent, password] of Object.entries(PASSWORDS))
    await asAdmin("PUT", `/v1/agents/${agent}`, { password });
  await settings({});
  const all = Object.entries(steps);
  for (const [name, step] of all) {
    const begun = Date.now();
    try {
      await step();
      console.log(`ok   ${name} (${Date.now() - begun} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}\n${error.stack}`);
      for (const [at, handle] of (await browser.send("GET", "/window/handles")).entries()) {
        await browser.to(handle);
        await shoot(`failed-${at + 1}`).catch(() => {});
      }
      break;
    }
  }
  console.log(
    failed === 0 ? `${all.length} steps passed; pictures in ${shots}` : "the steps after it were not tried",
  );
} finally {
  await browser.stop();
}
process.exitCode = failed === 0 ? 0 : 1;
