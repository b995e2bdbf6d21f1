// Without WebGL 2: the server's picture of what is seen; while it is on its way the last one is moved into place.

const SETTLED = 150 // milliseconds without a movement

class DensityPicture {
  constructor(canvas) {
    this.canvas = canvas
    this.context = canvas.getContext("2d")
  }

  setPositions() {}

  setLooks() {}

  draw(camera, categories, ratio, address) {
    const hidden = categories.filter(category => category.alpha === 0).map(category => category.code)
    const size = [this.canvas.width, this.canvas.height]
    const box = camera.box
    const source = `${address}&box=${box.join("_")}&width=${size[0]}&height=${size[1]}&hide=${hidden.join("_")}`
    this.paint(camera, ratio)
    if (source === this.wanted) return
    this.wanted = source
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => this.fetch(source, box, camera, ratio), this.image ? SETTLED : 0)
  }

  fetch(source, box, camera, ratio) {
    const image = new Image()
    image.onload = () => {
      if (source !== this.wanted) return
      Object.assign(this, { image, box })
      this.paint(camera, ratio)
      this.onload?.()
    }
    image.onerror = () => this.onerror?.()
    image.src = source
  }

  paint(camera, ratio) {
    const context = this.context
    context.clearRect(0, 0, this.canvas.width, this.canvas.height)
    if (!this.image) return
    const [left, bottom, right, top] = this.box
    const [x0, y0] = camera.toScreen(left, top)
    const [x1, y1] = camera.toScreen(right, bottom)
    context.drawImage(this.image, x0 * ratio, y0 * ratio, (x1 - x0) * ratio, (y1 - y0) * ratio)
  }
}

// What draws the points, and the canvas it draws on: a canvas gives one kind of context only.
function rendererOn(canvas) {
  try {
    return new WebGLPoints(canvas)
  } catch (error) {
    console.warn("Embedding map without WebGL 2:", error.message)
    const plain = canvas.cloneNode()
    canvas.replaceWith(plain)
    return new DensityPicture(plain)
  }
}
