// Small help with the page. Texts are set as text: nothing that somebody wrote becomes markup.

export const $ = (selector, root = document) => root.querySelector(selector);

/** An element with properties (`class`, `dataset`, `on…`, or any attribute) and children. */
export function el(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** A text in which what stands between backticks is of the language. */
export const words = (text) => text.split("`").map((part, index) => (index % 2 ? el("code", {}, part) : part));

/** Asks the server; an answer that is none is thrown as an error, with its words. */
export async function ask(method, path, body, signal) {
  const response = await fetch(path, {
    method,
    signal,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) {
    const error = new Error(answer.detail ?? response.statusText);
    error.status = response.status;
    throw error;
  }
  return answer;
}

/** Asks one question at a time: a new one makes an answer to the one before worthless. */
export class Question {
  constructor(path) {
    this.path = path;
  }

  /** The answer; `undefined` if another question was asked meanwhile. */
  async ask(body) {
    this.waiting?.abort();
    const waiting = (this.waiting = new AbortController());
    try {
      const answer = await ask("POST", this.path, body, waiting.signal);
      return this.waiting === waiting ? answer : undefined;
    } catch (error) {
      if (this.waiting !== waiting || error.name === "AbortError") return undefined;
      throw error;
    }
  }

  /** Nobody waits for the answer any more. */
  forget() {
    this.waiting?.abort();
    this.waiting = undefined;
  }
}
