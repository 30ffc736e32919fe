"""
A stand-in for providers that costs next to nothing: it remembers no job, a job's name says when it
is done. Speaks Runware's and ToAPIs' answers to a look. `python -m bench.instant` prints its port.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from asyncio import StreamReader, StreamWriter

VIDEO = "https://example.org/clip.mp4"
counts = {"runware": 0, "toapis": 0, "jobs": 0}


def done_at(job: str) -> float:
    """Runware's names are UUIDs: the last twelve digits are hundredths of seconds."""
    return int(job[-12:]) / 100


def name(moment: float, number: int) -> str:
    digits = f"{number:018d}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8{digits[15:18]}-{int(moment * 100):012d}"


async def answer(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(length[1])) if length else b""
            content = json.dumps(said(head.split(b" ", 2)[1].decode(), body)).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + str(len(content)).encode() + b"\r\n\r\n" + content
            )  # fmt: skip
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def said(path: str, body: bytes) -> object:
    now = time.time()
    if path == "/counts":
        return counts
    if path.startswith("/toapis"):
        counts["toapis"] += 1
        return _toapis(path.rsplit("/", 1)[1], now)
    tasks = [task["taskUUID"] for task in json.loads(body)]
    counts["runware"] += 1
    counts["jobs"] += len(tasks)
    return {"data": [_runware(task, now) for task in tasks]}


def _runware(task: str, now: float) -> object:
    about = {"taskType": "videoInference", "taskUUID": task}
    if done_at(task) > now:
        return {**about, "status": "processing"}
    return {**about, "status": "success", "videoUUID": task, "videoURL": VIDEO, "cost": 0.28}


def _toapis(task: str, now: float) -> object:
    about = {"id": task, "object": "generation.task", "model": "MiniMax-Hailuo-2.3"}
    if done_at(task) > now:
        return {**about, "status": "in_progress", "progress": 40}
    result = {"type": "video", "data": [{"url": VIDEO, "format": "mp4"}]}
    return {**about, "status": "completed", "progress": 100, "result": result}


async def main() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(0)
