// The socket on which the service pushes what changes, and which keeps this device connected.

const PATIENCE_MS = 15_000;

/** Why the service closed the socket for good. */
const LOGGED_OUT = 4001;
const REPLACED = 4002;

/**
 * Connects, and connects again whenever the connection is lost. `on` has `message(json)`, `open()`,
 * `lost()`, `loggedOut(reason)` and `replaced()`; `check()` throws a 401 once the token is no good,
 * which a socket that is refused cannot tell. Gives back `{ retry(), close() }`.
 */
export function connect(token, on, check) {
  let socket = null;
  let timer = 0;
  let failures = 0;
  let ended = false;

  function open() {
    clearTimeout(timer);
    if (ended || (socket && socket.readyState <= WebSocket.OPEN)) return;
    const url = new URL("/v1/connect", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const mine = new WebSocket(url, ["lamplighter", `bearer.${token}`]);
    socket = mine;
    mine.onopen = () => {
      failures = 0;
      on.open();
    };
    mine.onmessage = (event) => {
      if (mine === socket && !ended) on.message(JSON.parse(event.data));
    };
    mine.onclose = (event) => {
      if (mine === socket && !ended) closed(event);
    };
  }

  async function closed(event) {
    if (event.code === LOGGED_OUT) {
      end();
      on.loggedOut(event.reason);
      return;
    }
    on.lost();
    if (event.code === REPLACED) {
      on.replaced();
      return;
    }
    try {
      await check();
    } catch (problem) {
      if (problem.status === 401 && !ended) {
        end();
        on.loggedOut(problem.message);
        return;
      }
    }
    failures += 1;
    const wait = Math.min(PATIENCE_MS, 250 * 2 ** failures);
    timer = setTimeout(open, wait * (0.5 + Math.random() / 2));
  }

  function end() {
    ended = true;
    clearTimeout(timer);
    removeEventListener("online", open);
    socket?.close();
  }

  addEventListener("online", open);
  open();
  return { retry: open, close: end };
}
