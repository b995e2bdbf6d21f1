"""The Copy link button: the address in the browser is the whole state of a page, so it only has to be copied."""

import streamlit as st

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
export default function ({ parentElement }) {
  const button = parentElement.querySelector("#copy");
  const label = parentElement.querySelector("#label");
  button.onclick = async () => {
    const done = await copy(window.location.href);
    label.textContent = done ? "Link copied" : "Copy the address bar";
    setTimeout(() => { label.textContent = "Copy link"; }, 2000);
  };
}
"""

_component = st.components.v2.component("faultline_copy_link", html=_HTML, css=_CSS, js=_JS)


def copy_link() -> None:
    """Draw the button; the header has one on every page."""
    _component(key="copy_link", width="content", height="content")
