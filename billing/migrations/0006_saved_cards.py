"""Saved cards are charged because a program asked, too, not only by themselves."""

from django.db import migrations, models
from django.db.models import Q


def mark(apps, schema_editor):
    """What was charged by itself was charged to the saved card."""
    apps.get_model("billing", "TopUp").objects.filter(automatic=True).update(saved_card=True)


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_claw_backs")]

    operations = [
        migrations.AddField(
            model_name="topup",
            name="saved_card",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Charged without its owner being there.",
            ),
        ),
        migrations.AddField(
            model_name="topup",
            name="reason",
            field=models.CharField(
                blank=True, db_default="", help_text="Why, in a word of the bank's.", max_length=60
            ),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="topup",
            constraint=models.CheckConstraint(
                condition=Q(automatic=False) | Q(saved_card=True),
                name="top_up_automatic_by_saved_card",
            ),
        ),
    ]
