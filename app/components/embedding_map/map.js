// The map: what is loaded, selected, marked and seen, and how it gets onto the screen.

const maps = new WeakMap() // root element → EmbeddingMap, kept while Python sends new data
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }
const KEYS = {
  g: "pan", s: "lasso", b: "box", "+": "in", "=": "in", "-": "out", 0: "reset", v: "view", t: "torn", Escape: "escape", Enter: "open",
}

const CELL = 6 // pixels from the pointer to each side that a density picture tells of

class EmbeddingMap {
  constructor(root) {
    this.root = root
    this.stage = root.querySelector(".stage")
    this.cursor = new Cursor(this, new Tip(root.querySelector(".tip"), this.stage))
    this.renderer = rendererOn(root.querySelector(".points"))
    this.renderer.onrestore = this.renderer.onload = () => this.draw()
    this.renderer.onerror = () => this.say("The picture of the points could not be loaded. Reload the page.")
    this.hasPoints = this.renderer instanceof WebGLPoints
    this.overlay = root.querySelector(".overlay")
    this.camera = new Camera([0, 0, 1, 1])
    this.address = new ViewInAddress()
    this.legend = new Legend(root.querySelector(".legend"), () => this.draw(), code => this.emphasise(code))
    this.gestures = new Gestures(this.stage, this.gestured())
    this.drawn = [] // outline under the pointer, in screen pixels
    this.selection = new Selection()
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
    const isNew = name => JSON.stringify(data[name]) !== JSON.stringify(before?.[name])
    if (isNew("area")) this.selection.outlines = data.area
    if (before) this.address.keep(this.camera) // Python may have written an address that does not know it
    if (!this.hasPoints) return this.withoutPoints()
    const wanted = `${data.points} ${data.codes}`
    const isOther = wanted !== this.wanted // than what is there, or on its way
    if (isOther) this.arriving = this.load((this.wanted = wanted), data)
    await this.arriving
    if (isNew("wrong")) this.loadWrong(data.wrong)
    if (isOther || !this.codes) return
    if (isNew("area")) this.tellSelection()
    return isNew("categories") || isNew("bounds") ? this.draw() : this.drawAbove()
  }

  async load(wanted, data) {
    this.say("Loading points …")
    try {
      const samePoints = this.xy && this.loaded?.split(" ")[0] === data.points
      const [xy, bytes] = await Promise.all([samePoints ? this.xy : load(data.points, Float32Array), load(data.codes, Uint8Array)])
      if (this.wanted !== wanted) return // newer data came meanwhile
      if (xy.length !== 2 * bytes.length) throw new Error(`${xy.length / 2} places, but ${bytes.length} colours`)
      if (!samePoints) this.setPoints(xy)
      this.bytes = bytes
      this.codes = bytes.map(byte => byte & CATEGORY)
      if (this.loaded) this.legend.hidden.clear()
      this.legend.draw(this.data.categories, this.data.note)
      this.loaded = wanted
      this.chooseLooks()
      this.tellSelection()
      this.resize()
    } catch (error) {
      this.wanted = null // asked for again with the next data
      this.say(`The points could not be loaded (${error.message}). Reload the page.`)
    }
  }

  // Without them a selection has a size, and no errors until the server tells.
  async loadWrong(address) {
    this.wrong = null
    const wrong = await load(address, Uint8Array).catch(() => null)
    if (this.data.wrong !== address) return
    this.wrong = wrong
    if (this.codes) this.tellSelection()
  }

  setPoints(xy) {
    this.xy = xy
    this.renderer.setPositions(xy)
    this.cursor.forget()
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

  // Faint is what the filter leaves out and, if asked for, what the map misplaces.
  chooseLooks() {
    const mask = FILTERED | (this.fadeTorn ? TORN : 0)
    this.renderer.setLooks(this.codes, this.bytes.map(byte => (byte & mask ? 1 : 0)))
  }

  tellSelection() {
    this.selection.take(this.xy, this.bytes, this.wrong)
    const words = this.selection.words
    this.say(words)
    const all = this.codes.length.toLocaleString("en")
    this.stage.setAttribute("aria-label", `Embedding map of ${all} samples; ${words || "nothing selected"}. Arrow keys walk from point to point, Enter opens one, plus and minus zoom.`)
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
      if (this.hasPoints) this.cursor.prepare()
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
    const outlines = this.selection.outlines.map(({ corners, keep }) => ({ corners: onScreen(corners), keep }))
    overlay.veil(outlines)
    outlines.forEach(({ corners, keep }) => overlay.outline(corners, keep))
    overlay.outline(this.drawn, this.gestures.how !== "take")
    for (const { x, y, name } of this.data.labels) {
      const [px, py] = this.camera.toScreen(x, y)
      overlay.name(name, [px, py - 20]) // above its points, not on them
    }
    this.cursor.drawOn(overlay)
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
      click: at => this.open(this.hasPoints ? this.cursor.at(at) : this.inCell),
      hover: at => this.hasPoints ? this.cursor.mark(at ? this.cursor.at(at) : -1) : this.overCell(at),
    }
  }

  // Without points to look among, the server says how many lie under the pointer and shows one of them.
  overCell(at) {
    const { tip } = this.cursor
    tip.hide()
    this.inCell = -1
    if (!at) return
    const [left, top] = this.camera.toData(at[0] - CELL, at[1] - CELL)
    const [right, bottom] = this.camera.toData(at[0] + CELL, at[1] + CELL)
    const hidden = [...this.legend.hidden].join("_")
    const address = `${this.data.cell}&box=${[left, bottom, right, top].join("_")}&hide=${hidden}`
    tip.look(address, at, this.data.picture, sample => (this.inCell = sample))
  }

  moved(change) {
    change()
    this.cursor.mark(-1)
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
    if (act === "open") this.open(this.cursor.index)
    if (act === "escape") this.cursor.index >= 0 ? this.cursor.mark(-1) : this.choose([])
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    const arrow = ARROWS[event.key]
    if (arrow && event.shiftKey) this.moved(() => this.camera.pan(-40 * arrow[0], 40 * arrow[1]))
    else if (arrow) this.cursor.walk(arrow)
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
    const before = how === "new" ? [] : this.selection.outlines
    if (how === "take" && !before.length) return this.say("There is no selection to take away from.")
    if (before.length >= MOST_OUTLINES) return this.say(`A selection has at most ${MOST_OUTLINES} outlines: clear it first.`)
    return this.choose([...before, { corners, keep: how !== "take" }])
  }

  // Answered here at once, by place alone; what the server knows beyond it follows.
  choose(area) {
    if (!area.length && !this.selection.outlines.length) return
    this.selection.outlines = this.data.area = area // Python sends it back
    if (this.hasPoints && this.codes) this.tellSelection()
    this.drawAbove()
    this.fire("drawn", { area })
  }

  toggleTorn() {
    this.fadeTorn = !this.fadeTorn
    this.root.querySelector("[data-act=torn]").setAttribute("aria-pressed", String(this.fadeTorn))
    if (this.codes) this.chooseLooks()
    this.draw()
  }

  open(index) {
    if (index >= 0) this.fire("opened", index)
  }

  remove() {
    this.resizing.disconnect()
    window.removeEventListener("popstate", this.back)
    cancelAnimationFrame(this.frame)
    this.address.stop()
    this.cursor.tip.hide()
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
