"""The Copy link button: the address in the browser is the whole state of a page; a long one becomes a short link.

What is copied also says which version wrote it and which run it means, so that it can be checked wherever it is opened.
"""

import streamlit as st

from analysis.runs.mark import RunMark
from app.access.paths import prefix
from app.links.arrival import MARK, MOVED
from app.links.versions import PARAMETER, VERSION
from app.queries.short_links import LONGEST_ADDRESS

LONG = 400  # characters of an address; chat programs and letters break longer ones

_HTML = """
<button type="button" id="copy" title="Copy a link that opens exactly this page with these filters">
  <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true"><path fill="currentColor"
  d="M3.9 12a3.1 3.1 0 0 1 3.1-3.1h4V7H7a5 5 0 0 0 0 10h4v-1.9H7A3.1 3.1 0 0 1 3.9 12ZM8 13h8v-2H8v2Zm9-6h-4v1.9h4a3.1
  3.1 0 0 1 0 6.2h-4V17h4a5 5 0 0 0 0-10Z"/></svg>
  <span id="label" aria-live="polite">Copy link</span>
</button>
"""
_CSS = """
button { display: inline-flex; gap: .45rem; align-items: center; justify-content: center; width: 100%;
  min-height: 2.4rem; padding: .25rem .8rem; cursor: pointer; font: inherit; font-size: .95rem; white-space: nowrap;
  color: var(--st-text-color); background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius); }
button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
"""
# The clipboard API exists on https and localhost only; over plain http the old command still works.
_JS = """
function copyOld(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
async function copy(text) {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch (error) { /* not allowed here: fall through */ }
  return copyOld(text);
}
async function shortened(url, data) {
  try {
    const answer = await fetch(data.route, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ address: url.pathname + url.search }),
    });
    const found = await answer.json();
    if (answer.ok) return { text: new URL(found.address, window.location.origin).href };
    return { text: null, error: found.error };
  } catch (error) {
    return { text: null, error: "No short link just now" };
  }
}
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("#copy");
  const label = parentElement.querySelector("#label");
  button.onclick = async () => {
    const url = new URL(window.location.href);
    for (const [name, value] of Object.entries(data.params)) url.searchParams.set(name, value);
    for (const name of data.without) url.searchParams.delete(name);
    url.hash = "";
    let text = url.href;
    let said = "Link copied";
    if (text.length > data.long) {
      const short = await shortened(url, data);
      if (short.text) text = short.text;
      else if (text.length > data.most) {
        label.textContent = "Too long to link";
        button.title = short.error;
        return;
      }
      if (short.text) said = "Short link copied";
    }
    label.textContent = (await copy(text)) ? said : "Copy the address bar";
    setTimeout(() => { label.textContent = "Copy link"; }, 2000);
  };
}
"""

_component = st.components.v2.component("faultline_copy_link", html=_HTML, css=_CSS, js=_JS)


def copy_link(mark: RunMark | None, *, key: str = "copy_link") -> None:
    """Draw the button; the header has one on every page, and what covers the header needs its own.

    Args:
        mark: Of the run that is shown; None where none is.
        key: Streamlit key, unique on the page.
    """
    params = {PARAMETER: str(VERSION)} | ({} if mark is None else {MARK: str(mark)})
    where = {"route": f"{prefix()}/api/links", "long": LONG, "most": LONGEST_ADDRESS}
    _component(key=key, width="content", height="content", data={"params": params, "without": [MOVED], **where})
