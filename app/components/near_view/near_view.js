// Near is less than a third of a screen away. Reports of several places that reach the frontend together would be
// merged into one fragment's, so they leave one after the other, and again where Python seems not to have heard.
const NEAR = 300 // pixels
const APART = 60 // milliseconds
const AGAIN = 3000
const states = new WeakMap() // place → { near, known }: what is seen here, and what Python knows
let free = 0

function report(place, state, setStateValue) {
  if (!place.isConnected || state.near === state.known) return
  const now = performance.now()
  free = Math.max(free, now) + APART
  setTimeout(() => {
    if (!place.isConnected || state.near === state.known) return
    setStateValue("near", state.near)
    setTimeout(() => report(place, state, setStateValue), AGAIN)
  }, free - now - APART)
}

export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector("div")
  place.style.height = `${data.height}px`
  const state = states.get(place) ?? { near: false }
  state.known = data.near
  if (states.has(place)) return
  states.set(place, state)
  // The page scrolls within an element of its own; margins count for the observer's root only.
  const root = document.querySelector("[data-testid=stMain]")
  const observer = new IntersectionObserver(
    entries => {
      state.near = entries.at(-1).isIntersecting
      report(place, state, setStateValue)
    },
    { root, rootMargin: `${NEAR}px 0px` },
  )
  observer.observe(place)
  return () => {
    observer.disconnect()
    states.delete(place)
  }
}
