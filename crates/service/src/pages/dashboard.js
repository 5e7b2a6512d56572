// The agent's dashboard: logging in and out, the profile menu, and which view is shown.

import { $, attempt, label, options, say, show } from "./dom.js";
import { call, devicePath, teamPath } from "./api.js";
import { Account } from "./account.js";
import { deviceName, rememberDevice } from "./device.js";
import { Places } from "./places.js";
import { connect } from "./live.js";
import { Team, showProfile, timeOf } from "./team.js";
import { Menu } from "./menu.js";
import { Messages } from "./messages.js";
import { Pane } from "./window.js";
import { Admin } from "./admin.js";

const SESSION = "lamplighter.session";
/** The token of a device that has logged out: while others guess at a password, it is known by that. */
const KNOWN = "lamplighter.known.";
/** Activity is told at most so often. */
const ACTIVITY_MS = 30_000;

let session = null;
let socket = null;
let connected = false;
let device;
/** When the status of this device is over, as far as is known: an instant of the service's. */
let until;
let activeAt = -Infinity;

const team = new Team($("#team-lists"));
const admin = new Admin(opened, look);
/** The token of a member, or else the admin key. */
const bearer = (property) =>
  session && (session.properties.includes(property) || !admin.key) ? session.token : admin.key;
/** Whether the socket tells of a property. */
const isTold = (property) => connected && session.properties.includes(property);
const messages = new Messages(bearer, isTold);
const pane = new Pane(bearer, isTold);
const account = new Account(asAgent, () => session, rename);
const places = new Places({
  isLoggedIn: () => session !== null,
  window(property, widget) {
    $("#window-slot").append(pane.root);
    if (property) pane.follow(property, widget);
  },
  admin(property, widget) {
    $("#admin-slot").append(pane.root);
    admin.enter(property, widget);
    // What is open already is not opened anew, and nobody has followed it since a logout.
    if (admin.key && property && property === admin.property && widget === admin.widget) pane.follow(property, widget);
  },
  messages: (property) => messages.open(property),
  account: () => account.open(),
  team() {},
});
/** A status that was chosen while the service could not be reached: it is set as soon as it can. */
let waiting = null;

// Logging in and out

function showDoor(why) {
  $("#house").hidden = true;
  $("#door").hidden = false;
  show($("#door-why"), why);
  $("#login").elements.device.value ||= deviceName();
  $("#login").elements.agent.focus();
}

function showHouse() {
  $("#door").hidden = true;
  $("#house").hidden = false;
  $("#profile").hidden = session === null;
  $("#to-login").hidden = session !== null;
  $("#team").hidden = session === null;
  places.route();
}

$("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { agent, password, device: on } = event.target.elements;
  const body = { agent: agent.value.trim(), password: password.value, device: on.value.trim() };
  const answer = await attempt($("button", event.target), $(".error", event.target), () =>
    call("POST", "/v1/login", localStorage.getItem(KNOWN + body.agent), body),
  );
  if (!answer) return;
  password.value = "";
  session = {
    token: answer.token,
    agent: answer.agent,
    device: answer.device,
    properties: answer.properties,
  };
  device = answer.status;
  until = undefined;
  activeAt = performance.now();
  remember();
  rememberDevice(answer.device);
  waiting = null;
  enter();
  places.focus();
});

function remember() {
  sessionStorage.setItem(SESSION, JSON.stringify(session));
}

function enter() {
  options($("#properties"), session.properties);
  places.begin(session.properties[0] ?? "");
  messages.begin(session.agent, session.properties);
  listen();
  refresh();
  showHouse();
  const { property, widget } = places.chosen;
  if (property) pane.follow(property, widget);
}

/** Opens the socket of this device. */
function listen() {
  const { token } = session;
  const check = () => {
    const property = session?.properties[0];
    return property ? call("GET", teamPath(property), token) : call("POST", "/v1/activity", token);
  };
  socket = connect(
    token,
    {
      message: take,
      open() {
        connected = true;
        $("#lost").hidden = true;
        refresh();
        // What was not told meanwhile.
        messages.catchUp();
        pane.teamChanged(pane.target?.property);
        if (waiting) setStatus(waiting.status, waiting).catch((problem) => tellLost(problem.message, "Try now"));
      },
      lost() {
        connected = false;
        tellLost(
          "The connection is lost. For a short while your status stays as it was; trying again…",
          "Try now",
        );
      },
      replaced() {
        tellLost("This device is connected from another tab or window.", "Connect here");
      },
      loggedOut(reason) {
        leave(`You have been logged out${reason ? `: ${reason}` : ""}. Log in to light the window again.`);
      },
    },
    check,
  );
}

function tellLost(text, button) {
  $("#lost-text").textContent = text;
  $("#retry").textContent = button;
  $("#lost").hidden = false;
  refresh();
}

