"""Which providers and SKUs may be priced: what others registered, and what already is."""

from __future__ import annotations

from dataclasses import dataclass

from billing.models import Rate
from billing.pricing import reports

#: What a SKU is made of, in files: its parts between slashes.
SKU_COLUMNS = ["model", "mode", "resolution", "duration"]


@dataclass(frozen=True, slots=True)
class Known:
    providers: frozenset[str]
    skus: tuple[str, ...]

    def faults(self, *, provider: str, sku: str) -> dict[str, str]:
        """Column -> what is wrong with it."""
        faults = {}
        if provider not in self.providers:
            faults["provider"] = f"“{provider}” is no provider of ours."
        if sku not in self.skus:
            faults[self._wrong_part(sku)] = f"“{sku}” is nothing that can be made."
        return faults

    def _wrong_part(self, sku: str) -> str:
        """The first column after which no SKU begins like this one."""
        parts = sku.split("/")
        for count, column in enumerate(SKU_COLUMNS, 1):
            if not any(known.split("/")[:count] == parts[:count] for known in self.skus):
                return column
        return SKU_COLUMNS[-1]


def known() -> Known:
    """The table counts too: what was exported from it can be read again."""
    catalogue = reports.catalogue()
    pairs = Rate.objects.values_list("provider", "sku").distinct()
    priced = sorted(set(pairs))
    return Known(
        providers=catalogue.providers | {provider for provider, _ in priced},
        skus=tuple(dict.fromkeys([*catalogue.skus, *(sku for _, sku in priced)])),
    )


def sku_cells(sku: str) -> list[str]:
    """A SKU as the cells of its columns; one of another shape stands whole in the first."""
    parts = sku.split("/")
    whole = len(parts) == len(SKU_COLUMNS)
    return parts if whole else [sku, *[""] * (len(SKU_COLUMNS) - 1)]
