"""
The first price table: list prices of the providers' own documents (DESIGN 5, providers.md 0.4).

A price that no document gives is not here, and what has no price is not sold.
"""

from django.db import migrations

T2V, I2V = "text-to-video", "image-to-video"
ALL_2_3 = [("hailuo-2.3", T2V), ("hailuo-2.3", I2V)]
FAST = [("hailuo-2.3-fast", I2V)]
LIST_2_3 = {("768P", 6): 280_000, ("768P", 10): 560_000, ("1080P", 6): 490_000}
LIST_FAST = {("768P", 6): 190_000, ("768P", 10): 320_000, ("1080P", 6): 330_000}
PIXAZO = {("768P", 6): 350_000, ("768P", 10): 600_000, ("1080P", 6): 350_000}

#: provider, what it makes, micro-dollars a clip, where the figures stand
TABLE = [
    ("cloudflare", ALL_2_3, LIST_2_3, "providers.md 0.4, catalog"),
    ("fal", ALL_2_3, LIST_2_3, "providers.md 0.4"),
    ("fal", FAST, LIST_FAST, "providers.md 0.4"),
    ("minimax", ALL_2_3, LIST_2_3, "providers.md 0.4"),
    ("minimax", FAST, LIST_FAST, "providers.md 0.4"),
    ("pixazo", [("hailuo-2.3", T2V)], PIXAZO, "seed 004"),
    ("pixazo", FAST, PIXAZO, "seed 004; its image-to-video is taken to be Fast"),
    ("runware", ALL_2_3, LIST_2_3, "seed 002"),
    # 768P with 10 s is made by Runware's Fast, but its page lists no price.
    ("runware", FAST, {k: v for k, v in LIST_FAST.items() if k != ("768P", 10)}, "providers.md 0.4"),
]


def enter(apps, schema_editor):
    Rate = apps.get_model("billing", "Rate")
    Rate.objects.bulk_create(
        Rate(
            provider=provider,
            sku=f"{model}/{mode}/{resolution}/{duration}",
            cost=cost,
            valid_from="2025-10-28T00:00:00Z",
            note=note,
        )
        for provider, made, prices, note in TABLE
        for model, mode in made
        for (resolution, duration), cost in prices.items()
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_books")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
