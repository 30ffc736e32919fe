"""Our own storage: the files are brought home, verified, kept under names of ours, and linked."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.crashpoints import crashpoint
from accounts.outbound.allowed import guard
from accounts.outbound.errors import FetchError
from generations import catalog
from generations.media.fetch import Fetched, fetch
from generations.media.judge import judge_clip
from generations.media.limited import ChildBroken
from generations.media.probe import NotAVideo, Probe
from generations.models import Clip, Generation, Upload

#: the longest a file may take to come home, in seconds
FETCH_TIMEOUT = 900.0
UPLOADS = "uploads"


class NotStored(Exception):
    """The file is not here; `code` says why. Trying again may help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def bring_home(generation: Generation, url: str) -> Clip:
    """
    Fetch the result, judge it, keep it. The clip's row is not saved yet.

    :raises NotStored: nothing unverified was kept.
    """
    with _spooled() as path:
        fetched = _fetch(url, path)
        probe = _judge(path, generation)
        crashpoint("CP13")
        name = _name(generation, fetched.sha256)
        _keep(path, name, fetched.bytes)
        crashpoint("CP14")
    return Clip(
        name=name,
        content_type=catalog.OUTPUT_FORMATS[generation.output_format],
        bytes=fetched.bytes,
        sha256=fetched.sha256,
        width=probe.width,
        height=probe.height,
        duration_ms=probe.duration_ms,
        codec=probe.codec,
    )


def keep_bytes(content: bytes, name: str) -> str:
    """Store a small file under a name nobody used before. Returns the name."""
    return default_storage.save(name, ContentFile(content))


def read(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


@contextmanager
def local_copy(name: str) -> Iterator[Path]:
    """
    The stored file as a path, for tools that need one.

    :raises NotStored: it cannot be read.
    """
    with _spooled() as path:
        try:
            with default_storage.open(name) as source, path.open("wb") as copy:
                for chunk in File(source).chunks(1 << 20):
                    copy.write(chunk)
        except OSError as error:
            raise NotStored("missing", "The file cannot be read at the moment.") from error
        yield path


def forget(generation: Generation) -> None:
    """Remove a generation's files."""
    if clip := Clip.objects.filter(generation=generation).first():
        default_storage.delete(clip.name)
        if clip.poster_name:
            default_storage.delete(clip.poster_name)


def forget_unclaimed(generation: Generation) -> int:
    """Remove what was stored for one that has no clip. Returns how many files it was."""
    folder = _folder(generation)
    try:
        _, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return 0
    for name in names:
        default_storage.delete(f"{folder}/{name}")
    return len(names)


def discard(name: str) -> None:
    default_storage.delete(name)


def forget_upload(upload: Upload) -> None:
    """Remove a first frame that nothing needs any more."""
    default_storage.delete(upload.name)
    upload.delete()


def upload_name(extension: str) -> str:
    return f"{UPLOADS}/{uuid.uuid4().hex}.{extension}"


def uploads() -> list[str]:
    """The names of all first frames in storage, whether a row names them or not."""
    try:
        return [f"{UPLOADS}/{name}" for name in default_storage.listdir(UPLOADS)[1]]
    except FileNotFoundError:
        return []


def stored_before(name: str, moment: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < moment
    except FileNotFoundError:  # gone meanwhile
        return False


@contextmanager
def _spooled() -> Iterator[Path]:
    """A place for one file while it is judged; it is gone afterwards, whatever happens."""
    settings.SPOOL.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.SPOOL) as folder:
        yield Path(folder) / "file"


def _fetch(url: str, path: Path) -> Fetched:
    try:
        return fetch(
            url,
            into=path,
            guard=guard(),
            max_bytes=settings.MAX_CLIP_BYTES,
            timeout_total=FETCH_TIMEOUT,
            redirects=3,
        )
    except FetchError as error:
        raise NotStored(error.code, str(error)) from error
    except OSError as error:  # a full disk is our trouble, not the file's
        raise NotStored("no_space", f"The file could not be written: {error.strerror}") from error


def _judge(path: Path, generation: Generation) -> Probe:
    try:
        return judge_clip(
            path,
            expected_format=generation.output_format,
            expected_duration=generation.duration,
            full_decode=settings.FULL_DECODE,
        )
    except NotAVideo as error:
        raise NotStored("not_a_video", str(error)) from error
    except ChildBroken as error:  # our own fault: the file is judged again later
        raise NotStored("not_judged", str(error)) from error


def _keep(path: Path, name: str, size: int) -> None:
    """Store it and see that all of it arrived. Storing the same file twice is harmless."""
    try:
        if not (default_storage.exists(name) and default_storage.size(name) == size):
            with path.open("rb") as file:
                _save(name, file)
        if default_storage.size(name) != size:
            raise NotStored("storage", "The storage kept another size than was sent.")
    except NotStored:
        raise
    except Exception as error:  # every backend has exceptions of its own
        raise NotStored("storage", f"The storage did not take the file: {error}") from error


def _save(name: str, file: IO[bytes]) -> None:
    if default_storage.exists(name):  # what a killed worker left half-written
        default_storage.delete(name)
    default_storage.save(name, File(file))


def _name(generation: Generation, sha256: str) -> str:
    return f"{_folder(generation)}/{sha256[:16]}.{generation.output_format}"


def _folder(generation: Generation) -> str:
    return f"clips/{generation.id.hex}"
