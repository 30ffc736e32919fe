"""How lines are written down: with what they are about, and never with a secret in them."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

from accounts import bindings

#: what to look for -> what stands there instead
MASKS = [
    (re.compile(r"rly_live_[0-9A-Za-z_]+"), "rly_live_***"),
    (re.compile(r"\b((?:sk|rk)_(?:live|test)_|whsec_)[0-9A-Za-z+/=_]{4,}"), r"\1***"),
    (re.compile(r"(/webhooks/providers/[a-z]+/)[^\s/?\"']+"), r"\1***"),
    (re.compile(r"(/files/)[A-Za-z0-9_:.=-]{40,}"), r"\1***"),
    (re.compile(r"(/invitations/|%2Finvitations%2F)[A-Za-z0-9_-]{16,}"), r"\1***"),
    (re.compile(r"(/s/)[A-Za-z0-9_-]{16,}"), r"\1***"),
    (re.compile(r"(/(?:letters/stop|account/back)/)[A-Za-z0-9_:-]{16,}"), r"\1***"),
    (
        re.compile(
            r"([?&](?:X-Amz-Signature|X-Amz-Credential|token|signature|sig|key)=)[^&\s\"']+", re.I
        ),
        r"\1***",
    ),
    (re.compile(r"((?:Bearer|Basic|Token) )[A-Za-z0-9._~+/=:-]{6,}"), r"\1***"),
    (re.compile(r"(\w+://[^\s:/@]*:)[^\s/@]+(@)"), r"\1***\2"),
]


def mask(text: str) -> str:
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


class MaskSecrets(logging.Filter):
    """Masks keys, webhook tokens and signed links in every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        return True


class Plain(logging.Formatter):
    """For people; tracebacks are masked, too."""

    def format(self, record: logging.LogRecord) -> str:
        about = "".join(f" {name}={value}" for name, value in bindings.known().items())
        return mask(super().format(record) + about)


class JSON(logging.Formatter):
    """For machines: one object a line, with the ids of what the line is about."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "at": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask(record.getMessage()),
            **bindings.known(),
            **{name: mask(str(value)) for name, value in getattr(record, "facts", {}).items()},
        }
        if record.exc_info:
            line["traceback"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
