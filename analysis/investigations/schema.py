"""The tables, and the steps by which a database of any earlier version becomes one of this version."""

from sqlalchemy import Column, Connection, Float, Integer, MetaData, Table, Text, text

from analysis.errors import StoreError

METADATA = MetaData()
RUNS = Table(
    "faultline_runs", METADATA,
    Column("run", Text, primary_key=True), Column("last_change", Integer),
)  # fmt: skip
ITEMS = Table(
    "faultline_items", METADATA,
    Column("run", Text, primary_key=True), Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True), Column("value", Text), Column("version", Integer),
    Column("author", Text), Column("at", Float),
)  # fmt: skip
CHANGES = Table(
    "faultline_changes", METADATA,
    Column("run", Text, primary_key=True), Column("number", Integer, primary_key=True),
    Column("step", Text), Column("kind", Text), Column("subject", Text), Column("before", Text),
    Column("after", Text), Column("version", Integer), Column("author", Text), Column("at", Float),
    Column("undoes", Integer), Column("aside", Integer),
)  # fmt: skip
SHORT_LINKS = Table(
    "faultline_short_links", METADATA,
    Column("id", Text, primary_key=True), Column("digest", Text), Column("state", Text), Column("author", Text),
    Column("at", Float),
)  # fmt: skip

# One tuple of statements a version, oldest first; what has been released is never edited, only added to. The tables
# above are what they end in. A deleted item stays as a row without a value, so that its version goes on.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE faultline_runs (run TEXT PRIMARY KEY, last_change BIGINT NOT NULL)",
        "CREATE TABLE faultline_items (run TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, value TEXT, "
        "version BIGINT NOT NULL, author TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, "
        "PRIMARY KEY (run, kind, subject))",
        "CREATE TABLE faultline_changes (run TEXT NOT NULL, number BIGINT NOT NULL, step TEXT NOT NULL, "
        "kind TEXT NOT NULL, subject TEXT NOT NULL, before TEXT, after TEXT, version BIGINT NOT NULL, "
        "author TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, undoes BIGINT, PRIMARY KEY (run, number))",
        "CREATE INDEX faultline_changes_of_item ON faultline_changes (run, kind, subject, number)",
        "CREATE INDEX faultline_changes_of_step ON faultline_changes (run, step)",
        "CREATE INDEX faultline_changes_undone ON faultline_changes (run, undoes)",
    ),
    (
        "CREATE TABLE faultline_short_links (id TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, state TEXT NOT NULL, "
        "author TEXT NOT NULL, at DOUBLE PRECISION NOT NULL)",
    ),
    (
        "ALTER TABLE faultline_changes ADD COLUMN aside INTEGER NOT NULL DEFAULT 0",  # what imports bring along
        # Over all rows it was taken for finding what is *no* undoing, which is nearly every row.
        "DROP INDEX faultline_changes_undone",
        "CREATE INDEX faultline_changes_undone ON faultline_changes (run, undoes) WHERE undoes IS NOT NULL",
    ),
)
VERSION = len(MIGRATIONS)


def version_of(connection: Connection) -> int:
    """The version of a database; 0 where nothing has been made in it yet."""
    return int(connection.execute(text("SELECT MAX(version) FROM faultline_schema")).scalar() or 0)


def migrate(connection: Connection, *, to: int = VERSION) -> None:
    """Bring a database to this version, inside a transaction that no second process can hold at the same time.

    Args:
        connection: In a writing transaction; on PostgreSQL under an advisory lock.
        to: The version to stop at; tests make databases of earlier versions with it.

    Raises:
        StoreError: If a later version of Faultline wrote the database.
    """
    connection.execute(text("CREATE TABLE IF NOT EXISTS faultline_schema (version INTEGER NOT NULL)"))
    found = version_of(connection)
    if found > VERSION:
        raise StoreError(
            f"The database of notes and verdicts has version {found}, and this Faultline knows {VERSION}. Update "
            "Faultline; nothing was changed."
        )
    for version in range(found, to):
        for statement in MIGRATIONS[version]:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO faultline_schema (version) VALUES (:version)"), {"version": version + 1})
