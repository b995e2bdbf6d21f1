// Near is less than a third of a screen away. Reports of several places that reach the frontend together would be
// merged into one fragment's, so they leave one after the other, and again where Python seems not to have heard.
//
// Each report also says which page the frontend shows. Sent after a person asked for another page and before that is
// there, the server merges it with that wish, and the page of the later one wins: the click, or Back, would be lost. So
// the places of a page that is being left are silent.
//
// What a person does within the same moment is merged, too: the frontend sends all changes of one task together, as one
// fragment's, and the click's own part of the page is not drawn. So a report waits until a person is still and the
// frontend idle; and where a click came between after all, Python is told that it may have missed one.
const NEAR = 300 // pixels
const APART = 60 // milliseconds
const AGAIN = 3000
const HELD = 200
const IDLE = 500 // the longest wait for an idle frontend
const ACTS = ["pointerdown", "pointerup", "click", "keydown", "input", "change", "focusout"]
const ANSWERED = 1000 // a wish within the page: its run has long begun
const FORGOTTEN = 5000 // a wish for another page that never came, such as a link that opened elsewhere
const states = new WeakMap() // place → { near, known, page }: what is seen here, and what Python knows
const wish = { from: null, to: null, at: -Infinity } // the page that a person asked for last, by a link or by Back
let shown = null // the page that Python drew last
let free = 0
let sent = -Infinity // when the last report left: one idle moment may call several
let acted = -Infinity // when a person last did what a widget may hear

const named = path => path.replace(/\/+$/, "").split("/").pop() // "" is the first page, also below a prefix
const addressed = () => named(location.pathname)
const ask = (from, to) => Object.assign(wish, { from, to, at: performance.now() })

function isLeaving(page) {
  const since = performance.now() - wish.at
  if (since >= FORGOTTEN) return false
  if (page !== addressed()) return true
  if (page !== wish.to) return page === wish.from // a click changes the address only once it is answered
  return page === wish.from && since < ANSWERED
}

function whenIdle(act) {
  if (window.requestIdleCallback) requestIdleCallback(act, { timeout: IDLE })
  else setTimeout(act)
}

function report(place, state, tell) {
  if (!place.isConnected || state.near === state.known) return
  const now = performance.now()
  free = Math.max(free, now) + APART
  setTimeout(() => whenIdle(() => {
    if (!place.isConnected || state.near === state.known) return
    const start = performance.now()
    if (isLeaving(state.page) || start - acted < HELD || start - sent < APART) {
      setTimeout(() => report(place, state, tell), HELD)
      return
    }
    sent = start
    tell.state("near", state.near)
    // Timers without delay run in order: the frontend's, which sends, has run when this one does.
    setTimeout(() => { if (acted >= start && !isLeaving(state.page)) tell.trigger("missed", true) })
    setTimeout(() => report(place, state, tell), AGAIN)
  }), free - now - APART)
}

ACTS.forEach(act => window.addEventListener(act, () => { acted = performance.now() }, { capture: true }))
window.addEventListener("popstate", () => ask(shown, addressed()), { capture: true })
window.addEventListener("click", event => {
  const link = event.composedPath().find(node => node.localName === "a" && node.href)
  const elsewhere = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
  if (link && !elsewhere && link.origin === location.origin && !link.download) ask(addressed(), named(link.pathname))
}, { capture: true })

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const place = parentElement.querySelector("div")
  place.style.height = `${data.height}px`
  const state = states.get(place) ?? { near: false }
  state.known = data.near
  state.page = shown = data.page
  if (states.has(place)) return
  states.set(place, state)
  // The page scrolls within an element of its own; margins count for the observer's root only.
  const root = document.querySelector("[data-testid=stMain]")
  const observer = new IntersectionObserver(
    entries => {
      state.near = entries.at(-1).isIntersecting
      report(place, state, { state: setStateValue, trigger: setTriggerValue })
    },
    { root, rootMargin: `${NEAR}px 0px` },
  )
  observer.observe(place)
  return () => {
    observer.disconnect()
    states.delete(place)
  }
}
