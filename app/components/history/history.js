// Leaving a page, the frontend writes the address several times: without the page's filters, with the next page, with
// that page's filters. Each would be a step of Back, most of them views nobody saw; and after Back, writing the restored
// filters again would cut Forward off. So only the first address after something a person did becomes a new entry.
const MARK = "__faultlineHistory";

export default function () {
  if (window[MARK]) return;
  window[MARK] = true;
  // Loaded only with the first page: a quick person has clicked before.
  let acted = navigator.userActivation?.hasBeenActive ?? false;
  const act = () => { acted = true; };
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, act, { capture: true, passive: true });
  window.addEventListener("popstate", () => { acted = false; }, { capture: true });
  const push = window.history.pushState.bind(window.history);
  window.history.pushState = (state, title, address) => {
    const isNew = acted && (address == null || new URL(address, window.location.href).href !== window.location.href);
    acted = false;
    if (isNew) push(state, title, address);
    else window.history.replaceState(state, title, address);
  };
}
