"""Round trips to PostgreSQL, counted from outside: a relay between a server and its database counts ReadyForQuery.

PostgreSQL ends every exchange with that message, so one of them is one trip there and back, whatever the driver.
"""

import asyncio
import threading
from pathlib import Path
from urllib.parse import quote

READY = ord("Z")


class Relay:
    """A socket that passes everything on; ``trips`` goes up with each ReadyForQuery that passes."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.trips = 0
        self._folder = folder
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._is_up = threading.Event()

    def __enter__(self) -> "Relay":
        self._folder.mkdir(exist_ok=True)
        self._thread.start()
        self._is_up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def address(self, database_address: str) -> str:
        """Give the address that leads through the relay."""
        return database_address.partition("?")[0] + f"?host={quote(str(self._folder), safe='')}"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = asyncio.start_unix_server(self._serve, str(self._folder / ".s.PGSQL.5432"), limit=2**20)
        self._loop.run_until_complete(listening)
        self._is_up.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(str(self._target), limit=2**20)
        await asyncio.gather(self._pass(reader, to_server), self._counted(from_server, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def _counted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pending = b""
        while data := await reader.read(65536):
            pending += data
            at = 0
            while at + 5 <= len(pending):
                length = 1 + int.from_bytes(pending[at + 1 : at + 5], "big")
                if at + length > len(pending):
                    break
                self.trips += pending[at] == READY
                at += length
            pending = pending[at:]
            writer.write(data)
            await writer.drain()
        writer.close()
