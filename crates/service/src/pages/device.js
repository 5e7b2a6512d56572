// What this device is called: by its browser and its system until somebody calls it otherwise.

const KEY = "lamplighter.device";

/** In the order in which they are looked for: most claim to be one another. */
const BROWSERS = [
  ["edge", /\bEdgA?\//],
  ["opera", /\bOPR\//],
  ["samsung", /SamsungBrowser/],
  ["firefox", /Firefox|FxiOS/],
  ["chrome", /Chrome|CriOS/],
  ["safari", /Safari/],
];
const SYSTEMS = [
  ["iphone", /iPhone/],
  ["ipad", /iPad/],
  ["android", /Android/],
  ["windows", /Windows/],
  ["chromebook", /CrOS/],
  ["mac", /Mac OS X|Macintosh/],
  ["linux", /Linux/],
];

const first = (list, text, other) => list.find(([, pattern]) => pattern.test(text))?.[0] ?? other;

/** Letters that tell two browsers of a kind apart: a second login under one name ends the first (rule P1). */
function letters() {
  const all = "bcdfghjkmnpqrstvwxz";
  return [...crypto.getRandomValues(new Uint8Array(3))].map((byte) => all[byte % all.length]).join("");
}

/** `firefox-linux-kbt`: the name under which this browser logged in last, or one to begin with. */
export function deviceName(agent = navigator.userAgent) {
  const known = localStorage.getItem(KEY);
  if (known) return known;
  const name = `${first(BROWSERS, agent, "browser")}-${first(SYSTEMS, agent, "device")}-${letters()}`;
  rememberDevice(name);
  return name;
}

export const rememberDevice = (name) => localStorage.setItem(KEY, name);
