from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # or nothing could be built beside running writes

    dependencies = [
        ('billing', '0008_spent'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='stripeevent',
            index=models.Index(fields=['object_id'], name='stripe_event_object'),
        ),
        AddIndexConcurrently(
            model_name='topup',
            index=models.Index(fields=['charge'], name='top_up_charge'),
        ),
    ]
