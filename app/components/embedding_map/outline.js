// Drawn outlines: made small enough for a link, and which points lie inside.

const MOST_CORNERS = 48
const MOST_OUTLINES = 4 // 4 × 48 corners are a link of 3 kB

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

// Even-odd rule, as the server has it.
function isInside(x, y, corners) {
  let odd = false
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i, i += 1) {
    const [x1, y1] = corners[i]
    const [x0, y0] = corners[j]
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) odd = !odd
  }
  return odd
}

// One byte a point, 1 = selected. Outlines are steps: each takes in what lies inside, or takes it away.
function selectedBy(xy, outlines) {
  const selected = new Uint8Array(xy.length / 2)
  for (const { corners, keep } of outlines) {
    const xs = corners.map(([x]) => x)
    const ys = corners.map(([, y]) => y)
    const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
    for (let i = 0; i < selected.length; i += 1) {
      const x = xy[2 * i]
      const y = xy[2 * i + 1]
      if (x >= left && x <= right && y >= bottom && y <= top && isInside(x, y, corners)) selected[i] = keep ? 1 : 0
    }
  }
  return selected
}
