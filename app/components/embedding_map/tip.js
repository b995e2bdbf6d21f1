// What stands beside a point: picture and words of one sample, asked for only when the pointer rests.

const REST = 90 // milliseconds

class Tip {
  constructor(element, stage) {
    this.element = element
    this.stage = stage
    this.known = new Map() // index → answer, the latest hundred
  }

  hide() {
    clearTimeout(this.waiting)
    this.wanted = null
    this.element.hidden = true
  }

  // Calls `found` with the words and the ids of the nearest in embedding space.
  explain(index, place, { describe, picture }, found) {
    this.wanted = index
    this.waiting = setTimeout(async () => {
      const about = await this.ask(index, describe)
      if (this.wanted !== index) return
      this.show(about.text, picture.replace("{}", index), place)
      found(about)
    }, REST)
  }

  // The same for a place: `address` answers with words and the id of one sample, −1 for none. Calls `found` with that.
  look(address, place, picture, found) {
    this.wanted = address
    this.waiting = setTimeout(async () => {
      const about = await this.asked(address, { sample: -1 })
      if (this.wanted !== address || about.sample < 0) return
      this.show(about.text, picture.replace("{}", about.sample), place)
      found(about.sample)
    }, REST)
  }

  ask(index, describe) {
    return this.asked(describe.replace("{}", index), { text: `Sample ${index}`, neighbours: [] })
  }

  async asked(address, otherwise) {
    if (!this.known.has(address)) {
      const answer = await fetch(address).catch(() => null)
      if (!answer?.ok) return otherwise
      if (this.known.size > 100) this.known.delete(this.known.keys().next().value)
      this.known.set(address, await answer.json())
    }
    return this.known.get(address)
  }

  show(words, source, [x, y]) {
    const image = this.element.querySelector("img")
    image.hidden = false
    image.onerror = () => (image.hidden = true)
    image.src = source
    this.element.querySelector(".words").textContent = words
    this.element.hidden = false
    const { offsetWidth, offsetHeight } = this.element
    const right = x + 16 + offsetWidth < this.stage.clientWidth
    this.element.style.left = `${Math.max(4, right ? x + 16 : x - 16 - offsetWidth)}px`
    this.element.style.top = `${Math.max(4, Math.min(y + 14, this.stage.clientHeight - offsetHeight - 4))}px`
  }
}
