// Names and counts of the colours; a click hides or shows one. Names are data: textContent only.

function drawLegend(root, categories, hidden, redraw) {
  const buttons = categories.map(({ code, name, colour, count }) => {
    const button = document.createElement("button")
    const dot = document.createElement("i")
    const words = document.createElement("span")
    dot.style.background = colour
    words.textContent = `${name} (${count.toLocaleString("en")})`
    button.type = "button"
    button.title = `${name}: show or hide`
    button.setAttribute("aria-pressed", String(!hidden.has(code)))
    button.onclick = () => {
      if (!hidden.delete(code)) hidden.add(code)
      button.setAttribute("aria-pressed", String(!hidden.has(code)))
      redraw()
    }
    button.append(dot, words)
    return button
  })
  root.replaceChildren(...buttons)
}
