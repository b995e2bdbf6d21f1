// One tile a picture. All text is set as textContent: names are data, never markup.

const focused = new WeakMap() // root element → sample id that the keyboard is on

function text(className, value) {
  const element = document.createElement("div")
  element.className = className
  element.textContent = value
  element.title = value
  return element
}

function picture(tile) {
  const image = document.createElement("img")
  image.className = "picture"
  image.loading = "lazy"
  image.decoding = "async"
  image.alt = tile.title
  image.onload = () => image.classList.toggle("small", image.naturalWidth < 64)
  image.onerror = () => image.replaceWith(text("missing", "no picture"))
  image.src = tile.source
  return image
}

function mark(correct) {
  const element = text(correct ? "mark correct" : "mark wrong", correct ? "✓" : "✗")
  element.title = correct ? "correct" : "wrong"
  return element
}

function build(tile, data) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "tile"
  button.setAttribute("role", "option")
  button.dataset.sample = String(tile.sample_id)
  button.setAttribute("aria-selected", String(tile.sample_id === data.selected))
  button.classList.toggle("selected", tile.sample_id === data.selected)
  button.append(picture(tile))
  const words = document.createElement("div")
  words.className = "text"
  words.append(text("title", tile.title))
  if (tile.subtitle) words.append(text("subtitle", tile.subtitle))
  button.append(words)
  if (tile.badge) button.append(text("badge", tile.badge))
  if (tile.correct !== null && tile.correct !== undefined) button.append(mark(tile.correct))
  return button
}

function columnsOf(tiles) {
  const top = tiles[0].offsetTop
  const next = tiles.findIndex(tile => tile.offsetTop !== top)
  return next === -1 ? tiles.length : next
}

function target(key, at, tiles) {
  const last = tiles.length - 1
  const steps = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + columnsOf(tiles),
    ArrowUp: at - columnsOf(tiles),
    Home: 0,
    End: last,
  }
  return key in steps ? Math.min(last, Math.max(0, steps[key])) : null
}

// While a drawer lies over this gallery the keys belong to the drawer, even before the focus has moved into it.
function isBehindDrawer(root) {
  const drawer = document.querySelector('[role="dialog"]')
  const node = root.getRootNode()
  return drawer !== null && !drawer.contains(node instanceof ShadowRoot ? node.host : root)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gallery")
  root.style.setProperty("--tile-size", `${data.size}px`)
  root.setAttribute("aria-label", data.label)
  const shown = JSON.stringify(data)
  if (root.dataset.shown !== shown) {
    const hadFocus = root.contains(root.getRootNode().activeElement)
    root.dataset.shown = shown
    root.replaceChildren(...data.tiles.map(tile => build(tile, data)))
    if (hadFocus) root.querySelector(`[data-sample="${focused.get(root)}"]`)?.focus()
  }
  const tiles = [...root.children]
  const open = tile => setTriggerValue("opened", Number(tile.dataset.sample))

  const reachable = tile => {
    tiles.forEach(other => (other.tabIndex = other === tile ? 0 : -1))
    focused.set(root, tile.dataset.sample)
  }
  if (tiles.length) reachable(tiles.find(tile => tile.classList.contains("selected")) ?? tiles[0])

  root.onclick = event => {
    const tile = event.target.closest(".tile")
    if (!tile) return
    reachable(tile)
    open(tile) // Enter and Space arrive here too: a tile is a button
  }
  root.onkeydown = event => {
    if (isBehindDrawer(root)) return
    const at = tiles.indexOf(event.target.closest(".tile"))
    const next = at < 0 ? null : target(event.key, at, tiles)
    if (next === null) return
    event.preventDefault()
    event.stopPropagation() // the page has shortcuts on the same keys
    reachable(tiles[next])
    tiles[next].focus()
    tiles[next].scrollIntoView({ block: "nearest" })
  }
}
