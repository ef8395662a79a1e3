"""A bridge to a server that can be broken off: who is on it falls, who comes is refused."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 2**16


class Bridge:
    def __init__(self, host: str, server: int, port: int) -> None:
        self.host, self.server, self.port = host, server, port
        self.gate: asyncio.Server | None = None
        self.ends = set[StreamWriter]()

    async def up(self) -> None:
        self.gate = await asyncio.start_server(self.cross, "127.0.0.1", self.port)

    def down(self) -> None:
        if self.gate is not None:
            self.gate.close()
        for end in self.ends:
            end.transport.abort()

    async def cross(self, reader: StreamReader, writer: StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, self.server)
        own = {writer, back}
        self.ends |= own
        try:
            await asyncio.gather(carry(reader, back), carry(there, writer))
        finally:
            self.ends -= own


async def carry(source: StreamReader, to: StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(CHUNK):
            to.write(data)
            await to.drain()
    to.close()


@asynccontextmanager
async def bridge(host: str, server: int, port: int) -> AsyncIterator[Bridge]:
    own = Bridge(host, server, port)
    await own.up()
    try:
        yield own
    finally:
        own.down()
