// The TextMate grammar of `editors/vscode`, by the engine of Visual Studio Code, over scenarios that are there:
//
//   node tests/editors/grammar.mjs [--modules FOLDER] FOLDER…
//
// Every line begins with a keyword or with whom it is about, comments and texts are what they are, and no word is
// left without a scope. `.ci/editors` calls it.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const { values: options, positionals: folders } = parseArgs({
  options: { modules: { type: "string", default: "tests/editors" } },
  allowPositionals: true,
});
const require = createRequire(join(resolve(options.modules), "package.json"));
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const GRAMMAR = "editors/vscode/syntaxes/lamplighter.tmLanguage.json";
const SCOPE = "source.lamplighter";

await oniguruma.loadWASM(await readFile(require.resolve("vscode-oniguruma/release/onig.wasm")));
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) =>
    scope === SCOPE ? parseRawGrammar(await readFile(GRAMMAR, "utf8"), GRAMMAR) : null,
});
const grammar = await registry.loadGrammar(SCOPE);

/** Each line with its pieces: the text of a piece, and its scopes without the root. */
function pieces(text) {
  let stack = INITIAL;
  return text.split(/\r?\n/).map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    return tokens.map(({ startIndex, endIndex, scopes }) => ({
      text: line.slice(startIndex, endIndex),
      scopes: scopes.slice(1),
    }));
  });
}

const has = (piece, scope) => piece.scopes.some((one) => one.startsWith(scope));

/** Where the comment of a line begins, by the rules of the language. */
function commentOf(line) {
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    if (quoted && line[at] === "\\") at += 1;
    else if (line[at] === '"') quoted = !quoted;
    else if (line[at] === "#" && !quoted) return at;
  }
  return line.length;
}

// What no file of the corpus may be without being shown here.
const shown = new Map();

function check(name, text) {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  pieces(text.replace(/^\ufeff/, "")).forEach((tokens, number) => {
    const where = `${name}:${number + 1}: ${lines[number]}`;
    const comment = commentOf(lines[number]);
    let at = 0;
    const words = [];
    for (const token of tokens) {
      const isText = /\S/.test(token.text);
      // A free text can have quotes that mean nothing: there the language's own rule counts.
      if (at >= comment && isText) assert(has(token, "comment."), `no comment: ${where}`);
      if (at < comment && isText) {
        assert(!has(token, "comment."), `a comment too early: ${where}`);
        assert(token.scopes.some((one) => !one.startsWith("meta.")), `no scope: ${token.text} in ${where}`);
        words.push(token);
      }
      at += token.text.length;
    }
    const [first] = words;
    if (first) {
      const kinds = ["keyword.", "entity.name.function.agent", "punctuation.separator.table"];
      assert(kinds.some((kind) => has(first, kind)), `begins with nothing: ${where}`);
    }
    for (const token of words) for (const scope of token.scopes) shown.set(scope, where);
  });
}

async function files(folder) {
  const all = await readdir(folder, { recursive: true });
  return all.filter((file) => /\.(scenario|world)$/.test(file)).map((file) => join(folder, file)).sort();
}

let count = 0;
for (const folder of folders) {
  for (const file of await files(folder)) {
    check(file, await readFile(file, "utf8"));
    count += 1;
  }
}
assert(count > 100, `${count} files`);
// What no file has.
check("here", 'scenario A {{brace}} for {a}\nexamples\n  | a |\n  | "x \\" y" |\n');

// What is written in the grammar is used: a pattern that matches nothing is a mistake of its own.
const written = JSON.stringify(await grammarScopes());
for (const scope of JSON.parse(written)) {
  const isOfFaults = scope.startsWith("invalid.") || scope.startsWith("comment.");
  assert(isOfFaults || shown.has(scope), `nothing in ${folders.join(", ")} has ${scope}`);
}

async function grammarScopes() {
  const scopes = new Set();
  const walk = (node) => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if ((key === "name" || key === "contentName") && String(value).endsWith(".lamplighter")) scopes.add(value);
      walk(value);
    }
  };
  walk(JSON.parse(await readFile(GRAMMAR, "utf8")).repository);
  return [...scopes];
}

// Words by what they are, a line each.
for (const [line, ...wanted] of [
  ['  "Ann O\'Neil" goes away for 30m on laptop # now', ['"Ann O\'Neil"', "entity.name.function.agent"], ["goes", "keyword.other.event"], ["away", "constant.language"], ["for", "keyword.operator"], ["30m", "constant.numeric.duration"], ["# now", "comment."]],
  ["  expect acme offline because nobody-present, until 17:00", ["expect", "keyword.control.step"], ["acme", "variable.other"], ["nobody-present", "constant.other.reason"], [",", "punctuation"], ["17:00", "constant.numeric.time"]],
  ["scenario It's \"so\" in {zone}", ["scenario", "keyword.control.header"], ["{zone}", "variable.parameter"]],
  ["  scheduler America/Argentina/Buenos_Aires", ["scheduler", "keyword.other.setting"], ["America/Argentina/Buenos_Aires", "support.constant.zone"]],
  ["    date 4th-thu-nov+1d closed 12:00-13:00", ["date", "keyword.other.day"], ["4th-thu-nov+1d", "constant.numeric.date"], ["closed", "constant.language"], ["12:00-13:00", "constant.numeric.hours"]],
  ["  greeting online \"Hi \\\"you\\\" #1\"", ["greeting", "keyword.other.setting"], ["Hi ", "string.quoted"], ["\\\"", "constant.character.escape"]],
  ["  source logs in on laptop", ["source", "entity.name.function.agent"], ["logs in", "keyword.other.event"]],
  ["at 2026-03-09T13:55:00.5Z", ["at", "keyword.control.step"], ["2026-03-09T13:55:00.5Z", "constant.numeric.instant"]],
  ["  | a | \"b | c\" |", ["|", "punctuation.separator.table"], ["b | c", "string.quoted"]],
]) {
  const [tokens] = pieces(line);
  for (const [text, scope] of wanted) {
    const token = tokens.find((one) => one.text === text);
    assert(token && has(token, scope), `${text} is not ${scope}: ${JSON.stringify(tokens)}`);
  }
}

console.log(`the grammar: ${count} files, ${shown.size} scopes`);
