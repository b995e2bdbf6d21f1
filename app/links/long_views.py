"""Views too long for a request: servers and proxies refuse such an address, while a browser can hold it.

So the address that is asked for names the view's short link (``/classes?run=…&short=ID``), and the head of the answer
puts the whole one in its place before the app starts and reads it.
"""

import json

from analysis.errors import StoreError
from app.links.arrival import RUN, address, settled
from app.links.versions import Query
from app.queries import short_links

SHORT = "short"  # the short link whose view an address stands for


def stand_in(query: Query, number: str) -> Query:
    """What stands in the address instead: the run, for whoever reads it, and the number of the short link."""
    return [*((name, value) for name, value in query if name == RUN), (SHORT, number)]


def script(query: Query) -> str:
    """The line of a page's head that puts the whole address into the browser; "" where none is asked for, or found."""
    number = next((value for name, value in query if name == SHORT), None)
    if number is None:
        return ""
    try:
        found = short_links.find(number)
    except StoreError:  # the page then opens without the view's filters, as the number in the address stays and tells
        return ""
    if found is None:
        return ""
    whole = json.dumps(address(*settled(*found))).replace("<", "\\u003c")
    return f'<script>history.replaceState(history.state, "", {whole})</script>'
