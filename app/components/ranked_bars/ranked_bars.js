// All text is set as textContent: names are data, never markup.
const number = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 })

function part(className, words = "") {
  const element = document.createElement("span")
  element.className = className
  element.textContent = words
  return element
}

function build(bar, longest, data, open) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "bar"
  button.title = `${bar.name}\n${bar.hint}`
  button.setAttribute("aria-label", `${bar.name}: ${bar.hint}`)
  if (bar.number === data.opened) button.setAttribute("aria-current", "true")
  const track = part("track")
  const sure = part("sure")
  const likely = part("likely")
  sure.style.width = `${(100 * bar.sure) / longest}%`
  likely.style.width = `${(100 * (bar.likely - bar.sure)) / longest}%`
  track.append(sure, likely)
  button.append(part("name", bar.name), track, part("value", number.format(bar.sure)))
  button.onclick = () => open(bar.number)
  const item = document.createElement("div")
  item.setAttribute("role", "listitem")
  item.append(button)
  return item
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".bars")
  const hadFocus = [...root.querySelectorAll("button")].indexOf(root.getRootNode().activeElement)
  const longest = Math.max(...data.bars.map(bar => bar.likely), 1e-9)
  root.setAttribute("aria-label", data.label)
  root.replaceChildren(...data.bars.map(bar => build(bar, longest, data, one => setTriggerValue("opened", one))))
  root.querySelectorAll("button")[hadFocus]?.focus({ preventScroll: true })
  parentElement.querySelector(".legend").replaceChildren(
    part("key sure"), part("", "at least (95 %)"), part("key likely"), part("", "estimate"),
  )
  parentElement.querySelector(".unit").textContent = data.unit
}
