// What is selected: outlines in data coordinates, and what is known of the points inside before the server answers.

class Selection {
  constructor() {
    this.outlines = []
    this.forget()
  }

  forget() {
    this.count = this.wrong = null
  }

  // `bytes` one a point; `wrong` one bit a point, lowest first, or null while it is on its way.
  take(xy, bytes, wrong) {
    this.forget()
    if (!this.outlines.length) return
    const inside = selectedBy(xy, this.outlines)
    let [count, errors] = [0, 0]
    for (let i = 0; i < inside.length; i += 1) {
      if (!inside[i] || bytes[i] & FILTERED) continue
      count += 1
      if (wrong) errors += (wrong[i >> 3] >> (i & 7)) & 1
    }
    this.count = count
    this.wrong = wrong ? errors : null
  }

  get words() {
    if (this.count === null) return ""
    const number = value => value.toLocaleString("en")
    const chosen = `${number(this.count)} selected`
    if (this.wrong === null || !this.count) return chosen
    return `${chosen} · ${number(this.wrong)} wrong · accuracy ${((100 * (this.count - this.wrong)) / this.count).toFixed(1)} %`
  }
}
