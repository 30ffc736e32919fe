import accounts.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

#: Entries of the audit are never changed; only who they were about can be taken out of them. The
#: role of the app may call this, which runs as the owner of the table, and nothing wider.
FORGET = """
CREATE FUNCTION accounts_forget_person(who text, addresses text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    email text;
BEGIN
    UPDATE accounts_auditentry SET address = NULL WHERE actor = who AND address IS NOT NULL;
    FOREACH email IN ARRAY addresses LOOP
        CONTINUE WHEN position('@' IN email) < 2;
        UPDATE accounts_auditentry
           SET data = replace(data::text, email, 'erased')::jsonb,
               actor = replace(actor, email, 'erased'),
               subject = replace(subject, email, 'erased')
         WHERE position(email IN data::text) > 0 OR position(email IN actor) > 0
            OR position(email IN subject) > 0;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_teams'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='muted_topics',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, db_default=models.Value([]), default=list, help_text='What they want no letters about.', size=None),
        ),
        migrations.AddField(
            model_name='workspace',
            name='clips_kept_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='workspace',
            name='logs_kept_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='workspace',
            name='uploads_kept_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='erasure', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('gives_up', models.BooleanField(default=False)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('due_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('obstacle', models.CharField(blank=True, help_text='Why it could not be done when it was due.', max_length=500)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at', None)), fields=['due_at'], name='erasure_due')],
            },
        ),
        migrations.CreateModel(
            name='DataExport',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, help_text='in storage', max_length=200)),
                ('bytes', models.PositiveBigIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ready_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ready_at', None)), fields=('user',), name='data_export_one_under_way')],
            },
        ),
        migrations.RunSQL(FORGET, "DROP FUNCTION accounts_forget_person(text, text[])"),
    ]
