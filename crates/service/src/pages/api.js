// The service's API, as far as the dashboard needs it.

/** What the service refused, in words for people; `version` is that of now where something was changed meanwhile. */
export class Problem extends Error {
  constructor(status, detail, field, version) {
    super(detail);
    this.status = status;
    this.field = field;
    this.version = version;
  }
}

/** What the service says to programs, as people say it. */
const SAID = [
  [/^the token is unknown.*$|^.* is logged out: log in again$/s, "You are not logged in here any more. Log in again."],
  [/^this call (needs|is).*Bearer.*$|^this call is an agent's.*$/s, "You are not logged in here any more. Log in again."],
  [/^there is no such agent, or the password is wrong$/, "There is no such agent, or the password is wrong."],
  [/: make the account with PUT \S+ first/, ". Create the account first, under Accounts"],
  [/: `\?messages=delete` deletes them, too; read them first with GET \S+/, ". Read them before it goes"],
];

/** A sentence for people: no calls, no headers, names in quotes. */
function forPeople(status, detail) {
  if (status === 413) return "That is more than the service takes at once. Make it shorter.";
  const said = SAID.reduce((text, [pattern, words]) => text.replace(pattern, words), detail);
  const quoted = said.replace(/`([^`]*)`/g, "“$1”");
  const sentence = quoted.charAt(0).toUpperCase() + quoted.slice(1);
  return /[.?!…]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** Calls the service: the answer's JSON, or a `Problem`. */
export async function call(method, path, bearer, body) {
  return (await exchange(method, path, bearer, body)).answer;
}

/** The same with the version of what is set; a write goes by the one that it is given, and by no other. */
export async function exchange(method, path, bearer, body, version) {
  const headers = {};
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (version) headers["If-Match"] = version;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new Problem(0, "The service cannot be reached. Is the connection up?");
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    // An answer that is not of the service, such as a proxy's: its status says enough.
  }
  if (response.ok) return { answer, version: response.headers.get("ETag") };
  const told = answer?.detail || answer?.title || `the service answered ${response.status}`;
  let detail = forPeople(response.status, told);
  const wait = Number(response.headers.get("Retry-After"));
  if (wait > 0) detail += ` Try again in ${wait === 1 ? "a second" : `${wait} seconds`}.`;
  throw new Problem(response.status, detail, answer?.field, answer?.version);
}

const name = encodeURIComponent;

/** `acme` or `acme/sales`, as part of a path. */
export const path = (property, widget) =>
  widget && widget !== property ? `${name(property)}/${name(widget)}` : name(property);

export const propertyPath = (property) => `/v1/properties/${name(property)}`;
export const settingsPath = (property, widget) =>
  widget ? `${propertyPath(property)}/widgets/${name(widget)}` : propertyPath(property);
export const memberPath = (property, agent) => `${propertyPath(property)}/members/${name(agent)}`;
export const agentPath = (agent) => `/v1/agents/${name(agent)}`;
export const devicesPath = (agent) => `${agentPath(agent)}/devices`;
export const devicePath = (agent, device) => `${devicesPath(agent)}/${name(device)}`;
export const teamPath = (property) => `/v1/team/${name(property)}`;
export const messagesPath = (property, query) => `/v1/messages/${name(property)}?${new URLSearchParams(query)}`;
export const coveragePath = (property) => `/v1/coverage/${name(property)}`;
/** A page of the `properties` or `agents` that there are. */
export const listPath = (kind, query) => `/v1/${kind}?${new URLSearchParams(query)}`;
