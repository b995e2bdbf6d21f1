const WANTED = "faultline-job-bell"; // in localStorage: this browser asked for notifications
const STATE = "__faultlineJobs"; // survives redrawing, not reloading

function state() {
  window[STATE] ??= { active: new Set(), told: null };
  return window[STATE];
}
function wanted() {
  try { return localStorage.getItem(WANTED) === "yes"; } catch (error) { return false; }
}
// The frontend sets the title again with every run of the page: put ours back until somebody looks.
function showInTitle(text) {
  const shared = state();
  const before = shared.told ? shared.told.before : document.title;
  shared.told?.observer.disconnect();
  const put = () => { if (document.title !== text) document.title = text; };
  const observer = new MutationObserver(put);
  observer.observe(document.querySelector("title") ?? document.head, { childList: true, characterData: true, subtree: true });
  shared.told = { before, observer };
  put();
  document.addEventListener("visibilitychange", function seen() {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", seen);
    if (shared.told?.observer === observer) {
      observer.disconnect();
      document.title = before;
      shared.told = null;
    }
  });
}
function ended(job) {
  if (!document.hidden) return;
  showInTitle(`${job.outcome}: ${job.title}`);
  if (wanted() && "Notification" in window && Notification.permission === "granted") {
    const note = new Notification(job.title, { body: job.outcome, tag: `faultline-job-${job.id}` });
    note.onclick = () => { window.focus(); note.close(); };
  }
}
export default function ({ parentElement, data }) {
  const shared = state();
  for (const job of data.jobs) {
    if (job.active) shared.active.add(job.id);
    else if (shared.active.delete(job.id)) ended(job);
  }
  const button = parentElement.querySelector("button");
  const possible = "Notification" in window && window.isSecureContext && Notification.permission !== "denied";
  button.hidden = !(possible && shared.active.size && !(wanted() && Notification.permission === "granted"));
  button.onclick = async () => {
    if ((await Notification.requestPermission()) === "granted") {
      try { localStorage.setItem(WANTED, "yes"); } catch (error) { /* a private window: until it is closed */ }
    }
    button.hidden = true;
  };
}
