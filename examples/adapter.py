"""An adapter over the reference service: JSON lines in, JSON lines out. `adapter.toml` starts it."""
import http.client, json, socket, sys, threading, time
from urllib.parse import urlencode, urlsplit

held = {}  # the socket of each session
SETTINGS = ("offline_when_all_agents_offline hide_when_offline hide_on pages countries greetings pre_chat_form").split()
HANDSHAKE = ("GET /v1/connect HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: YSBsYW1wbGlnaHRlciBhYg==\r\nAuthorization: Bearer {}\r\n\r\n")

def call(m, method, path, body=None):
    """One call of the product: what became of it, and when it went out and was answered."""
    headers = {"Authorization": "Bearer " + m.get("session", key), "Content-Type": "application/json"}
    sent = time.monotonic_ns()
    try:
        api.request(method, path.format(**m), json.dumps(body) if body else None, headers)
        answer = api.getresponse()
        text = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        api.close()
        return {"unknown": repr(error)}
    kind = "gone" if answer.status == 401 else {2: "done", 4: "refused"}.get(answer.status // 100, "unknown")
    said = json.loads(text or "{}") if kind == "done" else f"{answer.status} {text}"
    return {kind: said, "sent": sent, "got": time.monotonic_ns()}

def hold(session):
    """Opens the device's socket; whatever comes on it is answered with a pong: the device is there."""
    there = held[session] = socket.create_connection((where.hostname, where.port))
    there.sendall(HANDSHAKE.format(where.netloc, session).encode())
    def answer():
        while there.recv(4096):
            there.sendall(b"\x8a\x80\0\0\0\0")
    if b" 101 " not in there.recv(4096): return {"gone": True}  # it came back too late
    threading.Thread(target=answer, daemon=True).start()
    return {"done": {"session": session}}

def do(m):
    what, of_property, of_member = m["do"], "/v1/properties/{property}", "/v1/properties/{property}/members/{agent}"
    if what == "make_agent": return call(m, "PUT", "/v1/agents/{agent}", {"password": m["password"]})
    if what == "make_property":
        call(m, "PUT", "/v1/settings", {"grace": m["grace"], "auto_away": m["auto_away"]})
        return call(m, "PUT" if call(m, "GET", of_property).get("done") is None else "PATCH", of_property,
                    {name: value for name, value in m.items() if name in SETTINGS})
    if what == "delete_property": return call(m, "DELETE", of_property)
    if what in ("add_member", "suspend", "reinstate"): return call(m, "PUT", of_member, {"suspended": what == "suspend"})
    if what == "login":
        said = call(m, "POST", "/v1/login", {name: m[name] for name in ("agent", "password", "device")})
        return {**said, **hold(said["done"]["token"])} if "done" in said else said
    if what == "status": return call(m, "PUT", "/v1/status", {"status": m["status"]})
    if what in ("activity", "logout"): return call(m, "POST", f"/v1/{what}")
    if what == "lose": return m["session"] in held and held.pop(m["session"]).shutdown(socket.SHUT_RDWR) or {"done": {}}
    if what == "reconnect": return hold(m["session"])
    if what == "hours": return call(m, "PATCH", of_property, {"scheduler": m["week"]})
    if what == "team": return call(m, "GET", "/v1/team/{property}")
    if what == "widget":
        visit = {"page": m["page"], "device": m["kind"], "country": m["country"]}
        return call(m, "GET", "/v1/widgets/{widget}?" + urlencode({name: text for name, text in visit.items() if text}))
    return {"refused": f"`{what}` is not known here"}

for line in sys.stdin:
    m = json.loads(line)
    if m["do"] == "hello":
        where, key = urlsplit(m["base"]), m["vars"]["admin_key"]
        api = http.client.HTTPConnection(where.netloc, timeout=9)
    said = {"done": {"name": "the reference service"}} if m["do"] in ("hello", "bye") else do(m)
    print(json.dumps({"id": m["id"], **said}), flush=True)
