// Words that stand in a box and are not saved: the tab keeps them while other pages are looked at and over a reload, and
// asks before it is closed. The server cannot: a form tells it nothing before it is sent, and a box outside of a form
// tells it at the very moment when the page is left, which cuts the next page off.
const BOXES = "__faultlineUnsaved";
const PREFIX = "faultline-unsaved:";

const boxOf = (field) => document.querySelector(`.st-key-${CSS.escape(field)} :is(textarea, input)`);

function put(box, text) {
  // Past React's own property, or it would not notice.
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "value").set.call(box, text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function forgetAll(field, but) {
  const old = Object.keys(sessionStorage).filter((key) => key.startsWith(`${PREFIX}${field}:`) && key !== but);
  for (const key of old) sessionStorage.removeItem(key);
}

function keep(boxes, { field, saved, version }) {
  const box = boxOf(field);
  if (!box) return false;
  const key = `${PREFIX}${field}:${version}`;
  const isNew = !boxes.has(box);
  boxes.set(box, { key, saved });
  if (isNew) {
    const kept = sessionStorage.getItem(key);
    forgetAll(field, key);
    if (kept !== null && kept !== box.value) put(box, kept);
    box.addEventListener("input", () => sessionStorage.setItem(boxes.get(box).key, box.value));
  }
  return true;
}

export default function ({ data }) {
  const boxes = (window[BOXES] ??= new Map());
  if (!boxes.isWatched) {
    boxes.isWatched = true;
    window.addEventListener("beforeunload", (event) => {
      for (const [box, { saved }] of boxes) if (box.isConnected && box.value !== saved) event.preventDefault();
    });
    document.addEventListener("click", ({ target }) => {
      // Saved words are the server's now, and those of a cancelled draft nobody's.
      const button = target.closest?.("[class*=_cancel_], [class*=_keep_theirs_], [class*=_save_]");
      const card = button?.closest("[class*=_card_]");
      for (const [box, { key }] of boxes) if (card?.contains(box)) sessionStorage.removeItem(key);
    }, { capture: true });
  }
  for (const box of boxes.keys()) if (!box.isConnected) boxes.delete(box);
  const watch = (left) => {
    if (!data.fields.every((field) => keep(boxes, field)) && left) requestAnimationFrame(() => watch(left - 1));
  };
  watch(60);
}
