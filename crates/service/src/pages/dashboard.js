// The agent's dashboard: logging in and out, the profile menu, and which view is shown.

import { $, attempt, label, options, say, show } from "./dom.js";
import { call, teamPath } from "./api.js";
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
const VIEWS = ["team", "window", "messages", "admin"];

let session = null;
let socket = null;
let connected = false;
let device;
/** When the status of this device is over, as far as is known: an instant of the service's. */
let until;
let activeAt = -Infinity;

const team = new Team($("#team-lists"));
const admin = new Admin(opened);
/** The token of a member, or else the admin key. */
const bearer = (property) =>
  session && (session.properties.includes(property) || !admin.key) ? session.token : admin.key;
const messages = new Messages(bearer);
const pane = new Pane(bearer);

// Logging in and out

function showDoor(why) {
  $("#house").hidden = true;
  $("#door").hidden = false;
  show($("#door-why"), why);
  $("#login").elements.device.value ||= "browser";
  $("#login").elements.agent.focus();
}

function showHouse() {
  $("#door").hidden = true;
  $("#house").hidden = false;
  $("#profile").hidden = session === null;
  $("#to-login").hidden = session !== null;
  $("#team").hidden = session === null;
  route();
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
  enter();
});

function remember() {
  sessionStorage.setItem(SESSION, JSON.stringify(session));
}

function enter() {
  options($("#properties"), session.properties);
  const first = session.properties[0] ?? "";
  for (const form of ["#window-choice", "#messages-choice", "#admin-choice"]) {
    $(form).elements.property.value ||= first;
  }
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
  refresh();
  showHouse();
  if (first) pane.look($("#window-choice").elements.property.value, "");
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
  messages.clear();
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
  } else if (message.type === "team" || message.type === "status") {
    team.take(message, session.agent);
    if (message.type === "team" && !session.properties.includes(message.property)) {
      session.properties.push(message.property);
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
    if (item.dataset.status) await setStatus(item.dataset.status);
    else await logOut(item.id === "logout-everywhere");
  } catch (problem) {
    if (session) tellLost(problem.message, "Try now");
  }
});

async function setStatus(status) {
  const { length } = menu.length;
  const answer = await asAgent("PUT", "/v1/status", {
    status,
    ...(menu.everywhere && { everywhere: true }),
    ...(length && { for: length }),
  });
  device = answer.status;
  until = answer.until;
  menu.everywhere = false;
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

// Views

const wide = matchMedia("(min-width: 760px)");

function route() {
  let view = location.hash.slice(1);
  if (!VIEWS.includes(view)) view = session ? "window" : "admin";
  if (view === "team" && wide.matches) view = "window";
  document.body.dataset.view = view;
  for (const name of VIEWS) {
    const section = $(`#view-${name}`);
    if (section) section.hidden = name !== view;
    const link = $(`.nav a[href="#${name}"]`);
    if (name === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (view === "window") {
    $("#window-slot").append(pane.root);
  } else if (view === "admin") {
    $("#admin-slot").append(pane.root);
    admin.enter();
  } else if (view === "messages") {
    messages.open($("#messages-choice").elements.property.value.trim());
  }
}

addEventListener("hashchange", () => {
  if ($("#house").hidden) return;
  route();
  const title = $(`#${document.body.dataset.view}-title`);
  title.focus({ preventScroll: true });
  $("#content").scrollTo(0, 0);
});
wide.addEventListener("change", route);

$("#window-choice").addEventListener("submit", (event) => {
  event.preventDefault();
  const { property, widget } = event.target.elements;
  pane.look(property.value.trim(), widget.value.trim());
});

/** What the administrator has opened is what the pane looks at. */
function opened(property, widget) {
  const form = $("#window-choice").elements;
  form.property.value = property;
  form.widget.value = widget;
  pane.look(property, widget);
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
