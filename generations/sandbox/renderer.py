"""
Makes clips in short-lived child processes, a few at a time and at low priority.

A clip is named after everything that decides its bytes, so one that exists is never made again:
not for a second order like it, and not after a restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from generations.sandbox.clip import Clip

_PROJECT = Path(__file__).resolve().parents[2]


class RenderError(Exception):
    """A clip could not be made."""


class Renderer:
    def __init__(self, folder: Path, *, workers: int) -> None:
        self._folder = folder
        self._turns = asyncio.Semaphore(workers)
        self._under_way: dict[Path, asyncio.Task[None]] = {}
        self.made = 0

    async def clip(self, clip: Clip, *, stock: bool = False) -> Path:
        """The file of a clip, made if need be. Raises RenderError."""
        if stock:
            clip = replace(clip, prompt="Waves at sunset", variation=0, image=None)
        name = hashlib.sha256(json.dumps(asdict(clip), sort_keys=True).encode()).hexdigest()
        path = self._folder / f"{name[:40]}.{clip.format}"
        if not path.exists():
            await asyncio.shield(self._once(clip, path))
        return path

    async def close(self) -> None:
        """Stop what is being made; it is made again after the next start."""
        for task in self._under_way.values():
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _once(self, clip: Clip, path: Path) -> asyncio.Task[None]:
        """The one making of this file, however many wait for it."""
        task = self._under_way.get(path)
        if task is None:
            task = self._under_way[path] = asyncio.create_task(self._make(clip, path))
            task.add_done_callback(lambda _: self._under_way.pop(path, None))
        return task

    async def _make(self, clip: Clip, path: Path) -> None:
        async with self._turns:
            if path.exists():
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", suffix=".json") as order:
                json.dump({"target": str(path), "clip": asdict(clip)}, order)
                order.flush()
                await _run(order.name)
            if not path.exists():
                raise RenderError("no file was written")
            self.made += 1


async def _run(order: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "generations.sandbox.render", order,
        cwd=_PROJECT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, complaint = await child.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        raise
    if child.returncode:
        raise RenderError(complaint.decode(errors="replace")[-2000:])
