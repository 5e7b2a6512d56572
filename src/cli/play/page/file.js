// The file that was named: what is saved on the disk is shown here, what is saved here is on the disk, and
// neither is lost for the other.

import { $, ask, el } from "./dom.js";

const LOOK_EVERY_MS = 1_000;

export class File {
  /** `content`: as the server read it. */
  constructor(content, editor) {
    Object.assign(this, { editor, version: content.version, saved: content.text, readOnly: content.read_only });
    this.path = content.path;
    this.button = $("#save");
    this.button.hidden = false;
    $("#save-keys").hidden = false;
    this.button.addEventListener("click", () => this.save());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.save();
    });
    addEventListener("beforeunload", (event) => {
      if (this.isUnsaved()) event.preventDefault();
    });
    this.tell();
    setTimeout(() => this.look(), LOOK_EVERY_MS);
  }

  isUnsaved() {
    return this.editor.text !== this.saved;
  }

  tell() {
    const unsaved = this.isUnsaved();
    this.button.disabled = !unsaved || Boolean(this.readOnly);
    if (this.readOnly) this.button.title = `It cannot be saved here: ${this.readOnly}`;
    $("#state").textContent = unsaved ? "not saved" : "saved";
    document.title = `${unsaved ? "• " : ""}${this.path.split("/").at(-1)} · Lamplighter`;
  }

  async save() {
    if (this.button.disabled) return;
    const { text } = this.editor;
    try {
      const { version } = await ask("PUT", "/api/file", { text, version: this.version });
      Object.assign(this, { version, saved: text });
      banner(null);
    } catch (error) {
      if (error.status === 409) await this.look(false);
      else banner(error.message);
    }
    this.tell();
  }

  /** Looks whether the file has changed on the disk. */
  async look(again = true) {
    try {
      const response = await fetch("/api/file", { headers: { "If-None-Match": `"${this.version}"` } });
      if (response.ok) this.changed(await response.json());
      else if (response.status !== 304) banner((await response.json()).detail);
      else if (this.isAlone) banner(null);
      this.isAlone = false;
    } catch {
      this.isAlone = true;
      banner("The program that saves this file has ended. Your text is still here: copy it before you close the page.");
    } finally {
      if (again) setTimeout(() => this.look(), LOOK_EVERY_MS);
    }
  }

  changed(content) {
    if (content.version === this.version || content.version === this.asked) return;
    if (!this.isUnsaved() || content.text === this.editor.text) {
      this.take(content);
      return;
    }
    this.asked = content.version;
    const choice = (label, act) => el("button", { type: "button", onclick: () => (banner(null), act()) }, label);
    banner(
      "The file has changed on the disk, and here, too.",
      choice("Show what is on the disk", () => this.take(content)),
      choice("Keep what is here", () => {
        Object.assign(this, { version: content.version, saved: content.text });
        this.tell();
      }),
    );
  }

  take({ version, text, read_only: readOnly }) {
    Object.assign(this, { version, saved: text, readOnly, asked: undefined });
    this.editor.text = text;
    banner(null);
    this.tell();
  }
}

/** Says something above everything, with what can be done about it. */
export function banner(text, ...choices) {
  $("#banner").hidden = !text;
  $("#banner-text").textContent = text ?? "";
  $("#banner-choice").replaceChildren(...choices);
}
