// The map: what is loaded, selected, marked and seen, and how it gets onto the screen.

const maps = new WeakMap() // root element → EmbeddingMap, kept while Python sends new data
const CATEGORY = 63 // bits of a code byte
const FILTERED = 64
const TORN = 128
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }
const KEYS = {
  g: "pan", s: "lasso", b: "box", "+": "in", "=": "in", "-": "out", 0: "reset", v: "view", t: "torn", Escape: "escape", Enter: "open",
}

class EmbeddingMap {
  constructor(root) {
    this.root = root
    this.stage = root.querySelector(".stage")
    this.tip = new Tip(root.querySelector(".tip"), this.stage)
    this.renderer = rendererOn(root.querySelector(".points"))
    this.renderer.onrestore = this.renderer.onload = () => this.draw()
    this.renderer.onerror = () => this.say("The picture of the points could not be loaded. Reload the page.")
    this.hasPoints = this.renderer instanceof WebGLPoints
    this.overlay = root.querySelector(".overlay")
    this.camera = new Camera([0, 0, 1, 1])
    this.address = new ViewInAddress()
    this.legend = new Legend(root.querySelector(".legend"), () => this.draw(), code => this.emphasise(code))
    this.gestures = new Gestures(this.stage, this.gestured())
    this.marked = -1 // the point under the pointer or the keyboard's cursor
    this.lines = [] // its nearest in embedding space
    this.drawn = [] // outline under the pointer, in screen pixels
    this.area = [] // the selection: outlines in data coordinates
    this.fadeTorn = false
    this.emphasised = null
    this.resizing = new ResizeObserver(() => this.resize())
    this.resizing.observe(this.stage)
    this.listen()
    this.use("pan")
  }

  // --- data ---

  async update(component) {
    this.fire = component.setTriggerValue
    const before = this.data
    const data = (this.data = component.data)
    this.root.style.setProperty("--map-height", `${data.height}px`)
    this.root.querySelector("[data-act=torn]").hidden = !data.has_trust
    this.legend.draw(data.categories, data.note)
    if (String(before?.bounds) !== String(data.bounds)) this.see(data.bounds)
    const isNewArea = JSON.stringify(data.area) !== JSON.stringify(before?.area)
    if (isNewArea) this.area = data.area
    if (before) this.address.keep(this.camera) // Python may have written an address that does not know it
    if (!this.hasPoints) return this.withoutPoints()
    const wanted = `${data.points} ${data.codes}`
    if (wanted !== this.loaded) await this.load(wanted, data)
    else if (isNewArea) this.chooseLooks()
    return this.draw()
  }

  async load(wanted, data) {
    this.say("Loading points …")
    try {
      const samePoints = this.xy && this.loaded?.split(" ")[0] === data.points
      const [xy, bytes] = await Promise.all([samePoints ? this.xy : load(data.points, Float32Array), load(data.codes, Uint8Array)])
      if (`${this.data.points} ${this.data.codes}` !== wanted) return // newer data came meanwhile
      if (xy.length !== 2 * bytes.length) throw new Error(`${xy.length / 2} places, but ${bytes.length} colours`)
      if (!samePoints) this.setPoints(xy)
      this.bytes = bytes
      this.codes = bytes.map(byte => byte & CATEGORY)
      if (this.loaded) this.legend.hidden.clear()
      this.legend.draw(this.data.categories, this.data.note)
      this.loaded = wanted
      this.chooseLooks()
      this.resize()
    } catch (error) {
      this.say(`The points could not be loaded (${error.message}). Reload the page.`)
    }
  }

  setPoints(xy) {
    this.xy = xy
    this.renderer.setPositions(xy)
    this.nearest = null
    const idle = window.requestIdleCallback ?? (task => setTimeout(task, 200))
    idle(() => this.near()) // for hovering; not on the way to the first picture
  }

  near() {
    return (this.nearest ??= new NearestPoint(this.xy, this.data.bounds))
  }

  withoutPoints() {
    this.root.dataset.renderer = "density"
    this.say("This browser has no WebGL 2: a picture of how dense the points lie. Lasso and box select.")
    this.resize()
  }

  see(bounds) {
    this.camera.bounds = bounds
    this.camera.reset()
    this.pending = viewInAddress() // shown as soon as the stage has a size
  }

