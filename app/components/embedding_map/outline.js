// Drawn outlines: made small enough for a link, and which points lie inside.

const MOST_CORNERS = 48
const MOST_OUTLINES = 4 // 4 × 48 corners are a link of 3 kB
const BANDS = 256

function farFromLine(point, from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const length = Math.hypot(dx, dy)
  if (length === 0) return Math.hypot(point[0] - from[0], point[1] - from[1])
  return Math.abs(dy * (point[0] - from[0]) - dx * (point[1] - from[1])) / length
}

// Ramer–Douglas–Peucker: keep the corners further than `tolerance` from the simplified line.
function simplified(points, tolerance) {
  if (points.length < 3) return points
  let [worst, at] = [0, 0]
  for (let i = 1; i < points.length - 1; i += 1) {
    const distance = farFromLine(points[i], points[0], points[points.length - 1])
    if (distance > worst) [worst, at] = [distance, i]
  }
  if (worst <= tolerance) return [points[0], points[points.length - 1]]
  return [...simplified(points.slice(0, at + 1), tolerance).slice(0, -1), ...simplified(points.slice(at), tolerance)]
}

// Screen outline → at most MOST_CORNERS corners.
function fewCorners(points) {
  let tolerance = 1
  let corners = simplified(points, tolerance)
  while (corners.length > MOST_CORNERS) corners = simplified(points, (tolerance *= 1.6))
  return corners
}

function boxCorners([x0, y0], [x1, y1]) {
  return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
}

function areaOf(points) {
  let twice = 0
  points.forEach(([x, y], i) => {
    const [x2, y2] = points[(i + 1) % points.length]
    twice += x * y2 - x2 * y
  })
  return Math.abs(twice) / 2
}

// An outline's edges by the horizontal bands they cross: a point is held against the few of its own band.
class Edges {
  constructor(corners) {
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)]
    Object.assign(this, { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) })
    this.perBand = BANDS / Math.max(this.top - this.bottom, Number.MIN_VALUE)
    const bands = Array.from({ length: BANDS }, () => [])
    corners.forEach(([x1, y1], i) => {
      const [x0, y0] = corners.at(i - 1)
      const last = this.band(Math.max(y0, y1))
      for (let band = this.band(Math.min(y0, y1)); band <= last; band += 1) bands[band].push(x1, y1, x0, y0)
    })
    this.starts = new Uint32Array(BANDS + 1)
    bands.forEach((edges, band) => (this.starts[band + 1] = this.starts[band] + edges.length))
    this.values = Float64Array.from(bands.flat())
  }

  band(y) {
    return Math.min(BANDS - 1, Math.floor((y - this.bottom) * this.perBand))
  }

  // Even-odd rule, as the server has it.
  hold(x, y) {
    if (!(x >= this.left && x <= this.right && y >= this.bottom && y <= this.top)) return false
    const { values, starts } = this
    const band = this.band(y)
    let odd = false
    for (let at = starts[band]; at < starts[band + 1]; at += 4) {
      const [y1, y0] = [values[at + 1], values[at + 3]]
      if (y0 > y !== y1 > y && x < ((values[at] - values[at + 2]) * (y - y0)) / (y1 - y0) + values[at + 2]) odd = !odd
    }
    return odd
  }
}

// One byte a point, 1 = selected. Outlines are steps: each takes in what lies inside, or takes it away.
function selectedBy(xy, outlines) {
  const selected = new Uint8Array(xy.length / 2)
  for (const { corners, keep } of outlines) {
    const edges = new Edges(corners)
    for (let i = 0; i < selected.length; i += 1) {
      if (edges.hold(xy[2 * i], xy[2 * i + 1])) selected[i] = keep ? 1 : 0
    }
  }
  return selected
}
