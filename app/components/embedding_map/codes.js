// What the byte of a point says, as the server writes it: its category, and two signs above.

const CATEGORY = 63 // bits of the category
const FILTERED = 64 // the filter of the page leaves it out
const TORN = 128 // the map has torn it from its neighbours
const OTHER = 63 // the category of what is too many to name
