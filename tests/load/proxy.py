"""A proxy with a fault between a load test and a service. It says where it listens, passes all on,
and begins with its fault on SIGUSR1:

    proxy.py ADDR:PORT 500 SECONDS    every request is answered 500, for so long
    proxy.py ADDR:PORT reset N        every Nth connection is reset by its first request; others but
                                      streams and sockets live for a quarter of a second
"""

import asyncio
import signal
import socket
import struct
import sys
import time

UPSTREAM, FAULT, NUMBER = sys.argv[1], sys.argv[2], int(sys.argv[3])
METHODS = (b"GET ", b"PUT ", b"POST ", b"DELETE ")
ANSWER = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
LIVES = 0.25

began = None
accepted = 0


def begin():
    global began
    began = time.monotonic()


def is_faulty():
    return began is not None and (FAULT == "reset" or time.monotonic() - began < NUMBER)


def reset(writer):
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Connection:
    def __init__(self, reader, writer):
        global accepted
        accepted += 1
        self.reader, self.writer = reader, writer
        self.number, self.opened = accepted, time.monotonic()
        self.waits, self.lasts = False, False

    async def to_service(self, up):
        while data := await self.reader.read(65536):
            if data.startswith(METHODS):
                line = data.split(b"\r\n", 1)[0]
                self.waits, self.lasts = True, b"/events" in line or b"/v1/connect" in line
                if FAULT == "500" and is_faulty():
                    self.writer.write(ANSWER)
                    await self.writer.drain()
                    return
                if FAULT == "reset" and is_faulty() and self.number % NUMBER == 0:
                    reset(self.writer)
                    return
            up.write(data)
            await up.drain()

    async def to_client(self, down):
        while data := await down.read(65536):
            self.writer.write(data)
            await self.writer.drain()
            self.waits = False

    async def grows_old(self):
        while True:
            await asyncio.sleep(LIVES / 5)
            old = time.monotonic() - max(self.opened, began or self.opened) > LIVES
            if FAULT == "reset" and is_faulty() and old and not self.waits and not self.lasts:
                return

    async def pass_on(self):
        host, port = UPSTREAM.rsplit(":", 1)
        try:
            down, up = await asyncio.open_connection(host, int(port))
        except OSError:
            return self.writer.close()
        both = [self.to_service(up), self.to_client(down), self.grows_old()]
        tasks = [asyncio.ensure_future(one) for one in both]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            up.close()
            self.writer.close()


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, begin)

    async def accept(reader, writer):
        await Connection(reader, writer).pass_on()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, backlog=1024)
    print("listening on http://127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
