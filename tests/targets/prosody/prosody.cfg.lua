-- Prosody for `.ci/targets`: one listener on loopback with BOSH, XMPP over WebSocket, and what
-- mod_webpresence tells of an account. Accounts are made by in-band registration. What stands between
-- @s is put in by the script.
run_as_root = true
pidfile = "@FOLDER@/prosody.pid"
data_path = "@FOLDER@/data"
log = { { levels = { min = "info" }, to = "file", filename = "@FOLDER@/prosody.log" } }

modules_enabled = { "roster", "saslauth", "register", "bosh", "websocket", "webpresence" }
modules_disabled = { "s2s", "offline" }
c2s_ports = {}
http_interfaces = { "127.0.0.1" }
http_ports = { @PORT@ }
https_ports = {}

-- Loopback needs no TLS.
consider_bosh_secure = true
consider_websocket_secure = true
authentication = "internal_hashed"
allow_registration = true

VirtualHost "localhost"
