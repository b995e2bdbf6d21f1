// Points on the screen: WebGL 2, or a plain 2-D canvas where the browser has none.

const VERTEX = `#version 300 es
in vec2 position; in float code;
uniform vec2 centre, scale; uniform float size; uniform vec4 palette[64];
out vec4 colour;
void main() {
  gl_Position = vec4((position - centre) * scale, 0.0, 1.0);
  gl_PointSize = size;
  colour = palette[int(code)];
}`

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 colour; out vec4 shade;
void main() {
  float distance = length(gl_PointCoord - 0.5);
  float alpha = colour.a * smoothstep(0.5, 0.38, distance);
  if (alpha < 0.01) discard;
  shade = vec4(colour.rgb * alpha, alpha);
}`

// Point indices, later categories last, so that the few interesting ones lie on top of the many.
function drawingOrder(codes) {
  const starts = new Uint32Array(257)
  for (const code of codes) starts[code + 1] += 1
  for (let code = 0; code < 256; code += 1) starts[code + 1] += starts[code]
  const order = new Uint32Array(codes.length)
  codes.forEach((code, index) => (order[starts[code]++] = index))
  return order
}

function pointSize(count, zoom) {
  const base = Math.min(7, Math.max(1.6, 420 / Math.sqrt(count)))
  return Math.min(16, base * Math.pow(zoom, 0.35))
}

function rgba(hex, alpha) {
  const value = parseInt(hex.slice(1), 16)
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255, alpha]
}

class WebGLPoints {
  constructor(canvas) {
    this.gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true, preserveDrawingBuffer: true })
    if (!this.gl) throw new Error("no WebGL 2")
    this.prepare()
  }

  prepare() {
    const gl = this.gl
    this.buffers = {} // name → buffer, made once and refilled
    const program = gl.createProgram()
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind)
      gl.shaderSource(shader, source)
      gl.compileShader(shader)
      gl.attachShader(program, shader)
    }
    gl.linkProgram(program)
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program))
    this.program = program
    this.at = name => gl.getUniformLocation(program, name)
    gl.useProgram(program)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
  }

  attribute(name, data, size, type) {
    const gl = this.gl
    const location = gl.getAttribLocation(this.program, name)
    gl.bindBuffer(gl.ARRAY_BUFFER, (this.buffers[name] ??= gl.createBuffer()))
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW)
    gl.enableVertexAttribArray(location)
    gl.vertexAttribPointer(location, size, type, false, 0, 0)
  }

  setPositions(xy) {
    this.attribute("position", xy, 2, this.gl.FLOAT)
  }

  setCodes(codes) {
    const gl = this.gl
    this.count = codes.length
    this.attribute("code", codes, 1, gl.UNSIGNED_BYTE)
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, (this.buffers.order ??= gl.createBuffer()))
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, drawingOrder(codes), gl.STATIC_DRAW)
  }

  draw(camera, palette, ratio) {
    const gl = this.gl
    gl.viewport(0, 0, gl.canvas.width, gl.canvas.height)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.uniform2f(this.at("centre"), camera.x, camera.y)
    gl.uniform2f(this.at("scale"), (2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height)
    gl.uniform1f(this.at("size"), pointSize(this.count, camera.zoom) * ratio)
    gl.uniform4fv(this.at("palette"), new Float32Array(palette.flat()))
    gl.drawElements(gl.POINTS, this.count, gl.UNSIGNED_INT, 0)
  }
}

class CanvasPoints {
  constructor(canvas) {
    this.context = canvas.getContext("2d")
  }

  setPositions(xy) {
    this.xy = xy
  }

  setCodes(codes) {
    this.codes = codes
    this.order = drawingOrder(codes)
  }

  draw(camera, palette, ratio) {
    const context = this.context
    const size = pointSize(this.order.length, camera.zoom) * ratio
    context.clearRect(0, 0, context.canvas.width, context.canvas.height)
    let last = -1
    for (const index of this.order) {
      const code = this.codes[index]
      const [red, green, blue, alpha] = palette[code]
      if (alpha === 0) continue
      if (code !== last) context.fillStyle = `rgba(${red * 255},${green * 255},${blue * 255},${alpha})`
      last = code
      const [x, y] = camera.toScreen(this.xy[2 * index], this.xy[2 * index + 1])
      context.fillRect(x * ratio - size / 2, y * ratio - size / 2, size, size)
    }
  }
}

function pointsOn(canvas) {
  try {
    return new WebGLPoints(canvas)
  } catch (error) {
    console.warn("Embedding map without WebGL:", error.message)
    const plain = canvas.cloneNode() // a canvas gives one kind of context only
    canvas.replaceWith(plain)
    return new CanvasPoints(plain)
  }
}
