// One tile a picture. All text is set as textContent: names are data, never markup.

const focused = new WeakMap() // root element → { id, at }: sample that the keyboard is on, and its place
const sent = new WeakMap() // root element → what was done here, the last ones; Python takes each up once
const KEPT = 40
let number = 0 // of the last action; grows over reloads, too

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

function build(tile) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "tile"
  button.setAttribute("role", "option")
  button.dataset.sample = String(tile.sample_id)
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

function showTag(button, tag) {
  button.querySelector(".tag")?.remove()
  if (tag) button.insertBefore(text("tag", tag), button.querySelector(".text"))
}

function showChosen(button, chosen) {
  button.classList.toggle("chosen", chosen)
  button.setAttribute("aria-selected", String(chosen || button.classList.contains("selected")))
}

// Pictures that stay keep their elements: a tag or another selected sample must not load them again.
function fill(root, data) {
  const drawn = new Map([...root.children].map(button => [button.dataset.drawn, button]))
  const buttons = data.tiles.map(tile => {
    const look = JSON.stringify({ ...tile, tag: "" })
    const button = drawn.get(look) ?? build(tile)
    button.dataset.drawn = look
    button.classList.toggle("selected", tile.sample_id === data.selected)
    showTag(button, tile.tag)
    showChosen(button, button.classList.contains("chosen"))
    return button
  })
  root.replaceChildren(...buttons)
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

function drawTags(bar, data, apply) {
  bar.hidden = !data.tags
  if (!data.tags) return
  const buttons = [...Object.entries(data.tags), ["0", "clear"], ["U", "undo"]].map(([key, word]) => {
    const button = document.createElement("button")
    button.type = "button"
    button.disabled = !data.may_tag
    button.title = data.may_tag ? `Key ${key}` : "Only editors can change things here"
    button.append(text("key", key), text("word", word))
    button.onclick = () => apply(key)
    return button
  })
  bar.replaceChildren(...buttons)
}

export default function ({ data, parentElement, setTriggerValue, setStateValue }) {
  const root = parentElement.querySelector(".gallery")
  const bar = parentElement.querySelector(".tags")
  root.style.setProperty("--tile-size", `${data.size}px`)
  root.setAttribute("aria-label", data.label)
  root.setAttribute("aria-multiselectable", String(Boolean(data.tags)))
  const hadFocus = root.contains(root.getRootNode().activeElement)
  const shown = JSON.stringify(data)
  if (root.dataset.shown !== shown) {
    root.dataset.shown = shown
    fill(root, data)
  }
  const tiles = [...root.children]
  const chosen = () => tiles.filter(tile => tile.classList.contains("chosen"))
  const open = tile => setTriggerValue("opened", Number(tile.dataset.sample))

  const reachable = tile => {
    tiles.forEach(other => (other.tabIndex = other === tile ? 0 : -1))
    focused.set(root, { id: tile.dataset.sample, at: tiles.indexOf(tile) })
  }
  const current = () => {
    const last = focused.get(root)
    const same = last && tiles.find(tile => tile.dataset.sample === last.id)
    return same ?? (last && tiles[Math.min(last.at, tiles.length - 1)])
  }
  const focus = tile => {
    reachable(tile)
    tile.focus()
    tile.scrollIntoView({ block: "nearest" })
  }
  if (tiles.length) {
    const start = current() ?? tiles.find(tile => tile.classList.contains("selected")) ?? tiles[0]
    reachable(start)
    if (hadFocus) start.focus({ preventScroll: true })
  }

  const tell = action => {
    number = Math.max(number + 1, Date.now() * 1000)
    const done = [...(sent.get(root) ?? []), { ...action, number }]
    sent.set(root, done.slice(-KEPT))
    setStateValue("actions", sent.get(root))
  }
  const tag = (key, from) => {
    const samples = chosen().length ? chosen() : from ? [from] : []
    if (!samples.length) return
    const word = key === "0" ? null : data.tags[key]
    samples.forEach(tile => {
      showTag(tile, word) // at once; the server's answer confirms it
      showChosen(tile, false)
    })
    tell({ samples: samples.map(tile => Number(tile.dataset.sample)), tag: word })
    const next = tiles.indexOf(samples.at(-1)) + 1
    focus(tiles[Math.min(next, tiles.length - 1)])
  }
  const apply = key => (key === "U" ? tell({ undo: true }) : tag(key, current()))
  drawTags(bar, data, apply)

  const toggle = tile => showChosen(tile, !tile.classList.contains("chosen"))
  const range = tile => {
    const [from, to] = [tiles.indexOf(current()), tiles.indexOf(tile)].sort((a, b) => a - b)
    tiles.slice(from, to + 1).forEach(one => showChosen(one, true))
  }

  root.onclick = event => {
    const tile = event.target.closest(".tile")
    if (!tile) return
    if (data.tags && event.shiftKey) range(tile)
    else if (data.tags && (event.ctrlKey || event.metaKey)) toggle(tile)
    else open(tile) // Enter arrives here too: a tile is a button
    reachable(tile)
  }

  // True where the key meant something to the tags.
  const tagKey = (event, tile) => {
    if (!data.tags || event.altKey) return false
    const pressed = event.key.toUpperCase()
    if (event.ctrlKey || event.metaKey) {
      if (pressed !== "A") return false
      tiles.forEach(one => showChosen(one, true))
    } else if (pressed === " ") toggle(tile)
    else if (pressed === "ESCAPE" && chosen().length) chosen().forEach(one => showChosen(one, false))
    else if (data.may_tag && pressed === "U") tell({ undo: true })
    else if (data.may_tag && (pressed === "0" || pressed in data.tags)) tag(pressed, tile)
    else return false
    return true
  }

  root.onkeydown = event => {
    if (isBehindDrawer(root)) return
    const tile = event.target.closest(".tile")
    const at = tiles.indexOf(tile)
    if (at < 0) return
    const next = target(event.key, at, tiles)
    if (next === null && !tagKey(event, tile)) return
    event.preventDefault()
    event.stopPropagation() // the page has shortcuts on the same keys
    if (next === null) return
    if (data.tags && event.shiftKey) [tile, tiles[next]].forEach(one => showChosen(one, true))
    focus(tiles[next])
  }
}
