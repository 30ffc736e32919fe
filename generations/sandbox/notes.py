"""The small things worth remembering: counters, money, bad keys, and which faults are set."""

from __future__ import annotations

import json
import secrets

from generations.sandbox.knobs import ALWAYS, KNOBS, Setting, Settings
from generations.sandbox.store import Store

#: What every account starts with, in micro-dollars.
OPENING_BALANCE = 1_000_000_000

#: A prompt ordered again gives another picture; after this many the first comes back.
VARIATIONS = 4


class Notes:
    def __init__(self, store: Store) -> None:
        self._store = store

    # Counting

    def count(self, name: str, by: int = 1) -> None:
        self._store.run(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + ?",
            name, by, by,
        )  # fmt: skip

    def counters(self) -> dict[str, int]:
        rows = self._store.rows("SELECT name, count FROM counters ORDER BY name")
        return {row["name"]: row["count"] for row in rows}

    def variation(self, prompt: str) -> int:
        """Which picture of this prompt is next; the count goes up."""
        row = self._store.row("SELECT orders FROM prompts WHERE prompt = ?", prompt)
        orders = row["orders"] if row else 0
        self._store.run("INSERT OR REPLACE INTO prompts VALUES (?, ?)", prompt, orders + 1)
        return int(orders % VARIATIONS)

    # Money and keys

    def balance(self, provider: str) -> int:
        """Micro-dollars, of which some may be reserved for jobs under way."""
        return self._account(provider)[0]

    def free(self, provider: str) -> int:
        """What is left after everything under way has been paid."""
        micro, reserved = self._account(provider)
        return micro - reserved

    def set_balance(self, provider: str, micro: int) -> None:
        self._move(provider, micro - self.balance(provider), 0)

    def reserve(self, provider: str, price: int) -> None:
        self._move(provider, 0, price)

    def settle(self, provider: str, *, price: int, billed: int) -> None:
        """A job is done: its reservation ends, and what it made is paid."""
        self._move(provider, -billed, -price)
        self.count(f"{provider}.billed_micro", billed)

    def _account(self, provider: str) -> tuple[int, int]:
        query = "SELECT micro, reserved FROM balances WHERE provider = ?"
        row = self._store.row(query, provider)
        return (row["micro"], row["reserved"]) if row else (OPENING_BALANCE, 0)

    def _move(self, provider: str, micro: int, reserved: int) -> None:
        self._store.run(
            "INSERT INTO balances VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET micro = micro + ?, reserved = reserved + ?",
            provider, OPENING_BALANCE + micro, reserved, micro, reserved,
        )  # fmt: skip

    def is_bad_key(self, provider: str, key: str) -> bool:
        query = "SELECT 1 FROM bad_keys WHERE provider = ? AND key = ?"
        return self._store.row(query, provider, key) is not None

    def set_bad_keys(self, provider: str, keys: list[str]) -> None:
        with self._store.transaction():
            self._store.run("DELETE FROM bad_keys WHERE provider = ?", provider)
            for key in keys:
                self._store.run("INSERT OR IGNORE INTO bad_keys VALUES (?, ?)", provider, key)

    def secret(self) -> bytes:
        """What result addresses are signed with; made once."""
        self._store.run(
            "INSERT OR IGNORE INTO secrets VALUES ('addresses', ?)", secrets.token_hex(32)
        )
        (row,) = self._store.rows("SELECT value FROM secrets WHERE name = 'addresses'")
        return bytes.fromhex(row["value"])

    # Faults set over the control endpoint

    def set_rule(self, provider: str, settings: Settings, times: int) -> None:
        """Apply to the next `times` requests or jobs; a later rule replaces an earlier one."""
        with self._store.transaction():
            for name, setting in settings.items():
                self._store.run("DELETE FROM rules WHERE provider = ? AND knob = ?", provider, name)
                self._store.run(
                    "INSERT INTO rules (provider, knob, value, times) VALUES (?, ?, ?, ?)",
                    provider, name, json.dumps(setting.value), times,
                )  # fmt: skip

    def clear_rules(self) -> None:
        self._store.run("DELETE FROM rules")

    def rules(self) -> list[dict[str, object]]:
        rows = self._store.rows("SELECT provider, knob, value, times FROM rules ORDER BY id")
        return [{**dict(row), "value": json.loads(row["value"])} for row in rows]

    def take(self, provider: str, *places: str) -> dict[str, Setting]:
        """The faults set for this provider at these places, used up by one."""
        found = {}
        for row in self._store.rows("SELECT * FROM rules WHERE provider = ?", provider):
            if KNOBS[row["knob"]].where in places:
                found[row["knob"]] = Setting(json.loads(row["value"]), ALWAYS)
                self._store.run(
                    "UPDATE rules SET times = times - 1 WHERE id = ? AND times > 0", row["id"]
                )
        self._store.run("DELETE FROM rules WHERE times = 0")
        return found

    # Prompt words that fire a number of times

    def strikes(self, provider: str, prompt: str, knob: str) -> int:
        row = self._store.row(
            "SELECT count FROM strikes WHERE provider = ? AND prompt = ? AND knob = ?",
            provider, prompt, knob,
        )  # fmt: skip
        return int(row["count"]) if row else 0

    def strike(self, provider: str, prompt: str, knob: str) -> None:
        self._store.run(
            "INSERT INTO strikes VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
            provider, prompt, knob,
        )  # fmt: skip

    def forget_strikes(self, provider: str, prompt: str) -> None:
        """The order went through: the next one of this prompt meets the fault afresh."""
        self._store.run("DELETE FROM strikes WHERE provider = ? AND prompt = ?", provider, prompt)
