// The point under the pointer or the keyboard: what is said of it, and the lines to its nearest in embedding space.

class Cursor {
  // `map` has xy, codes, bytes, camera, legend, data, root, drawAbove() and moved().
  constructor(map, tip) {
    Object.assign(this, { map, tip, index: -1, lines: [] })
  }

  forget() {
    this.nearest = this.waiting = null
  }

  // For hovering, once the first picture stands: a million points take a quarter of a second.
  prepare() {
    const idle = window.requestIdleCallback ?? (task => setTimeout(task, 200))
    this.waiting ??= idle(() => this.near())
  }

  near() {
    return (this.nearest ??= new NearestPoint(this.map.xy, this.map.data.bounds))
  }

  counts(index) {
    return !this.map.legend.hidden.has(this.map.codes[index]) && !(this.map.bytes[index] & FILTERED)
  }

  at([px, py]) {
    const { camera, codes } = this.map
    if (!codes) return -1
    return this.near().find(...camera.toData(px, py), 9 / camera.scale, index => this.counts(index))
  }

  place(index = this.index) {
    const { camera, xy } = this.map
    return camera.toScreen(xy[2 * index], xy[2 * index + 1])
  }

  // From the middle of what is seen, then from point to point.
  walk(direction) {
    const { camera, codes, xy } = this.map
    if (!codes) return
    const counts = index => this.counts(index)
    const next = this.index < 0 ? this.near().anywhere(camera.x, camera.y, counts) : this.near().toward(this.index, direction, counts)
    if (next < 0) return
    const [px, py] = this.place(next)
    if (px < 20 || py < 20 || px > camera.width - 20 || py > camera.height - 20) {
      this.map.moved(() => Object.assign(camera, { x: xy[2 * next], y: xy[2 * next + 1] }))
    }
    this.mark(next)
  }

  mark(index) {
    if (index === this.index) return
    this.index = index
    this.lines = []
    this.tip.hide()
    if (index >= 0) {
      this.tip.explain(index, this.place(), this.map.data, ({ text, neighbours }) => {
        this.lines = neighbours
        this.map.root.querySelector(".spoken").textContent = text
        this.map.drawAbove()
      })
    }
    this.map.drawAbove()
  }

  drawOn(overlay) {
    if (this.index < 0) return
    const placed = this.lines.filter(index => Number.isFinite(this.map.xy[2 * index]))
    overlay.lines(this.place(), placed.map(index => this.place(index)))
    overlay.ring(this.place())
  }
}
