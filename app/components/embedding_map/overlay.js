// Drawn over the points: the outline, the ring around the point under the pointer, the clusters' names.

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

  outline(corners) {
    if (corners.length < 2) return
    const context = this.context
    context.beginPath()
    corners.forEach(([x, y]) => context.lineTo(x, y))
    context.closePath()
    context.fillStyle = context.strokeStyle = this.primary
    context.globalAlpha = 0.12
    context.fill()
    context.globalAlpha = 1
    context.lineWidth = 2
    context.stroke()
  }

  ring([x, y]) {
    const context = this.context
    context.beginPath()
    context.arc(x, y, 7, 0, 2 * Math.PI)
    context.lineWidth = 2
    context.strokeStyle = this.text
    context.stroke()
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
