// Near points: sorted into square cells once, then only the cells around a place are searched.

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

  // Index of the nearest point within `radius` (data units) that `counts`, or −1.
  find(x, y, radius, counts) {
    let best = -1
    let bestDistance = radius * radius
    for (let row = this.column(y - radius, 1); row <= this.column(y + radius, 1); row += 1) {
      for (let column = this.column(x - radius, 0); column <= this.column(x + radius, 0); column += 1) {
        const cell = row * this.side + column
        for (let k = this.starts[cell]; k < this.starts[cell + 1]; k += 1) {
          const i = this.members[k]
          const distance = (this.xy[2 * i] - x) ** 2 + (this.xy[2 * i + 1] - y) ** 2
          if (distance < bestDistance && counts(i)) {
            best = i
            bestDistance = distance
          }
        }
      }
    }
    return best
  }

  // The same, however far it is: circles that grow until one holds a point.
  anywhere(x, y, counts) {
    const [left, bottom, right, top] = this.bounds
    const far = Math.hypot(right - left, top - bottom) + Math.hypot(x - left, y - bottom) + 1e-9
    for (let radius = far / this.side; ; radius *= 2) {
      const found = this.find(x, y, radius, counts)
      if (found >= 0 || radius > far) return found
    }
  }

  // From point `from` to the nearest one in a direction, at most 45° off it; −1 where there is none.
  toward(from, [dx, dy], counts) {
    const [x, y] = [this.xy[2 * from], this.xy[2 * from + 1]]
    return this.anywhere(x, y, i => {
      const along = (this.xy[2 * i] - x) * dx + (this.xy[2 * i + 1] - y) * dy
      const across = (this.xy[2 * i] - x) * dy - (this.xy[2 * i + 1] - y) * dx
      return i !== from && along > 0 && along >= Math.abs(across) && counts(i)
    })
  }
}
