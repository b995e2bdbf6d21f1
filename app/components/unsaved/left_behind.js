// After a reload the tab still has the words of a box that nobody has open any more: tell the server, which opens it.
// Words that are what is saved now have been saved.
const PREFIX = "faultline-unsaved:";

function versionsOf({ field, saved }) {
  const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(`${PREFIX}${field}:`));
  if (keys.some((key) => sessionStorage.getItem(key).trim() === saved.trim())) {
    for (const key of keys) sessionStorage.removeItem(key);
    return [];
  }
  return keys.map((key) => Number(key.slice(PREFIX.length + field.length + 1))).filter(Number.isSafeInteger);
}

export default function ({ data, setTriggerValue }) {
  const versions = data.fields.flatMap(versionsOf);
  if (versions.length) setTriggerValue("version", Math.max(...versions));
}
