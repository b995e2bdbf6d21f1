// Points on the screen by WebGL 2. Three bytes a point tell how it looks: its category, and whether it is faint.

const VERTEX = `#version 300 es
in vec2 position; in float code, faint;
uniform vec2 centre, scale; uniform float size; uniform vec4 palette[64]; uniform float shapes[64];
out vec4 colour; flat out float shape;
void main() {
  colour = palette[int(code)];
  shape = shapes[int(code)];
  if (faint > 0.5) colour = vec4(mix(colour.rgb, vec3(0.55), 0.7), colour.a * 0.22);
  gl_Position = colour.a < 0.01 ? vec4(2.0, 2.0, 2.0, 1.0) : vec4((position - centre) * scale, 0.0, 1.0);
  gl_PointSize = shape > 0.5 ? size * 1.2 : size;
}`

// Distance from the middle in the measure of the shape: 0.5 is its edge.
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 colour; flat in float shape; out vec4 shade;
void main() {
  vec2 at = gl_PointCoord - 0.5;
  float edge = shape < 0.5 ? length(at)
    : shape < 1.5 ? abs(at.x) + abs(at.y)
    : shape < 2.5 ? max(abs(at.x), abs(at.y)) * 1.25
    : max(abs(at.x) * 1.7 - at.y * 0.9, at.y * 1.5) * 0.9 + 0.08;
  float alpha = colour.a * smoothstep(0.5, 0.38, edge);
  if (alpha < 0.01) discard;
  shade = vec4(colour.rgb * alpha, alpha);
}`

// Point indices: faint ones first, then the unnamed, later categories last, so that the few lie on top of the many.
function drawingOrder(codes, faint) {
  const rank = i => (faint[i] ? 0 : codes[i] === OTHER ? 1 : codes[i] + 2)
  const starts = new Uint32Array(68)
  for (let i = 0; i < codes.length; i += 1) starts[rank(i) + 1] += 1
  for (let at = 1; at < starts.length; at += 1) starts[at] += starts[at - 1]
  const order = new Uint32Array(codes.length)
  for (let i = 0; i < codes.length; i += 1) order[starts[rank(i)]++] = i
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
    this.canvas = canvas
    this.prepare()
    canvas.addEventListener("webglcontextlost", event => event.preventDefault())
    canvas.addEventListener("webglcontextrestored", () => {
      this.prepare()
      if (this.xy) this.setPositions(this.xy)
      if (this.codes) this.setLooks(this.codes, this.faint)
      this.onrestore?.()
    })
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
    this.xy = xy
    this.attribute("position", xy, 2, this.gl.FLOAT)
  }

  setLooks(codes, faint) {
    const gl = this.gl
    Object.assign(this, { codes, faint })
    this.attribute("code", codes, 1, gl.UNSIGNED_BYTE)
    this.attribute("faint", faint, 1, gl.UNSIGNED_BYTE)
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, (this.buffers.order ??= gl.createBuffer()))
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, drawingOrder(codes, faint), gl.STATIC_DRAW)
  }

  draw(camera, categories, ratio) {
    if (!this.codes) return
    const gl = this.gl
    const palette = new Float32Array(256)
    const shapes = new Float32Array(64)
    for (const { code, colour, alpha, shape } of categories) {
      palette.set(rgba(colour, alpha), 4 * code)
      shapes[code] = shape
    }
    gl.viewport(0, 0, gl.canvas.width, gl.canvas.height)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.uniform2f(this.at("centre"), camera.x, camera.y)
    gl.uniform2f(this.at("scale"), (2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height)
    gl.uniform1f(this.at("size"), pointSize(this.codes.length, camera.zoom) * ratio)
    gl.uniform4fv(this.at("palette"), palette)
    gl.uniform1fv(this.at("shapes"), shapes)
    gl.drawElements(gl.POINTS, this.codes.length, gl.UNSIGNED_INT, 0)
  }
}
