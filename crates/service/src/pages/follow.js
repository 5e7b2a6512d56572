// What the service says of a widget, for all tabs of a browser at once: one of them has the event stream
// and tells the others, since a browser opens six connections to a host at most. Where no stream can be
// had, it asks again and again. Stands before widget.js, in one block with it.

/**
 * Follows the widget at `base`, as the visitor sees it whom `query()` describes: `take` is given each answer as
 * JSON, `lose` is called when none comes any more, and `miss` when there is no such widget: then it is asked for once
 * a minute whether there is one again. Gives what to call when the query has changed.
 */
const follow = ({ base, query, take, lose, miss }) => {
  const RETRY_MS = 1_000;
  const PATIENCE_MS = 60_000;
  /** How often an answer is asked for where no stream brings it. */
  const POLL_MS = 15_000;
  /** How often who sees another page than the tab with the stream looks for what it does not hear of. */
  const LOOK_MS = 60_000;
  /** A tab says that it has the stream, and is gone where it says nothing for so long: without locks. */
  const SILENCE_MS = 12_000;
  const name = `lamplighter ${base}`;
  const id = Math.random();

  let channel = null;
  let stream = null;
  let resign = null;
  let leads = false;
  let asked = "";
  /** Answers are numbered as they are asked for or brought: one that comes behind a later one is old. */
  let turns = 0;
  let newest = 0;
  let last = null;
  let failures = 0;
  /** Whether the tab with the stream has brought an answer, and not lost it since. */
  let well = false;
  /** Whether the service knows no such widget. */
  let isMissing = false;
  let heardAt = 0;
  let readAt = 0;
  let retry = 0;
  let timers = [];

  const say = (message) => channel?.postMessage(message);
  /** What is brought is newer than whatever was asked for before. */
  const brought = () => (newest = turns += 1);

  function share(text) {
    failures = 0;
    isMissing = false;
    last = { query: asked, text };
    say(last);
    take(text);
  }

  // The tab with the stream

  function lead() {
    leads = true;
    if (!navigator.locks) say({ leader: id });
    listen();
  }

  function follows() {
    leads = false;
    clearTimeout(retry);
    stream?.close();
    stream = null;
  }

  /** Nothing is to be heard of what there is not. */
  function missing() {
    isMissing = true;
    last = null;
    well = false;
    if (leads) say({ missing: true });
    clearTimeout(retry);
    stream?.close();
    stream = null;
    miss();
  }

  function listen() {
    clearTimeout(retry);
    stream?.close();
    asked = query();
    const mine = new EventSource(`${base}/events?${asked}`);
    stream = mine;
    const heard = (event) => {
      if (mine !== stream) return;
      brought();
      share(event.data);
    };
    mine.addEventListener("widget", heard);
    mine.onmessage = heard;
    // The browser connects again by itself, unless the service has refused.
    mine.onerror = () => {
      if (mine !== stream) return;
      lose();
      say({ lost: true });
      if (mine.readyState !== EventSource.CLOSED) return;
      failures += 1;
      const wait = Math.min(PATIENCE_MS, RETRY_MS * 2 ** failures) * (0.5 + Math.random() / 2);
      retry = setTimeout(listen, wait);
      read();
    };
  }

  // Whoever has none

  async function read() {
    const mine = query();
    const turn = (turns += 1);
    readAt = Date.now();
    try {
      const signal = AbortSignal.timeout(POLL_MS);
      const response = await fetch(`${base}?${mine}`, { cache: "no-store", signal });
      if (!response.ok && response.status !== 404) throw new Error(response.statusText);
      const text = await response.text();
      if (mine !== query() || turn < newest) return;
      newest = turn;
      if (response.status === 404) return missing();
      const isBack = isMissing;
      isMissing = false;
      if (leads) share(text);
      else take(text);
      if (leads && isBack) listen();
    } catch {
      if (turn < newest) return;
      // Who is told of changes by another tab has not seen this one: it is asked for anew.
      if (!isMissing) readAt = 0;
      lose();
    }
  }

  /** Asks where nobody tells. */
  function check() {
    if (isMissing && Date.now() - readAt < LOOK_MS) return;
    const isOpen = stream?.readyState === EventSource.OPEN;
    const isTold = leads ? isOpen : well && (last.query === query() || Date.now() - readAt < LOOK_MS);
    if (!isTold) read();
  }

  function hear({ data }) {
    if (data.ask) {
      if (!leads) return;
      if (!navigator.locks) say({ leader: id });
      if (last) say(last);
      else if (isMissing) say({ missing: true });
      return;
    }
    if (data.gone) {
      well = false;
      heardAt = 0;
      if (!navigator.locks) claim();
      return;
    }
    heardAt = Date.now();
    if (data.leader !== undefined) {
      // Two at once: one gives way.
      if (leads && data.leader < id) follows();
      else if (leads) say({ leader: id });
    } else if (data.missing) {
      readAt = Date.now();
      brought();
      missing();
    } else if (data.lost) {
      well = false;
      lose();
    } else if (!leads) {
      well = true;
      isMissing = false;
      last = data;
      if (data.query !== query()) return read();
      brought();
      take(data.text);
    }
  }

  // Which tab has it

  /** The lock of the one with the stream is given to another tab when that one goes, however it does. */
  function wait() {
    const giveUp = new AbortController();
    const held = new Promise((done) => {
      resign = () => {
        done();
        giveUp.abort();
      };
    });
    navigator.locks
      .request(name, { signal: giveUp.signal }, () => {
        lead();
        return held;
      })
      // A page that may not ask for locks has a stream of its own.
      .catch(({ name }) => name !== "AbortError" && !leads && lead());
  }

  /** Without locks, which pages without TLS don't have: who hears of no other has the stream. */
  function claim() {
    if (leads) return say({ leader: id });
    if (Date.now() - heardAt < SILENCE_MS) return;
    const before = heardAt;
    say({ ask: true });
    timers.push(setTimeout(() => heardAt === before && !leads && lead(), 300 + Math.random() * 500));
  }

  function join() {
    if (typeof BroadcastChannel === "undefined") {
      lead();
    } else {
      channel = new BroadcastChannel(name);
      channel.onmessage = hear;
      say({ ask: true });
      if (navigator.locks) wait();
      else {
        claim();
        timers.push(setInterval(claim, SILENCE_MS / 3));
      }
    }
    timers.push(setTimeout(check, 2 * RETRY_MS), setInterval(check, POLL_MS));
  }

  function leave() {
    for (const timer of timers) clearTimeout(timer);
    timers = [];
    if (leads) say({ gone: true });
    follows();
    resign?.();
    resign = null;
    channel?.close();
    channel = null;
    well = false;
    heardAt = 0;
  }

  // A page that the browser keeps to go back to must not keep its stream: others wait for it.
  addEventListener("pagehide", leave);
  addEventListener("pageshow", ({ persisted }) => persisted && join());
  join();

  return () => (leads ? listen() : read());
};