  // Faint is what the filter leaves out, what lies outside the selection and, if asked for, what the map misplaces.
  chooseLooks() {
    const selected = this.area.length ? selectedBy(this.xy, this.area) : null
    const mask = FILTERED | (this.fadeTorn ? TORN : 0)
    const faint = new Uint8Array(this.codes.length)
    let count = 0
    for (let i = 0; i < faint.length; i += 1) {
      const isOut = this.bytes[i] & mask || (selected && !selected[i])
      if (isOut) faint[i] = 1
      if (selected?.[i] && !(this.bytes[i] & FILTERED)) count += 1
    }
    this.faint = faint
    this.renderer.setLooks(this.codes, faint)
    const all = this.codes.length.toLocaleString("en")
    const chosen = selected ? `${count.toLocaleString("en")} selected` : ""
    this.say(chosen)
    this.stage.setAttribute("aria-label", `Embedding map of ${all} samples; ${chosen || "nothing selected"}. Arrow keys walk from point to point, Enter opens one, plus and minus zoom.`)
  }

  say(words) {
    this.root.querySelector(".state").textContent = words
  }

  // --- drawing ---

  resize() {
    const ratio = (this.ratio = window.devicePixelRatio || 1)
    const { clientWidth, clientHeight } = this.stage
    this.camera.width = Math.max(1, clientWidth)
    this.camera.height = Math.max(1, clientHeight)
    if (this.pending && clientWidth) {
      this.camera.show(this.pending)
      this.pending = null
    }
    for (const canvas of this.root.querySelectorAll("canvas")) {
      canvas.width = Math.round(clientWidth * ratio)
      canvas.height = Math.round(clientHeight * ratio)
    }
    this.draw()
  }

  // A million points take long by software: what moves over them is drawn without them.
  drawAbove() {
    this.draw(false)
  }

