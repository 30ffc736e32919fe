from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0006_saved_cards'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='stripeevent',
            options={'permissions': [('replay_stripeevent', "Can have an event of Stripe's processed again")]},
        ),
        migrations.AlterModelOptions(
            name='topup',
            options={'permissions': [('look_topup', 'Can ask Stripe about a top-up'), ('refund_topup', 'Can refund a top-up to its card')]},
        ),
    ]
