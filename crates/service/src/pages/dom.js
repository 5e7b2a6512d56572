// Small help with the page. Texts are set as text: nothing from the service becomes markup.

export const $ = (selector, root = document) => root.querySelector(selector);

/** An element with properties (`class`, `dataset`, `on…`, or any attribute) and children. */
export function el(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** A name that somebody gave, which turns nothing around it whatever its script. */
export const named = (text, properties = {}) => el("bdi", properties, text);

/** The same within a sentence that is text alone. */
export const quoted = (text) => `\u2068${text}\u2069`;

/** Says it to those who listen to the page. */
export function say(text) {
  $("#said").textContent = text;
}

/** Shows a text in a place that is hidden while there is none. */
export function show(node, text) {
  node.textContent = text ?? "";
  node.hidden = !text;
}

/** Runs what a form or button is for: once at a time, and tells what went wrong in `error`. */
export async function attempt(button, error, work) {
  if (button?.disabled) return undefined;
  show(error, null);
  if (button) button.disabled = true;
  try {
    return await work();
  } catch (problem) {
    show(error, problem.message);
    return undefined;
  } finally {
    if (button) button.disabled = false;
  }
}

/** A button that asks before it does what cannot be undone: it takes two presses. */
export function twice(text, question, properties, work) {
  const button = el("button", { type: "button", ...properties }, text);
  const name = properties["aria-label"];
  const back = () => {
    button.textContent = text;
    if (name) button.setAttribute("aria-label", name);
    delete button.dataset.asks;
  };
  button.addEventListener("blur", back);
  button.addEventListener("click", () => {
    if (button.dataset.asks) {
      back();
      work(button);
      return;
    }
    button.dataset.asks = "yes";
    button.textContent = question;
    button.removeAttribute("aria-label");
    say(question);
  });
  return button;
}

export const label = (status) => status.charAt(0).toUpperCase() + status.slice(1);

export function options(list, values) {
  list.replaceChildren(...values.map((value) => el("option", { value })));
}
