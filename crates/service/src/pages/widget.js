// The chat widget's light: shows whether somebody is there, and takes a message where nobody is.
//
//   <script src="https://…/widget.js" data-property="acme" defer></script>
//
// Optional: data-widget="sales", data-country="US"; for trying things out data-page and data-device.
// A page talks to it by window.Lamplighter: getStatus(), canChat(), onStatusChange, onOfflineSubmit, onChatStart,
// showWidget(), hideWidget(), isChatHidden(). The chat itself is the page's: where it handles onChatStart a button
// starts it, and else visitors write a message. Handlers are set (`onStatusChange = f`) or given (`onStatusChange(f)`).

(() => {
  "use strict";
  const script = document.currentScript;
  const { property, widget, country } = script.dataset;
  if (!property) {
    console.error("Lamplighter: the script needs data-property");
    return;
  }
  const full = widget && widget !== property ? `${property}/${widget.replace(`${property}/`, "")}` : property;
  const base = `${new URL(script.src).origin}/v1/widgets/${full.split("/").map(encodeURIComponent).join("/")}`;
  const SESSION = `lamplighter.pre-chat.${full}`;
  /** A connection lost for so long is told to the visitor. */
  const LOST_MS = 20_000;

  let answer = null;
  let hiddenByPage = false;
  let opened = false;
  let sent = false;
  let dismissed = false;
  let lost = false;

  // For the page

  const early = window.Lamplighter ?? {};
  const handlers = {};
  const api = {
    /** `online`, `away` or `offline`; until the service has answered, and in an outage, nobody can be reached. */
    getStatus: () => (lost ? "offline" : (answer?.status ?? "offline")),
    /** Whether a chat can start now: in its hours a widget is online whoever is there. */
    canChat: () => !lost && Boolean(answer?.chat),
    showWidget: () => setHidden(false),
    hideWidget: () => setHidden(true),
    isChatHidden: () => hiddenByPage || !answer?.shown,
  };
  for (const name of ["onStatusChange", "onOfflineSubmit", "onChatStart"]) {
    handlers[name] = new Set();
    let own = null;
    const add = (handler) => {
      handlers[name].add(handler);
      render();
    };
    Object.defineProperty(api, name, {
      enumerable: true,
      get: () => add,
      set(handler) {
        handlers[name].delete(own);
        own = handler;
        if (handler) add(handler);
      },
    });
    if (typeof early[name] === "function") api[name] = early[name];
  }
  window.Lamplighter = api;

  function call(name, value) {
    for (const handler of handlers[name]) {
      try {
        handler(value);
      } catch (error) {
        console.error(error);
      }
    }
  }

  function setHidden(hidden) {
    hiddenByPage = hidden;
    render();
  }

  // From the service

  const device = () =>
    script.dataset.device ??
    ((navigator.userAgentData?.mobile ?? /Mobi|Android|iPhone|iPad/i.test(navigator.userAgent))
      ? "mobile"
      : "desktop");
  const page = () => script.dataset.page ?? location.href.split(/[?#]/)[0];

  let losing = 0;

  function found() {
    clearTimeout(losing);
    losing = 0;
    lost = false;
  }

  function losingIt() {
    losing ||= setTimeout(() => {
      const before = api.getStatus();
      lost = true;
      render();
      if (answer && before !== "offline") call("onStatusChange", "offline");
    }, LOST_MS);
  }

  /** There is no such widget, or no more: it is as if there had never been one. */
  function miss() {
    const before = api.getStatus();
    found();
    answer = null;
    host.hidden = true;
    if (before !== "offline") call("onStatusChange", "offline");
  }

  function query() {
    const visitor = new URLSearchParams({ page: page(), device: device() });
    if (country) visitor.set("country", country);
    return visitor.toString();
  }

  function take(text) {
    const before = answer && api.getStatus();
    found();
    answer = JSON.parse(text);
    render();
    if (answer.status !== before) call("onStatusChange", answer.status);
  }

  function listen() {
    const changed = follow({ base, query, take, lose: losingIt, miss });
    // Sites that change the page without loading one
    let asked = query();
    window.navigation?.addEventListener("navigatesuccess", () => {
      if (query() === asked) return;
      asked = query();
      changed();
    });
    // A page that the browser keeps to go back to comes back as it was.
    addEventListener("pagehide", found);
  }

  // What the visitor sees

  const host = document.createElement("lamplighter-widget");
  host.hidden = true;
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; position: fixed; right: 18px; bottom: 18px; z-index: 2147483000; font: 15px/1.5 system-ui, sans-serif; color: #2d2218; color-scheme: light; }
    :host([hidden]) { display: none; }
    * { box-sizing: border-box; font: inherit; color: inherit; }
    [hidden] { display: none !important; }
    :focus-visible { outline: 3px solid #b45a06; outline-offset: 2px; } .top :focus-visible { outline-color: #f6b64b; }
    .launch { position: relative; width: 60px; height: 60px; border: 0; border-radius: 50%; background: #2a2238; cursor: pointer; margin-left: auto; display: block; padding: 12px; box-shadow: 0 4px 18px #1c142c59; transition: box-shadow .5s; }
    .launch svg { display: block; width: 100%; height: 100%; overflow: visible; }
    .shade { fill: #e9d9bd; } .glass { fill: #6a6076; } .flame { fill: none; }
    [data-status=online] .glass { fill: #fff3d4; } [data-status=online] .flame { fill: #e8861a; }
    [data-status=away] .glass { fill: #e3c48d; } [data-status=away] .flame { fill: #a85a14; }
    [data-status=online] .launch { box-shadow: 0 0 0 5px #f6b64b4d, 0 0 34px 8px #f6b64b99; }
    [data-status=away] .launch { box-shadow: 0 0 0 4px #f6b64b2e, 0 3px 18px #1c142c59; }
    [data-status].unattended .glass { fill: #efd9a4; } [data-status].unattended .flame { fill: none; } [data-status].unattended .launch { box-shadow: 0 0 0 4px #f6b64b2e, 0 3px 18px #1c142c59; }
    .mark { position: absolute; right: 1px; top: 1px; width: 17px; height: 17px; border-radius: 50%; border: 3px solid #fff; background: #fff; }
    [data-status=online] .mark { background: #23843f; } [data-status=away] .mark { background: #d98311; } [data-status=offline] .mark, [data-status].unattended .mark { background: #857b8f; }
    .tease { display: flex; align-items: start; max-width: 280px; margin: 0 6px 12px 0; background: #fffaf0; border-radius: 14px 14px 3px 14px; box-shadow: 0 4px 22px #1c142c33; }
    .tease .greeting { border: 0; background: none; padding: 11px 4px 11px 15px; text-align: left; cursor: pointer; overflow-wrap: anywhere; }
    .x { border: 0; background: none; min-width: 34px; min-height: 34px; cursor: pointer; border-radius: 8px; }
    .panel { width: min(350px, calc(100vw - 36px)); max-height: calc(100vh - 116px); max-height: calc(100dvh - 116px); overflow: auto; margin-bottom: 14px; background: #fffaf0; border-radius: 18px; box-shadow: 0 10px 44px #1c142c47; }
    .top { display: flex; justify-content: space-between; align-items: start; padding: 15px 9px 15px 19px; background: #2a2238; color: #fdf3df; }
    .top h2 { margin: 0; font-weight: 650; font-size: 17px; } .top p { margin: 0; color: #d9cbb2; }
    .inside { padding: 15px 19px 19px; }
    p { margin: 0 0 12px; overflow-wrap: anywhere; } .said { white-space: pre-line; font-size: 16px; } .said:empty { display: none; }
    .note { background: #f7e8c9; border-radius: 10px; padding: 9px 12px; }
    label { display: block; margin-bottom: 11px; font-weight: 600; }
    input, textarea { display: block; width: 100%; margin-top: 3px; padding: 9px 11px; border: 1px solid #8f7f6c; border-radius: 9px; background: #fff; font-size: 16px; font-weight: 400; }
    textarea { min-height: 88px; resize: vertical; } [aria-invalid=true] { border: 2px solid #b3261e; }
    .send { width: 100%; min-height: 44px; border: 0; border-radius: 10px; background: #97490a; color: #fff; font-weight: 650; cursor: pointer; } .send:disabled { background: #7a6a58; cursor: default; }
    .error { color: #a3211a; } .error:empty { display: none; }
    @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
  `);
  root.adoptedStyleSheets = [sheet];

  function el(name, properties = {}, ...children) {
    const node = document.createElementNS(
      properties.svg ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml",
      name,
    );
    for (const [key, value] of Object.entries(properties)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (key !== "svg") node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  }
  const drawn = (cls, d) => el("path", { svg: true, class: cls, d });

  const lamp = el(
    "svg",
    { svg: true, viewBox: "16 7 32 46", "aria-hidden": "true" },
    drawn("shade", "M30 8h4v6h5l3 8H22l3-8h5zM24 48h16v4H24z"),
    drawn("glass", "M23 24h18l-3 23H26z"),
    drawn("flame", "M32 28c4 5 5 7 5 10a5 5 0 0 1-10 0c0-3 1-5 5-10z"),
  );
  const launch = el(
    "button",
    { class: "launch", type: "button", "aria-haspopup": "dialog", onclick: () => toggle(!opened) },
    lamp,
    el("span", { class: "mark" }),
  );
  const greeting = el("button", { class: "greeting", type: "button", onclick: () => toggle(true) });
  const tease = el(
    "div",
    { class: "tease" },
    greeting,
    el(
      "button",
      {
        class: "x",
        type: "button",
        "aria-label": "Dismiss",
        onclick: () => {
          dismissed = true;
          render();
          launch.focus();
        },
      },
      "✕",
    ),
  );
  const title = el("h2", { id: "title" });
  const standing = el("p", { role: "status" });
  const said = el("p", { class: "said" });
  const note = el("p", { class: "note" });
  const inside = el("div", { class: "place" });
  const panel = el(
    "div",
    {
      class: "panel",
      role: "dialog",
      "aria-labelledby": "title",
      onkeydown: (event) => event.key === "Escape" && toggle(false),
    },
    el(
      "div",
      { class: "top" },
      el("div", {}, title, standing),
      el("button", { class: "x", type: "button", "aria-label": "Close", onclick: () => toggle(false) }, "✕"),
    ),
    el("div", { class: "inside" }, said, note, inside),
  );
  const frame = el("div", {}, panel, tease, launch);
  root.append(frame);

  function toggle(open) {
    opened = open;
    if (!open) sent = false;
    dismissed = true;
    render();
    if (open) (inside.querySelector("input") ?? panel.querySelector(".x")).focus();
    else launch.focus();
  }

  function inSession() {
    try {
      return sessionStorage.getItem(SESSION) !== null;
    } catch {
      return false;
    }
  }

  const NOTES = {
    lost: "We cannot be reached from here at the moment. This comes back by itself.",
    "message-unattended":
      "These are our hours, but nobody can chat right now. Leave us a message, and we will answer by email.",
    "message-here": "Write to us here, and we will answer by email.",
    "message-away": "Leave us a message, and we will answer by email.",
    "pre-chat-online": "Before we begin: how can we reach you?",
    "pre-chat-away": "Before we begin: how can we reach you?",
  };
  const WORDS = {
    online: "We are here",
    away: "We may take a while to answer",
    offline: "Nobody is here right now",
  };

  function render() {
    if (!answer) return;
    const { status, chat } = answer;
    const unattended = status === "online" && !chat;
    host.hidden = api.isChatHidden();
    frame.dataset.status = lost ? "offline" : status;
    frame.classList.toggle("unattended", unattended);
    const short = lost ? "no connection" : unattended ? "nobody can chat right now" : status;
    launch.setAttribute("aria-label", `Chat: ${short}`);
    launch.setAttribute("aria-expanded", String(opened));
    panel.hidden = !opened;
    tease.hidden = opened || dismissed || lost || !answer.greeting;
    greeting.textContent = answer.greeting;
    said.textContent = answer.greeting;
    said.hidden = lost;
    const form = kindOf(answer);
    title.textContent = lost
      ? "One moment"
      : /^(message|offline)/.test(form)
        ? "Leave a message"
        : "Chat with us";
    standing.textContent = lost
      ? "No connection. Trying again…"
      : unattended
        ? "Nobody can chat right now"
        : WORDS[status];
    note.textContent = sent ? "Thank you. Your message has reached us." : (NOTES[form] ?? "");
    note.hidden = !note.textContent;
    fit(sent ? "sent" : form);
  }

  /** What belongs there: where no chat can start, and where the page has none, a message can always be left. */
  function kindOf({ status, chat, form }) {
    if (lost) return "lost";
    if (form === "offline") return form;
    if (status === "online" && !chat) return "message-unattended";
    if (form === "pre-chat" && !inSession()) return `pre-chat-${status}`;
    if (status === "away") return "message-away";
    return handlers.onChatStart.size > 0 ? "chat" : "message-here";
  }

  /** Puts the form there that belongs there; what has been typed stays, whatever changes. */
  function fit(kind) {
    if (inside.dataset.kind === kind) return;
    inside.dataset.kind = kind;
    const typed = {};
    for (const field of inside.querySelectorAll("input, textarea")) typed[field.name] = field.value;
    if (kind === "lost" || kind === "sent") {
      // What was typed is there again when the connection is.
      if (kind === "sent") inside.replaceChildren();
      else if (inside.firstChild) inside.firstChild.hidden = true;
      return;
    }
    inside.replaceChildren();
    if (kind === "chat") {
      inside.append(
        el("button", { class: "send", type: "button", onclick: () => call("onChatStart", {}) }, "Start the chat"),
      );
      return;
    }
    const fields = [
      ["Name", el("input", { name: "name", autocomplete: "name", required: "", maxlength: 200 })],
      [
        "Email",
        el("input", { name: "email", type: "email", autocomplete: "email", required: "", maxlength: 320 }),
      ],
    ];
    if (kind !== "pre-chat-online")
      fields.push(["Message", el("textarea", { name: "message", required: "" })]);
    for (const [, field] of fields) field.value = typed[field.name] ?? "";
    const send = el("button", { class: "send" }, kind === "pre-chat-online" ? (handlers.onChatStart.size > 0 ? "Start the chat" : "Go on") : "Send");
    const error = el("p", { class: "error", role: "alert" });
    inside.append(
      el(
        "form",
        { onsubmit: (event) => submit(event, kind, send, error) },
        ...fields.map(([text, field]) => el("label", {}, text, field)),
        error,
        send,
      ),
    );
  }

  async function submit(event, kind, send, error) {
    event.preventDefault();
    const form = event.target;
    const { name, email, message } = form.elements;
    const body = { name: name.value, email: email.value, message: message?.value ?? "" };
    for (const field of [name, email, message]) field?.removeAttribute("aria-invalid");
    send.disabled = true;
    error.textContent = "";
    try {
      const response = await fetch(`${base}/messages`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!response.ok) {
        const problem = await response.json().catch(() => ({}));
        const field = form.elements.namedItem(problem.field ?? "");
        field?.setAttribute("aria-invalid", "true");
        field?.focus();
        // What is wrong with the service is nothing for visitors.
        const said = response.status < 500 && (problem.detail ?? problem.title);
        throw new Error(said || "Your message could not be sent. Please try again in a while.");
      }
    } catch (problem) {
      error.textContent =
        problem instanceof TypeError
          ? "Your message could not be sent: no connection. Please try again."
          : problem.message;
      return;
    } finally {
      send.disabled = false;
    }
    if (kind === "offline" || kind.startsWith("message")) {
      sent = true;
      if (kind === "offline") call("onOfflineSubmit", body);
    } else {
      try {
        sessionStorage.setItem(SESSION, "done");
      } catch {
        // Without storage the form comes again on the next page.
      }
      sent = kind === "pre-chat-away";
      answer = { ...answer, form: "none" };
      if (!sent) call("onChatStart", body);
    }
    render();
    panel.querySelector(".x").focus();
  }

  const begin = () => {
    document.body.append(host);
    listen();
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
})();
