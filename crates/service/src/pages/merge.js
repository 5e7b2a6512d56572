// Two who change the same settings at once: what each of them has changed.

/** The parts of the form, as they are told of. */
const PARTS = {
  scheduler: "the hours",
  offline_when_all_agents_offline: "the visibility",
  hide_when_offline: "the visibility",
  hide_on: "the visibility",
  pages: "the visibility",
  countries: "the visibility",
  greetings: "the greetings",
  pre_chat_form: "the pre-chat form",
};

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/**
 * What stands in a form that was filled from `before`, put on what is set now: `settings`, the parts that
 * somebody else has changed (`theirs`), and those of them that were changed in the form, too (`both`).
 */
export function merge(form, before, now) {
  const mine = form.collect();
  const settings = { ...now };
  const theirs = new Set();
  const both = new Set();
  for (const [name, part] of Object.entries(PARTS)) {
    const changedHere = !same(mine[name], form.opened[name]);
    const changedThere = !same(before[name], now[name]) && !same(mine[name], now[name]);
    if (changedHere) settings[name] = mine[name];
    if (changedThere) theirs.add(part);
    if (changedHere && changedThere) both.add(part);
  }
  return { settings, theirs: [...theirs], both: [...both] };
}
