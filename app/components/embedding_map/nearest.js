// The nearest point to a place: points sorted into square cells once, then only the cells around are searched.

class NearestPoint {
  constructor(xy, bounds) {
    const count = xy.length / 2
    this.xy = xy
    this.bounds = bounds
    this.side = Math.max(1, Math.min(1024, Math.round(Math.sqrt(count / 4))))
    this.starts = new Uint32Array(this.side * this.side + 1)
    const cells = new Uint32Array(count)
    for (let i = 0; i < count; i += 1) {
      cells[i] = this.cell(xy[2 * i], xy[2 * i + 1])
      this.starts[cells[i] + 1] += 1
    }
    for (let c = 1; c < this.starts.length; c += 1) this.starts[c] += this.starts[c - 1]
    const cursor = this.starts.slice()
    this.members = new Uint32Array(count)
    for (let i = 0; i < count; i += 1) this.members[cursor[cells[i]]++] = i
  }

  column(value, axis) {
    const low = this.bounds[axis]
    const span = Math.max(this.bounds[axis + 2] - low, 1e-9)
    const at = Math.floor(((value - low) / span) * this.side)
    return Math.min(this.side - 1, Math.max(0, at || 0))
  }

  cell(x, y) {
    return this.column(y, 1) * this.side + this.column(x, 0)
  }

  // Index of the nearest visible point within `radius` (data units), or −1.
  find(x, y, radius, visible) {
    let best = -1
    let bestDistance = radius * radius
    for (let row = this.column(y - radius, 1); row <= this.column(y + radius, 1); row += 1) {
      for (let column = this.column(x - radius, 0); column <= this.column(x + radius, 0); column += 1) {
        const cell = row * this.side + column
        for (let k = this.starts[cell]; k < this.starts[cell + 1]; k += 1) {
          const i = this.members[k]
          const distance = (this.xy[2 * i] - x) ** 2 + (this.xy[2 * i + 1] - y) ** 2
          if (distance < bestDistance && visible(i)) {
            best = i
            bestDistance = distance
          }
        }
      }
    }
    return best
  }
}
