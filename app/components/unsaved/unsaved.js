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
  // As if it were left: a box that is being written in takes nothing new from the server, such as both versions joined.
  box.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}

function forgetAll(field, but) {
  const old = Object.keys(sessionStorage).filter((key) => key.startsWith(`${PREFIX}${field}:`) && key !== but);
  for (const key of old) sessionStorage.removeItem(key);
}

// Whether that is done. Words go only where the server put those they were written over: the box may not be filled yet,
// or may have been filled with others since.
function keep(boxes, { field, saved, shown, version }, mayWait) {
  const box = boxOf(field);
  if (!box) return false;
  const key = `${PREFIX}${field}:${version}`;
  if (!boxes.has(box)) {
    const kept = sessionStorage.getItem(key) ?? box.value;
    if (kept !== box.value && box.value !== shown && mayWait) return false;
    if (kept !== box.value && box.value === shown) put(box, kept);
    forgetAll(field, key);
    box.addEventListener("input", () => sessionStorage.setItem(boxes.get(box).key, box.value));
  }
  boxes.set(box, { key, saved, field });
  return true;
}

export default function ({ data }) {
  const boxes = (window[BOXES] ??= new Map());
  if (!boxes.isWatched) {
    boxes.isWatched = true;
    boxes.turn = new Map();
    window.addEventListener("beforeunload", (event) => {
      for (const [box, { saved }] of boxes) if (box.isConnected && box.value !== saved) event.preventDefault();
    });
    document.addEventListener("click", ({ target }) => {
      // Words of a cancelled draft are nobody's. Those that are sent to be saved stay until they are seen among the
      // saved ones (left_behind.js): saving may fail.
      const button = target.closest?.("[class*=_cancel_], [class*=_keep_theirs_], [class*=_save_]");
      const card = button?.closest("[class*=_card_]");
      for (const [box, { key, field }] of boxes) {
        if (!card?.contains(box)) continue;
        forgetAll(field);
        if (button.matches("[class*=_save_]")) sessionStorage.setItem(key, box.value);
      }
    }, { capture: true });
  }
  for (const box of boxes.keys()) if (!box.isConnected) boxes.delete(box);
  const watch = (left) => {
    const isDone = data.fields.map((field) => keep(boxes, field, left > 0)).every(Boolean);
    if (!isDone && left && turn === boxes.turn.get(form)) requestAnimationFrame(() => watch(left - 1));
  };
  const form = data.fields[0].field;
  const turn = (boxes.turn.get(form) ?? 0) + 1; // an older one ends
  boxes.turn.set(form, turn);
  watch(60);
}
