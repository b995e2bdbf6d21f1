// The map: gestures, hover, legend. Points arrive once by address; afterwards only outlines and clicks travel.

const maps = new WeakMap() // root element → EmbeddingMap, kept while Python sends new data

class EmbeddingMap {
  constructor(root) {
    this.root = root
    this.stage = root.querySelector(".stage")
    this.tip = new Tip(root.querySelector(".tip"), this.stage)
    this.points = pointsOn(root.querySelector(".points"))
    this.canvas = root.querySelector(".points")
    this.overlay = root.querySelector(".overlay")
    this.camera = new Camera([0, 0, 1, 1])
    this.tool = "pan"
    this.marked = -1 // the point under the pointer
    this.hidden = new Set()
    this.drawn = [] // outline under the pointer, in screen pixels
    this.resizing = new ResizeObserver(() => this.resize())
    this.resizing.observe(this.stage)
    this.listen()
    this.useTool("pan")
  }

  // --- data ---

  async update(component) {
    this.fire = component.setTriggerValue
    const data = (this.data = component.data)
    this.root.style.setProperty("--map-height", `${data.height}px`)
    this.drawLegend()
    const wanted = `${data.points} ${data.codes}`
    if (wanted === this.loaded) return this.draw()
    this.say("Loading points …")
    try {
      const samePoints = this.xy && this.loaded?.split(" ")[0] === data.points
      const [xy, codes] = await Promise.all([samePoints ? this.xy : load(data.points, Float32Array), load(data.codes, Uint8Array)])
      if (`${this.data.points} ${this.data.codes}` !== wanted) return undefined // newer data came meanwhile
      if (xy.length !== 2 * codes.length) throw new Error(`${xy.length / 2} places, but ${codes.length} colours`)
      if (!samePoints) this.setPoints(xy)
      this.codes = codes
      this.points.setCodes(codes)
      this.loaded = wanted
      this.hidden.clear()
      this.drawLegend()
      this.resize()
      this.say("")
    } catch (error) {
      this.say(`The points could not be loaded (${error.message}). Reload the page.`)
    }
    return undefined
  }

  setPoints(xy) {
    this.xy = xy
    const bounds = boundsOf(xy)
    this.points.setPositions(xy)
    this.camera.bounds = bounds
    this.camera.reset()
    this.nearest = new NearestPoint(xy, bounds)
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
    for (const canvas of this.root.querySelectorAll("canvas")) {
      canvas.width = Math.round(clientWidth * ratio)
      canvas.height = Math.round(clientHeight * ratio)
    }
    this.draw()
  }

