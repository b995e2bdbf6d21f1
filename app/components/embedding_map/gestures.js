// Pointers on the stage: one drags or draws by the tool, two pinch, a short touch clicks.

const NEARBY = 4 // pixels that a click may move

class Gestures {
  // `on`: move(dx, dy), pinch(at, factor, dx, dy), outline(points), drawn(points, how), click(at), hover(at or null).
  constructor(stage, on) {
    Object.assign(this, { stage, on, tool: "pan", pointers: new Map() })
    stage.onpointerdown = event => this.press(event)
    stage.onpointermove = event => this.move(event)
    stage.onpointerup = event => this.release(event)
    stage.onpointercancel = event => this.cancel(event)
    stage.onpointerleave = () => on.hover(null)
  }

  place(event) {
    const box = this.stage.getBoundingClientRect()
    return [event.clientX - box.left - this.stage.clientLeft, event.clientY - box.top - this.stage.clientTop]
  }

  press(event) {
    if (event.button !== 0) return
    this.stage.focus({ preventScroll: true })
    this.stage.setPointerCapture(event.pointerId)
    this.pointers.set(event.pointerId, this.place(event))
    this.on.hover(null)
    if (this.pointers.size > 1) return this.abandon("pinch")
    this.how = event.shiftKey ? "add" : event.altKey ? "take" : "new"
    this.gesture = this.how !== "new" && this.tool === "pan" ? "lasso" : this.tool
    this.start = this.place(event)
    this.points = [this.start]
    this.far = false
  }

  move(event) {
    const at = this.place(event)
    const before = this.pointers.get(event.pointerId)
    if (!before) return event.pointerType === "mouse" && this.on.hover(at)
    if (this.gesture === "pinch") return this.pinch(event.pointerId, at)
    this.pointers.set(event.pointerId, at)
    this.far ||= Math.hypot(at[0] - this.start[0], at[1] - this.start[1]) > NEARBY
    if (this.gesture === "pan") this.on.move(at[0] - before[0], at[1] - before[1])
    if (this.gesture === "lasso") this.points.push(at)
    if (this.gesture === "box") this.points = boxCorners(this.start, at)
    if (this.gesture === "lasso" || this.gesture === "box") this.on.outline(this.points)
  }

  pinch(id, at) {
    const [first, second] = [...this.pointers.values()]
    this.pointers.set(id, at)
    const [first2, second2] = [...this.pointers.values()]
    const apart = (a, b) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]))
    const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
    const [from, to] = [middle(first, second), middle(first2, second2)]
    this.on.pinch(to, apart(first2, second2) / apart(first, second), to[0] - from[0], to[1] - from[1])
  }

  release(event) {
    if (!this.pointers.delete(event.pointerId) || !this.gesture) return
    const { gesture, points, how, far } = this
    if (gesture === "pinch") {
      if (!this.pointers.size) this.gesture = null // a finger left over draws nothing
      return
    }
    this.abandon(null)
    if (!far) this.on.click(this.place(event))
    else if (gesture !== "pan") this.on.drawn(points, how)
  }

  cancel(event) {
    this.pointers.delete(event.pointerId)
    this.abandon(null)
  }

  abandon(gesture) {
    this.gesture = gesture
    this.points = []
    this.on.outline([])
  }
}
