"""The law of `states.MOVES`, kept by the database too: no other move, and no way out of an end."""

from django.db import migrations

MOVES = {
    "queued": ["submitting", "canceled", "failed"],
    "submitting": ["queued", "running", "storing", "unknown", "failed"],
    "running": ["storing", "overdue", "unknown", "queued", "failed", "canceled"],
    "unknown": ["running", "storing", "queued", "failed"],
    "overdue": ["storing", "failed", "canceled"],
    "storing": ["succeeded", "running", "failed"],
}
LEGAL = ", ".join(f"('{source}', '{to}')" for source, ends in MOVES.items() for to in ends)

LAW = f"""
CREATE FUNCTION generations_generation_moves_legally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN ({LEGAL}) THEN
        RAISE EXCEPTION 'a generation never goes from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER generation_moves_legally BEFORE UPDATE OF state ON generations_generation
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION generations_generation_moves_legally();
"""

UNDO = """
DROP TRIGGER generation_moves_legally ON generations_generation;
DROP FUNCTION generations_generation_moves_legally();
"""


class Migration(migrations.Migration):
    dependencies = [("generations", "0001_initial")]

    operations = [migrations.RunSQL(LAW, UNDO)]
