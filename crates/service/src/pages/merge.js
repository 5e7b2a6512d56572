// Two who change the same settings at once: what each of them has changed.

/** The fields of the form, and the parts of it as they are told of. */
const FIELDS = {
  scheduler: "the hours",
  offline_when_all_agents_offline: "the visibility",
  hide_when_offline: "the visibility",
  hide_on: "the visibility",
  "pages.show": "the visibility",
  "pages.hide": "the visibility",
  countries: "the visibility",
  "greetings.online": "the greetings",
  "greetings.away": "the greetings",
  "greetings.offline": "the greetings",
  pre_chat_form: "the pre-chat form",
};

const get = (settings, field) => field.split(".").reduce((value, name) => value?.[name], settings);

function put(settings, field, value) {
  const [name, below] = field.split(".");
  settings[name] = below ? { ...settings[name], [below]: value } : value;
}

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/**
 * What stands in a form that was filled from `before`, put on what is set now: `settings`, the parts that
 * somebody else has changed (`theirs`), and those of them of which the same was changed in the form, too (`both`).
 */
export function merge(form, before, now) {
  const mine = form.collect();
  const settings = { ...now };
  const theirs = new Set();
  const both = new Set();
  for (const [field, part] of Object.entries(FIELDS)) {
    const here = get(mine, field);
    const there = get(now, field);
    const changedHere = !same(here, get(form.opened, field));
    const changedThere = !same(get(before, field), there) && !same(here, there);
    if (changedHere) put(settings, field, here);
    if (changedThere) theirs.add(part);
    if (changedHere && changedThere) both.add(part);
  }
  return { settings, theirs: [...theirs], both: [...both] };
}
