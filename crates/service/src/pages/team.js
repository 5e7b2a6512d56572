// The team's statuses, as the socket tells them: one list for each property of the agent.

import { $, el, label, named } from "./dom.js";

const HIGHEST_FIRST = ["online", "away", "invisible", "offline"];

export class Team {
  constructor(root) {
    this.root = root;
    this.clear();
  }

  clear() {
    /** property → Map of agent → status */
    this.properties = new Map();
    this.versions = new Map();
    this.render();
  }

  /** Takes a `team` or `status` message; an older one than what is known changes nothing. */
  take(message, me) {
    const { property, version } = message;
    if (version < (this.versions.get(property) ?? 0)) return;
    this.versions.set(property, version);
    if (message.type === "team" && !message.team.some((member) => member.agent === me)) {
      // Suspended, or no member any more: what others do there is not told from now on.
      this.properties.delete(property);
    } else if (message.type === "team") {
      this.properties.set(property, new Map(message.team.map((m) => [m.agent, m.status])));
    } else {
      this.properties.get(property)?.set(message.agent, message.status);
    }
    this.render(me);
  }

  /** The agent's own status (rule P4): the same wherever the agent is a member. */
  statusOf(agent) {
    for (const members of this.properties.values()) {
      if (members.has(agent)) return members.get(agent);
    }
    return undefined;
  }

  render(me) {
    if (this.properties.size === 0) {
      this.root.replaceChildren(el("p", { class: "muted small" }, "Nobody to see yet."));
      return;
    }
    const names = [...this.properties.keys()].sort();
    this.root.replaceChildren(...names.map((property) => this.list(property, me)));
  }

  list(property, me) {
    const rank = (status) => HIGHEST_FIRST.indexOf(status);
    const members = [...this.properties.get(property)].sort(
      ([a, x], [b, y]) => rank(x) - rank(y) || a.localeCompare(b),
    );
    const rows = members.map(([agent, status]) =>
      el(
        "li",
        { dataset: { agent, status } },
        el("span", { class: "mark", dataset: { status }, "aria-hidden": "true" }),
        el("span", { class: "name" }, named(agent), agent === me ? " (you)" : null),
        el("small", {}, label(status)),
      ),
    );
    const title = `team-of-${property}`;
    return el(
      "section",
      { "aria-labelledby": title, dataset: { property } },
      el("h3", { id: title }, named(property)),
      el("ul", {}, rows),
    );
  }
}

/** An instant of the service's on this page's clock. */
export const timeOf = (instant) =>
  new Date(instant).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });

/** Shows who is who, and the device's own status and until when; `undefined` where nothing is known. */
export function showProfile(session, status, { status: device, until }, connected) {
  $("#initial").textContent = session.agent.charAt(0).toUpperCase();
  $("#me").textContent = session.agent;
  const known = connected ? status : undefined;
  $("#dot").hidden = known !== "online";
  const words = known === undefined ? ($("#lost").hidden ? "Connecting…" : "Not connected") : label(known);
  $("#my-status").textContent = words;
  $("#profile").dataset.status = known ?? "unknown";
  for (const item of document.querySelectorAll("#profile-menu [data-status][role]")) {
    item.setAttribute("aria-checked", String(item.dataset.status === device));
  }
  let note = `This device: ${session.device}`;
  const over = until ? ` until ${timeOf(until)}` : "";
  if (known && device && known !== device) {
    note += ` is ${device}${over}, and another of your devices keeps you ${known}.`;
  } else if (known && over) {
    note += ` is ${device}${over}.`;
  }
  $("#device-note").textContent = note;
}
