// What stands beside the pointer: picture and words of one sample, asked for only when the pointer rests.

const REST = 90 // milliseconds

class Tip {
  constructor(element, stage) {
    this.element = element
    this.stage = stage
  }

  hide() {
    clearTimeout(this.waiting)
    this.wanted = null
    this.element.hidden = true
  }

  explain(index, place, { describe, picture }) {
    this.wanted = index
    this.waiting = setTimeout(async () => {
      const answer = await fetch(describe.replace("{}", index)).catch(() => null)
      const words = answer?.ok ? (await answer.json()).text : `Sample ${index}`
      if (this.wanted === index) this.show(words, picture.replace("{}", index), place)
    }, REST)
  }

  show(words, source, [x, y]) {
    const image = this.element.querySelector("img")
    image.hidden = false
    image.onerror = () => (image.hidden = true)
    image.src = source
    this.element.querySelector(".words").textContent = words
    this.element.hidden = false
    const { offsetWidth, offsetHeight } = this.element
    this.element.style.left = `${Math.max(4, Math.min(x + 14, this.stage.clientWidth - offsetWidth - 4))}px`
    this.element.style.top = `${Math.max(4, Math.min(y + 14, this.stage.clientHeight - offsetHeight - 4))}px`
  }
}