  draw() {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => {
      if (!this.codes || !this.stage.clientWidth) return
      this.points.draw(this.camera, this.palette(), this.ratio)
      this.drawOverlay()
      this.root.dataset.ready = String(this.codes.length)
    })
  }

  palette() {
    const colours = Array.from({ length: 64 }, () => [0, 0, 0, 0])
    this.data.categories.forEach(({ code, colour, alpha }) => {
      colours[code] = rgba(colour, this.hidden.has(code) ? 0 : alpha)
    })
    return colours
  }

  drawOverlay() {
    const style = getComputedStyle(this.stage)
    const chosen = (this.data.polygon ?? []).map(([x, y]) => this.camera.toScreen(x, y))
    const overlay = new Overlay(this.overlay, this.ratio, style)
    overlay.outline(this.drawn.length ? this.drawn : chosen)
    if (this.marked >= 0) overlay.ring(this.screenPlace(this.marked))
    for (const { x, y, name } of this.data.labels) {
      const [px, py] = this.camera.toScreen(x, y)
      overlay.name(name, [px, py - 20]) // above its points, not on them
    }
  }

  screenPlace(index) {
    return this.camera.toScreen(this.xy[2 * index], this.xy[2 * index + 1])
  }

  drawLegend() {
    const listed = this.data.categories.filter(category => category.legend)
    drawLegend(this.root.querySelector(".legend"), listed, this.hidden, () => this.draw())
  }

  // --- gestures ---

  listen() {
    this.root.querySelectorAll("[data-tool]").forEach(button => (button.onclick = () => this.useTool(button.dataset.tool)))
    this.root.querySelectorAll("[data-act]").forEach(button => (button.onclick = () => this.act(button.dataset.act)))
    this.stage.onpointerdown = event => this.press(event)
    this.stage.onpointermove = event => this.move(event)
    this.stage.onpointerup = event => this.release(event)
    this.stage.onpointercancel = () => this.cancel()
    this.stage.onpointerleave = () => this.hover(-1)
    this.stage.onkeydown = event => this.key(event)
    this.stage.addEventListener("wheel", event => {
      const focused = this.root.getRootNode().activeElement === this.stage
      if (!focused && !event.ctrlKey) return // the page scrolls on until the map is clicked
      event.preventDefault()
      this.camera.zoomAt(...this.place(event), Math.exp(-event.deltaY * 0.0015))
      this.draw()
    }, { passive: false })
    this.canvas.addEventListener("webglcontextlost", event => event.preventDefault())
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.points.prepare()
      this.points.setPositions(this.xy)
      this.points.setCodes(this.codes)
      this.draw()
    })
  }

  place(event) {
    const box = this.stage.getBoundingClientRect()
    return [event.clientX - box.left - this.stage.clientLeft, event.clientY - box.top - this.stage.clientTop]
  }

  useTool(tool) {
    this.tool = tool
    this.stage.classList.remove("pan", "lasso", "box")
    this.stage.classList.add(tool)
    this.root.querySelectorAll("[data-tool]").forEach(button => button.setAttribute("aria-pressed", String(button.dataset.tool === tool)))
  }

  act(act) {
    const [x, y] = [this.camera.width / 2, this.camera.height / 2]
    if (act === "in") this.camera.zoomAt(x, y, 1.5)
    if (act === "out") this.camera.zoomAt(x, y, 1 / 1.5)
    if (act === "reset") this.camera.reset()
    if (act === "clear") this.select(null)
    this.draw()
  }

  key(event) {
    const tools = { g: "pan", s: "lasso", b: "box" }
    const acts = { "+": "in", "=": "in", "-": "out", 0: "reset", Escape: "clear" }
    const steps = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key in tools) this.useTool(tools[event.key])
    else if (event.key in acts) this.act(acts[event.key])
    else if (event.key in steps) this.camera.pan(...steps[event.key])
    else return
    event.preventDefault()
    event.stopPropagation()
    this.draw()
  }

  press(event) {
    if (event.button !== 0) return
    this.stage.focus({ preventScroll: true })
    this.stage.setPointerCapture(event.pointerId)
    this.start = this.last = this.place(event)
    this.gesture = event.shiftKey ? "lasso" : this.tool
    this.drawn = this.gesture === "lasso" ? [this.start] : []
    this.hover(-1)
  }

  move(event) {
    const at = this.place(event)
    if (!this.gesture) return this.hover(this.at(at))
    if (this.gesture === "pan") this.camera.pan(at[0] - this.last[0], at[1] - this.last[1])
    if (this.gesture === "lasso") this.drawn.push(at)
    if (this.gesture === "box") this.drawn = boxCorners(this.start, at)
    this.last = at
    return this.draw()
  }

  release(event) {
    if (!this.gesture) return
    const at = this.place(event)
    const moved = Math.hypot(at[0] - this.start[0], at[1] - this.start[1]) > 4 || this.drawn.length > 5
    const outline = this.drawn
    this.cancel()
    if (!moved) this.click(this.at(at))
    else if (outline.length > 2 && areaOf(outline) > 25) this.select(fewCorners(outline).map(([x, y]) => this.camera.toData(x, y)))
  }

  cancel() {
    this.gesture = null
    this.drawn = []
    this.draw()
  }

  select(polygon) {
    this.data.polygon = polygon // shown at once; Python sends it back
    this.fire("drawn", { polygon })
    this.draw()
  }

  click(index) {
    if (index >= 0) this.fire("opened", index)
  }

  at([px, py]) {
    if (!this.nearest) return -1
    const [x, y] = this.camera.toData(px, py)
    return this.nearest.find(x, y, 9 / this.camera.scale, index => !this.hidden.has(this.codes[index]))
  }

  // --- hover ---

  hover(index) {
    if (index === this.marked) return
    this.marked = index
    this.tip.hide()
    if (index >= 0) this.tip.explain(index, this.screenPlace(index), this.data)
    this.draw()
  }

  remove() {
    this.resizing.disconnect()
    cancelAnimationFrame(this.frame)
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
