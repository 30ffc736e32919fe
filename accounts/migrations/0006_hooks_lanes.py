import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_staff_proposals'),
    ]

    operations = [
        # Before the column that is made of it: PostgreSQL alters none that another depends on.
        migrations.AlterField(
            model_name='webhookdelivery',
            name='url',
            field=models.CharField(max_length=2048),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='url',
            field=models.CharField(max_length=2048),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='lane',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.MD5(django.db.models.functions.text.Concat(django.db.models.functions.comparison.Cast('workspace_id', models.TextField()), models.F('url'))), output_field=models.CharField(max_length=32)),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['lane', 'due_at'], name='webhook_delivery_lane'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('lease_until', None), _negated=True), fields=['lane'], name='webhook_delivery_in_hand'),
        ),
    ]
