// What holds for the whole service: accounts, and how long a lost connection counts.

import { $, attempt, el, quoted, say, show, twice } from "./dom.js";
import { agentPath } from "./api.js";
import { Directory, agentRow } from "./directory.js";

const error = () => el("p", { class: "error", role: "alert", hidden: true });
const note = () => el("p", { class: "note", role: "status", hidden: true });
const plain = { autocapitalize: "none", spellcheck: "false", autocomplete: "off" };

export class Whole {
  /** `call(method, path, body)` calls as the administrator. */
  constructor(call) {
    this.call = call;
    this.agents = new Directory("agents", "All accounts", call, (item) => agentRow(item, this.removal(item)));
    this.account = el(
      "form",
      { class: "card", id: "account", onsubmit: (event) => this.saveAccount(event) },
      el("h2", {}, "Accounts"),
      el("p", { class: "muted small" }, "Creates an account, or gives it another password."),
      el(
        "div",
        { class: "bar tight" },
        el("label", {}, "Agent", el("input", { name: "agent", required: true, ...plain })),
        el(
          "label",
          {},
          "Password",
          el("input", { name: "password", type: "password", required: true, autocomplete: "new-password" }),
        ),
        el("button", {}, "Save the account"),
      ),
      error(),
      note(),
    );
    const length = (text, name, placeholder, required) =>
      el("label", {}, text, el("input", { name, placeholder, size: 6, required, ...plain }));
    this.service = el(
      "form",
      { class: "card", id: "service", onsubmit: (event) => this.saveService(event) },
      el("h2", {}, "The whole service"),
      el(
        "div",
        { class: "bar tight" },
        length("A lost connection counts for", "grace", "2m", true),
        length("Away by itself after", "auto_away", "never", false),
        el("button", {}, "Save"),
      ),
      error(),
      note(),
    );
    this.root = el("div", {}, this.account, this.agents.root, this.service);
  }

  open() {
    this.agents.open();
    attempt(null, $(".error", this.service), async () => {
      const { grace, auto_away: autoAway } = await this.call("GET", "/v1/settings");
      this.service.elements.grace.value = grace;
      this.service.elements.auto_away.value = autoAway ?? "";
    });
  }

  removal({ agent }) {
    return twice("Delete", `Delete ${quoted(agent)} for good?`, { class: "quiet", "aria-label": `Delete ${agent}` }, (button) =>
      attempt(button, this.agents.error, async () => {
        await this.call("DELETE", agentPath(agent));
        say(`${quoted(agent)} is deleted`);
        await this.agents.open();
        $("h2", this.agents.root).focus();
      }),
    );
  }

  saveAccount(event) {
    event.preventDefault();
    const { target } = event;
    const { agent, password } = target.elements;
    const done = $(".note", target);
    show(done, null);
    attempt($("button", target), $(".error", target), async () => {
      await this.call("PUT", agentPath(agent.value.trim()), { password: password.value });
      show(done, `The account ${quoted(agent.value.trim())} is ready.`);
      target.reset();
      this.agents.open();
    });
  }

  saveService(event) {
    event.preventDefault();
    const { grace, auto_away: autoAway } = this.service.elements;
    const done = $(".note", this.service);
    show(done, null);
    attempt($("button", this.service), $(".error", this.service), async () => {
      await this.call("PUT", "/v1/settings", {
        grace: grace.value.trim(),
        auto_away: autoAway.value.trim() || null,
      });
      show(done, "Saved");
    });
  }
}
