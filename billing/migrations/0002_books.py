"""The rules of the books that a constraint cannot say, as triggers."""

from django.db import migrations

IMMUTABLE = """
CREATE FUNCTION billing_transfer_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a transfer is never changed or deleted' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER transfer_is_immutable BEFORE UPDATE OR DELETE ON billing_transfer
    FOR EACH ROW EXECUTE FUNCTION billing_transfer_is_immutable();
"""

# The wallet's row is locked by the statement that inserts, so these sums cannot be overtaken.
COVERED = """
CREATE FUNCTION billing_transfer_is_covered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given numeric;
    taken numeric;
BEGIN
    IF NEW.kind IN ('capture', 'release') THEN
        SELECT coalesce(sum(amount) FILTER (WHERE credit = 'held'), 0),
               coalesce(sum(amount) FILTER (WHERE debit = 'held'), 0)
          INTO given, taken
          FROM billing_transfer WHERE reference = NEW.reference AND wallet_id = NEW.wallet_id;
    ELSIF NEW.kind = 'refund' THEN
        SELECT coalesce(sum(amount) FILTER (WHERE kind = 'capture'), 0),
               coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0)
          INTO given, taken
          FROM billing_transfer WHERE reference = NEW.reference AND wallet_id = NEW.wallet_id;
    ELSE
        RETURN NEW;
    END IF;
    IF taken + NEW.amount > given THEN
        RAISE EXCEPTION '% of % for % is more than the % left', NEW.kind, NEW.amount,
            NEW.reference, given - taken USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transfer_is_covered BEFORE INSERT ON billing_transfer
    FOR EACH ROW EXECUTE FUNCTION billing_transfer_is_covered();
"""

UNDO = """
DROP TRIGGER transfer_is_covered ON billing_transfer;
DROP FUNCTION billing_transfer_is_covered();
DROP TRIGGER transfer_is_immutable ON billing_transfer;
DROP FUNCTION billing_transfer_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunSQL(IMMUTABLE + COVERED, UNDO)]
