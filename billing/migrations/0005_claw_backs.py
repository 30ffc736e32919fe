"""No more is clawed back of a top-up than it brought, and no more given back than was taken."""

from importlib import import_module

from django.db import migrations

COVERED = import_module("billing.migrations.0002_books").COVERED

# `reference <> ''` lets a cached plan use the partial index.
CLAWED = """
CREATE OR REPLACE FUNCTION billing_transfer_is_covered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given numeric;
    taken numeric;
BEGIN
    IF NEW.kind IN ('capture', 'release') THEN
        SELECT coalesce(sum(amount) FILTER (WHERE credit = 'held'), 0),
               coalesce(sum(amount) FILTER (WHERE debit = 'held'), 0)
          INTO given, taken
          FROM billing_transfer
         WHERE reference = NEW.reference AND reference <> '' AND wallet_id = NEW.wallet_id;
    ELSIF NEW.kind = 'refund' THEN
        SELECT coalesce(sum(amount) FILTER (WHERE kind = 'capture'), 0),
               coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0)
          INTO given, taken
          FROM billing_transfer
         WHERE reference = NEW.reference AND reference <> '' AND wallet_id = NEW.wallet_id;
    ELSIF NEW.kind = 'clawback' AND NEW.credit = 'stripe' THEN
        SELECT coalesce(sum(amount) FILTER (WHERE debit = 'stripe'), 0),
               coalesce(sum(amount) FILTER (WHERE credit = 'stripe'), 0)
          INTO given, taken
          FROM billing_transfer
         WHERE reference = NEW.reference AND reference <> '' AND wallet_id = NEW.wallet_id;
    ELSIF NEW.kind = 'clawback' AND NEW.debit = 'stripe' THEN
        SELECT coalesce(sum(amount) FILTER (WHERE credit = 'stripe'), 0),
               coalesce(sum(amount) FILTER (WHERE kind = 'clawback' AND debit = 'stripe'), 0)
          INTO given, taken
          FROM billing_transfer
         WHERE reference = NEW.reference AND reference <> '' AND wallet_id = NEW.wallet_id;
    ELSE
        RETURN NEW;
    END IF;
    IF taken + NEW.amount > given THEN
        RAISE EXCEPTION '% of % for % is more than the % left', NEW.kind, NEW.amount,
            NEW.reference, given - taken USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION billing_cost_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a cost is never changed or deleted' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER cost_is_immutable BEFORE UPDATE OR DELETE ON billing_cost
    FOR EACH ROW EXECUTE FUNCTION billing_cost_is_immutable();
"""

BEFORE = COVERED.partition("CREATE TRIGGER")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
UNDO = f"""
DROP TRIGGER cost_is_immutable ON billing_cost;
DROP FUNCTION billing_cost_is_immutable();
{BEFORE}
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_payments")]

    operations = [migrations.RunSQL(CLAWED, UNDO)]