/** Forgets the session: at a logout of one's own, or when the service has ended it. */
function leave(why) {
  socket?.close();
  socket = null;
  if (session) localStorage.setItem(KNOWN + session.agent, session.token);
  session = null;
  connected = false;
  sessionStorage.removeItem(SESSION);
  menu.close();
  $("#lost").hidden = true;
  team.clear();
  messages.end();
  pane.close();
  showDoor(why);
}

$("#retry").addEventListener("click", () => socket?.retry());
$("#to-login").addEventListener("click", () => showDoor(null));
$("#to-admin").addEventListener("click", () => {
  location.hash = "admin";
  showHouse();
});

/** An agent's call; a token that is no longer good ends the session. */
async function asAgent(method, path, body) {
  try {
    return await call(method, path, session?.token, body);
  } catch (problem) {
    if (problem.status === 401 && session) leave(problem.message);
    throw problem;
  }
}

// What the socket tells

function take(message) {
  if (message.type === "device") {
    if (message.device === session.device) {
      // Any other status ends the time of this one.
      if (message.status !== device) until = undefined;
      device = message.status;
    }
  } else if (message.type === "message") {
    messages.take(message);
  } else if (message.type === "team" || message.type === "status") {
    team.take(message, session.agent);
    pane.teamChanged(message.property);
    const isMine = team.properties.has(message.property);
    if (message.type === "team" && isMine !== session.properties.includes(message.property)) {
      const others = session.properties.filter((property) => property !== message.property);
      session.properties = isMine ? [...others, message.property] : others;
      remember();
      options($("#properties"), session.properties);
    }
  }
  refresh();
}

let told;
function refresh() {
  if (!session) return;
  const status = team.statusOf(session.agent) ?? device;
  showProfile(session, status, { status: device, until }, connected);
  $("#team").classList.toggle("stale", !connected);
  if (connected && told && told !== status) say(`You are now ${status}`);
  told = connected ? status : undefined;
}

// What the profile menu does

const menu = new Menu(async (item) => {
  try {
    if (item.id === "to-account") location.hash = "account";
    else if (item.dataset.status)
      await setStatus(item.dataset.status, { everywhere: menu.everywhere, ...menu.length });
    else await logOut(item.id === "logout-everywhere");
  } catch (problem) {
    if (session) tellLost(problem.message, "Try now");
  }
});

async function setStatus(status, { everywhere, length }) {
  menu.everywhere = false;
  let answer;
  try {
    answer = await asAgent("PUT", "/v1/status", {
      status,
      ...(everywhere && { everywhere: true }),
      ...(length && { for: length }),
    });
  } catch (problem) {
    if (problem.status !== 0) throw problem;
    waiting = { status, everywhere, length };
    tellLost(`The service cannot be reached. You will be ${status} as soon as it can.`, "Try now");
    return;
  }
  waiting = null;
  device = answer.status;
  until = answer.until;
  $("#lost").hidden = connected;
  refresh();
  say(`This device is now ${label(device)}${until ? ` until ${timeOf(until)}` : ""}`);
}

async function logOut(all) {
  const { token } = session;
  socket?.close();
  connected = false;
  try {
    await call("POST", "/v1/logout", token, all ? { everywhere: true } : {});
  } catch (problem) {
    // Not logged out: the device counts on, and must not look as if it did not.
    if (problem.status !== 401) {
      enter();
      throw problem;
    }
  }
  leave(all ? "You are logged out on all devices." : "You are logged out here.");
}

/** Calls this device by another name. The socket is that of the name before, and opens anew. */
async function rename(name) {
  socket?.close();
  connected = false;
  try {
    const answer = await asAgent("PATCH", devicePath(session.agent, session.device), { device: name });
    session.device = answer.device;
    device = answer.status;
    until = answer.until;
    remember();
    rememberDevice(answer.device);
  } finally {
    if (session) listen();
  }
}

// Activity (rule P8): what a person does, and never what the page does by itself

for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
  addEventListener(
    kind,
    (event) => {
      const now = performance.now();
      if (!session || !event.isTrusted || now - activeAt < ACTIVITY_MS) return;
      activeAt = now;
      // Without it the status may turn to away, which the socket would tell.
      asAgent("POST", "/v1/activity").catch(() => {});
    },
    { passive: true, capture: true },
  );
}

/** What the administrator has opened is what the pane looks at; nothing, where it is gone. */
function opened(property, widget) {
  places.choose(property, widget);
  if (property) look(property, widget);
  else pane.close();
}

function look(property, widget) {
  pane.follow(property, widget);
}

// The skip link must not look like a view.
$(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  ($("#house").hidden ? $("#login").elements.agent : $("#content")).focus();
});

session = JSON.parse(sessionStorage.getItem(SESSION) ?? "null");
if (session) enter();
else if (admin.key) showHouse();
else showDoor(null);
