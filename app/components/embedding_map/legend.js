// Names and counts of the colours. A click hides or shows one, two clicks show it alone, pointing at it lets the others
// fade. Names are data: textContent only.

const SVG = "http://www.w3.org/2000/svg"
const SHAPES = ["M6 1a5 5 0 1 0 0 10a5 5 0 1 0 0-10z", "M6 0l6 6l-6 6l-6-6z", "M1 1h10v10h-10z", "M6 1l6 10h-12z"]

function symbol({ shape, colour }) {
  const drawing = document.createElementNS(SVG, "svg")
  const path = document.createElementNS(SVG, "path")
  drawing.setAttribute("viewBox", "0 0 12 12")
  drawing.setAttribute("aria-hidden", "true")
  path.setAttribute("d", SHAPES[shape])
  path.setAttribute("fill", colour)
  drawing.append(path)
  return drawing
}

class Legend {
  // `changed` is called after a click, `pointed` with a code or null.
  constructor(element, changed, pointed) {
    Object.assign(this, { element, changed, pointed, hidden: new Set() })
    element.onpointerleave = () => pointed(null)
  }

  draw(categories, note) {
    this.codes = categories.map(category => category.code)
    const listed = categories.filter(category => category.legend)
    const words = document.createElement("span")
    words.className = "note"
    words.textContent = note
    this.element.replaceChildren(...listed.map(category => this.entry(category)), ...(note ? [words] : []))
  }

  entry(category) {
    const { code, name, count } = category
    const button = document.createElement("button")
    const words = document.createElement("span")
    words.textContent = `${name} (${count.toLocaleString("en")})`
    button.type = "button"
    button.dataset.code = code
    button.title = `${name}: click to hide or show, double-click to show it alone`
    button.setAttribute("aria-pressed", String(!this.hidden.has(code)))
    button.onclick = () => this.toggle(code)
    button.ondblclick = () => this.alone(code)
    button.onpointerenter = event => event.pointerType === "mouse" && this.pointed(code)
    button.append(symbol(category), words)
    return button
  }

  toggle(code) {
    if (!this.hidden.delete(code)) this.hidden.add(code)
    this.mark()
  }

  alone(code) {
    const others = this.codes.filter(other => other !== code)
    const isAlone = others.every(other => this.hidden.has(other))
    this.hidden = new Set(isAlone ? [] : others)
    this.mark()
  }

  mark() {
    for (const button of this.element.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(!this.hidden.has(Number(button.dataset.code))))
    }
    this.changed()
  }
}
