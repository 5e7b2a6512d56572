// What every page must be like, whatever it shows.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const AXE = new URL("./node_modules/axe-core/axe.min.js", import.meta.url);

/** The looks at the page that a browser shows. */
export function looksOf(browser) {
  /** Nothing without a name, nothing wider than the screen, and nothing that the policy had to forbid. */
  const isSound = async (where) => {
    const faults = await browser.js(`
      const roots = [document, ...[...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean)];
      const all = roots.flatMap((root) => [...root.querySelectorAll("button, input, select, textarea, a[href], [role=slider], [role=button], img")]);
      const nameless = all.filter((node) => node.checkVisibility() && !(node.getAttribute("aria-label") || node.textContent.trim() || node.labels?.length || node.hasAttribute("alt"))).map((node) => node.outerHTML);
      const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
      const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
      const small = all.filter((node) => node.checkVisibility() && node.matches("button") && (node.getBoundingClientRect().height < 24 || node.getBoundingClientRect().width < 24)).map((node) => node.outerHTML);
      const wide = document.documentElement.scrollWidth > innerWidth ? ["the page is " + document.documentElement.scrollWidth + " wide"] : [];
      return [...nameless, ...twice, ...small, ...wide];`);
    assert.deepEqual(faults, [], where);
    const complaints = (await browser.complaints()).filter((text) => !/status of 4(01|03|04|12|22|29)/.test(text));
    assert.deepEqual(complaints, [], where);
  };

  /** The contrast of every visible text against what is behind it, as WCAG reckons it. */
  const isReadable = async (where) => {
    const faint = await browser.js(`
      const read = (colour) => { const c = document.createElement("canvas").getContext("2d", { willReadFrequently: true }); c.fillStyle = colour; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
      const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)); return 0.2126 * x + 0.7152 * y + 0.0722 * z; };
      const behind = (node) => { for (let at = node; at; at = at.parentElement) { const c = read(getComputedStyle(at).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
      const faint = [];
      for (const node of document.querySelectorAll("body *")) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        if (!own || !node.checkVisibility() || node.closest("svg, .unseen, option, datalist, :disabled")) continue;
        const [x, y] = [light(read(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
        const ratio = (x + 0.05) / (y + 0.05);
        if (ratio < 4.5) faint.push(ratio.toFixed(2) + " " + node.outerHTML.slice(0, 90));
      }
      return faint;`);
    assert.deepEqual(faint, [], where);
  };

  /** Nothing that axe finds against WCAG 2.2 AA and what is good practice besides. */
  const isAccessible = async (where) => {
    if (!(await browser.js("return Boolean(window.axe)"))) await browser.js(await readFile(AXE, "utf8"));
    const found = await browser.jsAsync(`
      const done = arguments[0];
      axe.run(document, { resultTypes: ["violations"], rules: { "label-content-name-mismatch": { enabled: true } } }).then(
        ({ violations }) => done(violations.map(({ id, help, nodes }) => id + ": " + help + ": " + nodes.map(({ html, failureSummary }) => html.slice(0, 160) + " " + failureSummary).join(" | "))),
        (error) => done([String(error)]),
      );`);
    assert.deepEqual(found, [], where);
  };

  return { isSound, isReadable, isAccessible };
}
