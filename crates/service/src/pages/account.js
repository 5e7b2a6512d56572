// An agent's own account: the password, and the devices on which the agent is logged in.

import { $, attempt, el, label, named, quoted, say, show, twice } from "./dom.js";
import { agentPath, devicePath, devicesPath } from "./api.js";
import { Question } from "./question.js";

const LOGGED_OUT = "logged out";

export class Account {
  /** `call(method, path, body)` calls as the agent; `session()` is who that is, `rename(name)` calls its device so. */
  constructor(call, session, rename) {
    this.call = call;
    this.session = session;
    this.rename = rename;
    this.devices = new Question();
    $("#password").addEventListener("submit", (event) => this.change(event));
    $("#devices-again").addEventListener("click", () => this.open());
  }

  async open() {
    show($("#password .note"), null);
    const { agent } = this.session();
    $("#password [name=username]").value = agent;
    await attempt(null, $("#devices-error"), async () => {
      const devices = await this.devices.ask(() => this.call("GET", devicesPath(agent)));
      if (!devices) return;
      const isInUse = ({ status }) => status !== LOGGED_OUT;
      $("#devices").replaceChildren(...devices.filter(isInUse).map((device) => this.row(device)));
      const before = devices.filter((device) => !isInUse(device)).map(({ device }) => quoted(device));
      show($("#devices-before"), before.length > 0 ? `Logged out: ${before.join(", ")}.` : null);
    });
  }

  row({ device, status, connected, since }) {
    const isThis = device === this.session().device;
    const when = since ? ` since ${new Date(since).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}` : "";
    return el(
      "li",
      { dataset: { device } },
      el("span", { class: "mark", dataset: { status }, "aria-hidden": "true" }),
      el(
        "span",
        { class: "name" },
        named(device),
        el("small", {}, `${label(status)}${when}${connected ? "" : ", connection lost"}`),
      ),
      isThis
        ? [
            el("span", { class: "tag" }, "this device"),
            el("button", { type: "button", class: "quiet", onclick: (event) => this.askName(event.target.closest("li")) }, "Rename"),
          ]
        : twice("Log out", `Log out ${quoted(device)}?`, { class: "quiet", "aria-label": `Log out ${device}` }, (button) => this.end(button, device)),
    );
  }

  /** A field for another name of this device, in the place of its row. */
  askName(row) {
    const { device } = this.session();
    const name = el("input", { name: "device", value: device, required: true, autocapitalize: "none", spellcheck: "false", autocomplete: "off" });
    const saves = el("button", { class: "primary" }, "Save");
    const back = () => this.open().then(() => $("#devices-title").focus());
    const save = (event) => {
      event.preventDefault();
      attempt(saves, $("#devices-error"), async () => {
        await this.rename(name.value.trim());
        say(`This device is now called ${quoted(this.session().device)}`);
        await back();
      });
    };
    row.replaceChildren(
      el(
        "form",
        { class: "bar tight", id: "rename", onsubmit: save },
        el("label", {}, "Name of this device", name),
        saves,
        el("button", { type: "button", class: "quiet", onclick: back }, "Cancel"),
      ),
    );
    name.select();
  }

  end(button, device) {
    return attempt(button, $("#devices-error"), async () => {
      await this.call("DELETE", devicePath(this.session().agent, device));
      say(`${quoted(device)} is logged out`);
      await this.open();
      $("#devices-title").focus();
    });
  }

  change(event) {
    event.preventDefault();
    const { target } = event;
    const { current, password, again } = target.elements;
    const error = $(".error", target);
    const note = $(".note", target);
    show(note, null);
    again.removeAttribute("aria-invalid");
    if (password.value !== again.value) {
      show(error, "The new password is not the same twice.");
      again.setAttribute("aria-invalid", "true");
      again.focus();
      return;
    }
    attempt($("button", target), error, async () => {
      await this.call("PUT", agentPath(this.session().agent), { password: password.value, current: current.value });
      target.reset();
      await this.open();
      show(note, "The password is changed. All your other devices are logged out.");
    });
  }
}