  draw(points = true) {
    this.stale ||= points
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => {
      if (!this.stage.clientWidth || (this.hasPoints && !this.codes)) return
      if (this.stale) this.renderer.draw(this.camera, this.shownCategories(), this.ratio, this.data.density)
      this.stale = false
      this.drawOverlay()
      this.root.dataset.ready = String(this.data.count)
    })
  }

  shownCategories() {
    return this.data.categories.map(category => {
      const isFaded = this.emphasised !== null && category.code !== this.emphasised
      const alpha = this.legend.hidden.has(category.code) ? 0 : isFaded ? 0.06 : category.alpha
      return { ...category, alpha }
    })
  }

  drawOverlay() {
    const overlay = new Overlay(this.overlay, this.ratio, getComputedStyle(this.stage))
    const onScreen = corners => corners.map(([x, y]) => this.camera.toScreen(x, y))
    this.area.forEach(({ corners, keep }) => overlay.outline(onScreen(corners), keep))
    overlay.outline(this.drawn, this.gestures.how !== "take")
    for (const { x, y, name } of this.data.labels) {
      const [px, py] = this.camera.toScreen(x, y)
      overlay.name(name, [px, py - 20]) // above its points, not on them
    }
    if (this.marked < 0) return
    const placed = this.lines.filter(index => Number.isFinite(this.xy[2 * index]))
    overlay.lines(this.screenPlace(this.marked), placed.map(index => this.screenPlace(index)))
    overlay.ring(this.screenPlace(this.marked))
  }

  screenPlace(index) {
    return this.camera.toScreen(this.xy[2 * index], this.xy[2 * index + 1])
  }

  emphasise(code) {
    this.emphasised = code
    this.draw()
  }

  // --- what a person does ---

  listen() {
    this.root.querySelectorAll("[data-tool]").forEach(button => (button.onclick = () => this.use(button.dataset.tool)))
    this.root.querySelectorAll("[data-act]").forEach(button => (button.onclick = () => this.act(button.dataset.act)))
    this.stage.onkeydown = event => this.key(event)
    this.stage.addEventListener("wheel", event => {
      const focused = this.root.getRootNode().activeElement === this.stage
      if (!focused && !event.ctrlKey) return // the page scrolls on until the map is clicked
      event.preventDefault()
      this.moved(() => this.camera.zoomAt(...this.gestures.place(event), Math.exp(-event.deltaY * 0.0015)))
    }, { passive: false })
    this.back = () => this.data && this.showAddress()
    window.addEventListener("popstate", this.back)
  }

  gestured() {
    return {
      move: (dx, dy) => this.moved(() => this.camera.pan(dx, dy)),
      pinch: (at, factor, dx, dy) => this.moved(() => (this.camera.pan(dx, dy), this.camera.zoomAt(...at, factor))),
      outline: points => ((this.drawn = points), this.drawAbove()),
      drawn: (points, how) => points.length > 2 && areaOf(points) > 25 && this.select(fewCorners(points), how),
      click: at => this.open(this.at(at)),
      hover: at => this.mark(at ? this.at(at) : -1),
    }
  }

  moved(change) {
    change()
    if (this.marked >= 0) this.mark(-1)
    this.address.keep(this.camera)
    this.draw()
  }

  showAddress() {
    const box = viewInAddress()
    if (box) this.camera.show(box)
    else this.camera.reset()
    this.draw()
  }

  use(tool) {
    this.gestures.tool = tool
    this.stage.classList.remove("pan", "lasso", "box")
    this.stage.classList.add(tool)
    this.root.querySelectorAll("[data-tool]").forEach(button => button.setAttribute("aria-pressed", String(button.dataset.tool === tool)))
  }

  act(act) {
    const [x, y] = [this.camera.width / 2, this.camera.height / 2]
    if (act === "in") this.moved(() => this.camera.zoomAt(x, y, 1.5))
    if (act === "out") this.moved(() => this.camera.zoomAt(x, y, 1 / 1.5))
    if (act === "reset") this.moved(() => this.camera.reset())
    if (act === "view") this.select(boxCorners([0, 0], [this.camera.width, this.camera.height]), "new")
    if (act === "clear") this.choose([])
    if (act === "torn") this.toggleTorn()
    if (act === "open") this.open(this.marked)
    if (act === "escape") this.marked >= 0 ? this.mark(-1) : this.choose([])
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    const arrow = ARROWS[event.key]
    if (arrow && event.shiftKey) this.moved(() => this.camera.pan(-40 * arrow[0], 40 * arrow[1]))
    else if (arrow) this.walk(arrow)
    else if (["pan", "lasso", "box"].includes(act)) this.use(act)
    else if (act) this.act(act)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  // --- selecting ---

  select(points, how) {
    const scale = this.camera.scale
    const corners = points.map(([x, y]) => this.camera.toData(x, y).map(value => rounded(value, scale)))
    const before = how === "new" ? [] : this.area
    if (how === "take" && !before.length) return this.say("There is no selection to take away from.")
    if (before.length >= MOST_OUTLINES) return this.say(`A selection has at most ${MOST_OUTLINES} outlines: clear it first.`)
    return this.choose([...before, { corners, keep: how !== "take" }])
  }

  choose(area) {
    if (!area.length && !this.area.length) return
    this.area = area // shown at once; Python sends it back
    this.data.area = area
    this.fire("drawn", { area })
    if (this.hasPoints && this.codes) this.chooseLooks()
    this.draw()
  }

  toggleTorn() {
    this.fadeTorn = !this.fadeTorn
    this.root.querySelector("[data-act=torn]").setAttribute("aria-pressed", String(this.fadeTorn))
    if (this.codes) this.chooseLooks()
    this.draw()
  }

  // --- single points ---

  counts(index) {
    return !this.legend.hidden.has(this.codes[index]) && !(this.bytes[index] & FILTERED)
  }

  at([px, py]) {
    if (!this.codes) return -1
    const [x, y] = this.camera.toData(px, py)
    return this.near().find(x, y, 9 / this.camera.scale, index => this.counts(index))
  }

  // The keyboard's cursor: from the middle of what is seen, then from point to point.
  walk(direction) {
    if (!this.codes) return
    const counts = index => this.counts(index)
    const next = this.marked < 0 ? this.near().anywhere(this.camera.x, this.camera.y, counts) : this.near().toward(this.marked, direction, counts)
    if (next < 0) return
    const [x, y] = [this.xy[2 * next], this.xy[2 * next + 1]]
    const [px, py] = this.camera.toScreen(x, y)
    if (px < 20 || py < 20 || px > this.camera.width - 20 || py > this.camera.height - 20) {
      Object.assign(this.camera, { x, y })
      this.address.keep(this.camera)
      this.draw()
    }
    this.mark(next)
  }

  mark(index) {
    if (index === this.marked) return
    this.marked = index
    this.lines = []
    this.tip.hide()
    if (index >= 0) {
      this.tip.explain(index, this.screenPlace(index), this.data, ({ text, neighbours }) => {
        this.lines = neighbours
        this.root.querySelector(".spoken").textContent = text
        this.drawAbove()
      })
    }
    this.drawAbove()
  }

  open(index) {
    if (index >= 0) this.fire("opened", index)
  }

  remove() {
    this.resizing.disconnect()
    window.removeEventListener("popstate", this.back)
    cancelAnimationFrame(this.frame)
    this.address.stop()
    this.tip.hide()
    maps.delete(this.root)
  }
}

async function load(address, Kind) {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  return new Kind(await answer.arrayBuffer())
}

export default function (component) {
  const root = component.parentElement.querySelector(".map")
  if (!maps.has(root)) maps.set(root, new EmbeddingMap(root))
  const map = maps.get(root)
  map.update(component)
  return () => map.remove()
}
