"""A copy of what we know about somebody: a ZIP of texts, made in a worker, kept for a week."""

from __future__ import annotations

import logging
import tempfile
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts import audit, letters, nudges
from accounts.audit import Actor
from accounts.models import DataExport, User
from accounts.privacy import holders

logger = logging.getLogger(__name__)

TASK = "accounts.tasks.export"
KEPT_FOR = timedelta(days=7)
#: Asked again within that, one gets the last one.
AGAIN_AFTER = timedelta(hours=1)
MOST_TRIES = 5


@transaction.atomic
def ask(user: User, *, by: Actor, now: datetime) -> DataExport:
    """One at a time, and not every minute: who asks again gets the one before."""
    User.objects.select_for_update().get(pk=user.pk)
    last = DataExport.objects.filter(user=user).order_by("-id").first()
    if last and (last.ready_at is None or last.ready_at > now - AGAIN_AFTER):
        return last
    made = DataExport.objects.create(user=user)
    audit.record(workspace=None, by=by, action="export.asked", subject=user.public_id)
    nudges.after_commit(TASK)
    return made


def make_due(*, now: datetime) -> int:
    """Make those that were asked for. Returns how many."""
    waiting = DataExport.objects.filter(ready_at=None, tries__lt=MOST_TRIES, user__is_active=True)
    made = 0
    for one in waiting.select_related("user").order_by("id"):
        try:
            made += _made(one, now)
        except Exception:  # one that cannot be made holds up nobody else's
            logger.exception("A copy of somebody's data could not be made: %s", one.public_id)
            DataExport.objects.filter(pk=one.pk).update(tries=one.tries + 1)
    return made


def write(user: User, into: IO[bytes]) -> None:
    """The ZIP itself."""
    person = holders.person(user)
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for holder in reversed(holders.holders()):
            for name, pieces in holder.files(person):
                with archive.open(name, "w", force_zip64=True) as file:
                    for piece in pieces:
                        file.write(piece.encode())


def forget_old(*, now: datetime) -> int:
    """Returns how many are gone, files and rows."""
    old = list(DataExport.objects.filter(expires_at__lt=now))
    for one in old:
        forget(one)
    return len(old)


def forget(export: DataExport) -> None:
    if export.name:
        default_storage.delete(export.name)
    export.delete()


def _made(export: DataExport, now: datetime) -> bool:
    """Whichever of two workers comes first keeps its file; the other throws its own away."""
    settings.SPOOL.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.SPOOL) as folder:
        path = Path(folder) / "export.zip"
        with path.open("wb") as file:
            write(export.user, file)
        size = path.stat().st_size
        with path.open("rb") as file:
            name = default_storage.save(f"exports/{export.id.hex}.zip", File(file))
    if not _kept(export, name, size, now):
        default_storage.delete(name)
        return False
    return True


@transaction.atomic
def _kept(export: DataExport, name: str, size: int, now: datetime) -> bool:
    rows = DataExport.objects.filter(pk=export.pk, ready_at=None)
    if not rows.update(name=name, bytes=size, ready_at=now, expires_at=now + KEPT_FOR):
        return False
    letters.write(
        to=[export.user.email],
        template="export_ready",
        key=f"export:{export.pk.hex}",
        context={"export": export.public_id, "days": KEPT_FOR.days},
    )
    return True
