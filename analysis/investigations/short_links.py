"""Short links: a view's whole state under an id that nobody can guess."""

import hashlib
import json
import re
import secrets
import time
from typing import Any

from sqlalchemy import Connection, func, select, text

from analysis.errors import StoreError
from analysis.investigations.database import Database
from analysis.investigations.schema import SHORT_LINKS

ID_BYTES = 16  # 128 bits of chance
STATE_CHARACTERS = 1_000_000
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


class ShortLinks:
    """The table of short links, in the same database as what people add. Links are never changed and never expire."""

    def __init__(self, url: str) -> None:
        """Take the database's address, as `InvestigationStore` does; nothing is opened yet."""
        self._database = Database(url)

    def keep(self, state: dict[str, Any], *, author: str) -> str:
        """The id of a state: the one it has, or a new one.

        Args:
            state: JSON-able; what the app needs to open the view again.
            author: Who shares it first.

        Raises:
            StoreError: If it has more than `STATE_CHARACTERS` as JSON, or the database cannot be written.
        """
        content = json.dumps(state, sort_keys=True, ensure_ascii=True)
        if len(content) > STATE_CHARACTERS:
            raise StoreError(
                f"This view takes {len(content):,} characters to describe, and a short link holds "
                f"{STATE_CHARACTERS:,}. Narrow the selection or shorten the filter."
            )
        digest = hashlib.sha256(content.encode()).hexdigest()
        row = {"id": secrets.token_urlsafe(ID_BYTES), "digest": digest, "state": content, "author": author}

        def write(connection: Connection) -> str:
            # Of two that share the same view at once, the second finds the first one's row.
            connection.execute(
                text(
                    "INSERT INTO faultline_short_links (id, digest, state, author, at) VALUES (:id, :digest, :state, "
                    ":author, :at) ON CONFLICT (digest) DO NOTHING"
                ),
                row | {"at": time.time()},
            )
            found = select(SHORT_LINKS.c.id).where(SHORT_LINKS.c.digest == digest)
            return str(connection.execute(found).scalar_one())

        return self._database.write(write)

    def find(self, number: str) -> dict[str, Any] | None:
        """The state of an id; None where there is none.

        Raises:
            StoreError: If the database cannot be read.
        """
        if _ID.fullmatch(number) is None:
            return None

        def ask(connection: Connection) -> str | None:
            found = select(SHORT_LINKS.c.state).where(SHORT_LINKS.c.id == number)
            return connection.execute(found).scalar()

        content = self._database.read(ask, None)
        found = None if content is None else json.loads(content)
        return found if isinstance(found, dict) else None

    def about(self, part: str) -> int:
        """How many states hold a text, such as the identity of a run.

        Args:
            part: Letters, digits and ``-`` only.

        Raises:
            StoreError: If the database cannot be read.
        """

        def ask(connection: Connection) -> int:
            found = select(func.count()).select_from(SHORT_LINKS).where(SHORT_LINKS.c.state.contains(part))
            return int(connection.execute(found).scalar_one())

        return self._database.read(ask, 0)

    def close(self) -> None:
        """Let go of all connections."""
        self._database.close()
