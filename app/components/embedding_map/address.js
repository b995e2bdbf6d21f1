// What is seen stands in the address as `map_view=left_bottom_right_top`. It is written in place: a movement is no step
// that Back should undo, and nothing that the server must hear of.

const VIEW = "map_view"
const QUIET = 400 // milliseconds after the last movement

function viewInAddress() {
  const values = (new URLSearchParams(location.search).get(VIEW) ?? "").split("_").map(Number)
  return values.length === 4 && values.every(Number.isFinite) && values[0] < values[2] && values[1] < values[3] ? values : null
}

class ViewInAddress {
  keep(camera) {
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => this.write(camera), QUIET)
  }

  write(camera) {
    const address = new URL(location.href)
    const text = camera.isWhole ? null : camera.box.map(value => rounded(value, camera.scale)).join("_")
    if (address.searchParams.get(VIEW) === text) return
    if (text === null) address.searchParams.delete(VIEW)
    else address.searchParams.set(VIEW, text)
    history.replaceState(history.state, "", address)
  }

  stop() {
    clearTimeout(this.waiting)
  }
}
