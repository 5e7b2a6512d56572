// The file that was named: what is saved on the disk is shown here, what is saved here is on the disk, and
// neither is lost for the other.

import { banner, note } from "./banner.js";
import { $, ask, el } from "./dom.js";

const LOOK_EVERY_MS = 1_000;
const ENDED = "The program that saves this file has ended. Your text is still here: copy it before you close the page.";

export class File {
  /** `content`: as the server read it. */
  constructor(content, editor) {
    Object.assign(this, { editor, version: content.version, saved: content.text, readOnly: content.read_only });
    this.path = content.path;
    /** What is wrong with the file or the program, in words. */
    this.trouble = null;
    /** The version on the disk of which somebody is asked. */
    this.asked = null;
    /** The last look or save: the next one begins when it is done, so that no look meets a save half done. */
    this.turn = Promise.resolve();
    this.button = $("#save");
    this.button.hidden = false;
    $("#save-keys").hidden = false;
    this.button.addEventListener("click", () => this.inTurn(() => this.save()));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.inTurn(() => this.save());
    });
    addEventListener("beforeunload", (event) => {
      if (this.isUnsaved()) event.preventDefault();
    });
    this.tell();
    this.watch();
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

  inTurn(act) {
    this.turn = this.turn.then(act);
    return this.turn;
  }

  watch() {
    setTimeout(() => this.inTurn(() => this.look()).then(() => this.watch()), LOOK_EVERY_MS);
  }

  async save() {
    if (this.button.disabled) return;
    const { text } = this.editor;
    try {
      const { version } = await ask("PUT", "/api/file", { text, version: this.version });
      this.know({ version, text, read_only: this.readOnly });
      banner("note", null);
    } catch (error) {
      if (error.status === 409) {
        // Who saves is asked once more.
        this.settle();
        await this.look();
      } else if (error.status) note(error.message);
      else this.tellTrouble(ENDED);
    }
  }

  /** Looks whether the file has changed on the disk. */
  async look() {
    try {
      const response = await fetch("/api/file", { headers: { "If-None-Match": `"${this.version}"` } });
      const isSame = response.status === 304;
      const content = isSame ? null : await response.json();
      this.tellTrouble(isSame || response.ok ? null : content.detail);
      if (isSame) this.settle();
      else if (response.ok) this.changed(content);
    } catch {
      this.tellTrouble(ENDED);
    }
  }

  tellTrouble(text) {
    // Each look finds it, and it is read out once.
    if (text === this.trouble) return;
    this.trouble = text;
    banner("trouble", text);
  }

  changed(content) {
    if (content.version === this.version) return;
    if (!this.isUnsaved() || content.text === this.editor.text) {
      this.take(content);
      return;
    }
    if (content.version === this.asked) return;
    this.asked = content.version;
    const choice = (label, act) => el("button", { type: "button", onclick: act }, label);
    banner(
      "conflict",
      "The file has changed on the disk, and here, too.",
      choice("Show what is on the disk", () => this.take(content)),
      choice("Keep what is here", () => this.know(content)),
    );
  }

  take(content) {
    this.know(content);
    this.editor.text = content.text;
  }

  /** The disk holds this: what is here is a change to it. */
  know({ version, text, read_only: readOnly }) {
    Object.assign(this, { version, saved: text, readOnly });
    this.settle();
    this.tell();
  }

  /** There is nothing to choose between any more. */
  settle() {
    if (this.asked === null) return;
    this.asked = null;
    banner("conflict", null);
  }
}
