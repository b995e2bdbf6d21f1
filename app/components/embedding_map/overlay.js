// Drawn over the points: what dims all but the selection, outlines, the ring around a point, lines to its true neighbours, the clusters' names.

const VEIL = 0.8 // of the background, over what is not selected

function path(corners) {
  const found = new Path2D()
  corners.forEach(([x, y]) => found.lineTo(x, y))
  found.closePath()
  return found
}

class Overlay {
  constructor(canvas, ratio, style) {
    this.context = canvas.getContext("2d")
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.context.clearRect(0, 0, canvas.width, canvas.height)
    this.context.font = `600 13px ${style.fontFamily}`
    this.context.textAlign = "center"
    this.context.textBaseline = "middle"
    this.primary = style.getPropertyValue("--st-primary-color")
    this.background = style.getPropertyValue("--st-background-color")
    this.text = style.color
  }

  // Dims all but what the outlines select. They select by place alone, so no point has to be drawn anew.
  veil(outlines) {
    if (!outlines.length) return
    const context = this.context
    const { width, height } = context.canvas
    context.fillStyle = this.background
    context.globalAlpha = VEIL
    context.fillRect(0, 0, width, height)
    for (const { corners, keep } of outlines) {
      const inside = path(corners)
      context.globalAlpha = 1
      context.globalCompositeOperation = "destination-out"
      context.fill(inside, "evenodd")
      context.globalAlpha = VEIL
      context.globalCompositeOperation = "source-over"
      if (!keep) context.fill(inside, "evenodd")
    }
    context.globalAlpha = 1
  }

  // What is taken in has a full line, what is taken away a broken one.
  outline(corners, keep = true) {
    if (corners.length < 2) return
    const context = this.context
    const drawn = path(corners)
    context.fillStyle = context.strokeStyle = this.primary
    context.globalAlpha = keep ? 0.1 : 0
    context.fill(drawn, "evenodd")
    context.globalAlpha = 1
    context.lineWidth = 2
    context.setLineDash(keep ? [] : [6, 5])
    context.stroke(drawn)
    context.setLineDash([])
  }

  lines(from, ends) {
    const context = this.context
    context.strokeStyle = context.fillStyle = this.text
    context.lineWidth = 1.25
    for (const end of ends) {
      context.globalAlpha = 0.55
      context.beginPath()
      context.moveTo(...from)
      context.lineTo(...end)
      context.stroke()
      context.globalAlpha = 1
      context.beginPath()
      context.arc(...end, 3, 0, 2 * Math.PI)
      context.fill()
    }
  }

  ring([x, y], radius = 7) {
    const context = this.context
    for (const [colour, width] of [[this.background, 5], [this.text, 2]]) {
      context.beginPath()
      context.arc(x, y, radius, 0, 2 * Math.PI)
      context.lineWidth = width
      context.strokeStyle = colour
      context.stroke()
    }
  }

  name(words, [x, y]) {
    const context = this.context
    const width = Math.max(22, context.measureText(words).width + 12)
    context.beginPath()
    context.roundRect(x - width / 2, y - 11, width, 22, 11)
    context.fillStyle = this.text
    context.globalAlpha = 0.85
    context.fill()
    context.globalAlpha = 1
    context.fillStyle = this.background
    context.fillText(words, x, y)
  }
}
