"""
Bringing home a clip of 200 MB: how much memory it takes, and how fast it is beside `curl`.

The whole of it as the store loop does it: fetched from a server on this machine, hashed, walked
box by box, kept in the same folder that curl writes to.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.home import at_home
from bench.table import Figure, show

MEGABYTES = 200
ROUNDS = 5

SERVER = """
import asyncio, os, sys
path = sys.argv[1]
size = os.path.getsize(path)
async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: video/mp4\\r\\nContent-Length: %d\\r\\n"
                 b"Connection: close\\r\\n\\r\\n" % size)
    await writer.drain()
    with open(path, "rb") as file:
        await asyncio.get_running_loop().sendfile(writer.transport, file)
    writer.close()
async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def main() -> bool:
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=Path(__file__).parent.parent / "var"))
    try:
        clip = folder / "clip.mp4"
        _make(clip)
        return _measure(clip, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(clip: Path, folder: Path) -> bool:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(clip)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    try:
        address = f"127.0.0.1:{server.stdout.readline().strip()}"
        ours, theirs = _compared(address, folder)
    finally:
        server.terminate()
        server.wait()
    size = clip.stat().st_size / 1e6
    best, curl = min(one["seconds"] for one in ours), min(theirs)
    figures = [
        Figure("memory, more than before", max(one["grown"] for one in ours), "MiB", most=32),
        Figure("ours, the best of five", size / best, "MB/s"),
        Figure("curl to the same storage, the best of five", size / curl, "MB/s"),
        Figure("ours beside curl", curl / best, "×", least=0.7),
    ]
    return show(f"bringing home a clip of {size:.0f} MB", figures)


def _compared(address: str, folder: Path) -> tuple[list[dict[str, float]], list[float]]:
    """Turn by turn, so that both meet the same machine."""
    ours, theirs = [], []
    with at_home(OUTBOUND_ALLOW=address, FULL_DECODE="0") as var:
        for number in range(ROUNDS):
            begun = time.monotonic()
            target = var / f"curl-{number}"
            subprocess.run(
                ["curl", "-s", "-o", str(target), f"http://{address}/clip.mp4"], check=True
            )
            theirs.append(time.monotonic() - begun)
            target.unlink()
            done = subprocess.run(
                [sys.executable, "-m", "bench.big_file", "bring", f"http://{address}/clip.mp4"],
                stdout=subprocess.PIPE, check=True, env=os.environ,
            )  # fmt: skip
            ours.append(json.loads(done.stdout))
    return ours, theirs


def bring(url: str) -> None:
    """One clip, in a process of its own; prints what it took."""
    import django
    import psutil

    django.setup()
    from accounts import ids
    from generations import storage
    from generations.models import Generation

    generation = Generation(id=ids.uuid7(), output_format="mp4", duration=6)
    process = psutil.Process()
    before, begun = process.memory_info().rss, time.monotonic()
    clip = storage.bring_home(generation, url)
    seconds = time.monotonic() - begun
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
    storage.discard(clip.name)
    print(json.dumps({"seconds": seconds, "grown": (peak - before) / 2**20}))


def _make(path: Path) -> None:
    """A real clip, made large by a box of padding that players pass over."""
    from tests.generations.media.clips import make_clip

    content = make_clip(path, seconds=6).read_bytes()
    padding = MEGABYTES * 1_000_000 - len(content)
    with path.open("wb") as file:
        file.write(content)
        file.write(struct.pack(">I4s", padding, b"free"))
        file.truncate(len(content) + padding)


if __name__ == "__main__":
    if sys.argv[1:2] == ["bring"]:
        bring(sys.argv[2])
    else:
        sys.exit(0 if main() else 1)
