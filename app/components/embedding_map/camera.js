// Camera: which part of the data plane is seen. Data y points up, screen y points down.

function boundsOf(xy) {
  const box = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < xy.length; i += 2) {
    const x = xy[i]
    const y = xy[i + 1]
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    if (x < box[0]) box[0] = x
    if (y < box[1]) box[1] = y
    if (x > box[2]) box[2] = x
    if (y > box[3]) box[3] = y
  }
  return box[0] <= box[2] ? box : [0, 0, 1, 1]
}

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

  // Pixels per data unit: one scale for both axes, for distances to look the same in every direction.
  get scale() {
    const [left, bottom, right, top] = this.bounds
    const spanX = Math.max(right - left, 1e-9)
    const spanY = Math.max(top - bottom, 1e-9)
    return this.zoom * 0.92 * Math.min(this.width / spanX, this.height / spanY)
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
    this.zoom = Math.min(2000, Math.max(0.5, this.zoom * factor))
    const [x2, y2] = this.toData(px, py)
    this.x += x - x2
    this.y += y - y2
  }
}
