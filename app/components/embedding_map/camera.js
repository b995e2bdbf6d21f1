// Camera: which part of the data plane is seen. Data y points up, screen y points down.

class Camera {
  constructor(bounds) {
    this.bounds = bounds
    this.width = this.height = 1
    this.reset()
  }

  reset() {
    const [left, bottom, right, top] = this.bounds
    this.x = (left + right) / 2
    this.y = (bottom + top) / 2
    this.zoom = 1
  }

  get isWhole() {
    const [left, bottom, right, top] = this.bounds
    return this.zoom === 1 && this.x === (left + right) / 2 && this.y === (bottom + top) / 2
  }

  // Pixels per data unit that show all of `box`: one scale for both axes, for distances to look alike in every direction.
  fitting([left, bottom, right, top]) {
    return Math.min(this.width / Math.max(right - left, 1e-9), this.height / Math.max(top - bottom, 1e-9))
  }

  get scale() {
    return this.zoom * 0.92 * this.fitting(this.bounds)
  }

  // What is seen: left, bottom, right, top.
  get box() {
    const [left, top] = this.toData(0, 0)
    const [right, bottom] = this.toData(this.width, this.height)
    return [left, bottom, right, top]
  }

  show(box) {
    const [left, bottom, right, top] = box
    this.x = (left + right) / 2
    this.y = (bottom + top) / 2
    this.zoom = held(this.fitting(box) / (0.92 * this.fitting(this.bounds)))
  }

  toScreen(x, y) {
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale]
  }

  toData(px, py) {
    return [this.x + (px - this.width / 2) / this.scale, this.y - (py - this.height / 2) / this.scale]
  }

  pan(dx, dy) {
    this.x -= dx / this.scale
    this.y += dy / this.scale
  }

  zoomAt(px, py, factor) {
    const [x, y] = this.toData(px, py)
    this.zoom = held(this.zoom * factor)
    const [x2, y2] = this.toData(px, py)
    this.x += x - x2
    this.y += y - y2
  }
}

function held(zoom) {
  return Math.min(2000, Math.max(0.5, zoom || 1))
}

// Data coordinates with as many decimals as a third of a pixel needs: short in a link, and the same for whoever reads it.
function rounded(value, scale) {
  const decimals = Math.min(12, Math.max(0, Math.ceil(Math.log10(3 * scale))))
  return Number(Number(value.toFixed(decimals)).toPrecision(7))
}
