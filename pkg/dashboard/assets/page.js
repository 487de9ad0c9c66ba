// The page is whole without this script. It keeps the page up to date, shows a log while it is written, and hides the fields of other
// tasks. What comes from the server is HTML that the server has escaped.
"use strict";

const connection = document.getElementById("connection");

function say(text) {
  if (connection.textContent !== text) connection.textContent = text;
}

// Relative times grow old while one looks.
const units = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];

function relative(seconds) {
  const all = Math.floor(Math.abs(seconds)), i = units.findIndex(([, size]) => all >= size);
  if (i < 0) return "now";
  const [unit, size] = units[i], n = Math.floor(all / size);
  let words = n + unit;
  if (i < 2 && n < 10) {
    const [small, part] = units[i + 1], rest = Math.floor(all % size / part);
    if (rest > 0) words += " " + rest + small;
  }
  return seconds > 0 ? "in " + words : words + " ago";
}

function age() {
  for (const words of document.querySelectorAll("time > b")) {
    const text = relative((Date.parse(words.parentElement.dateTime) - Date.now()) / 1000);
    if (words.textContent !== text) words.textContent = text;
  }
}
setInterval(age, 10000);

// isBusy tells whether somebody is filling in a part of the page, which must not be replaced under their hands.
function isBusy(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden]), textarea, select")];
  return fields.some((f) => f === document.activeElement || (f.defaultValue !== undefined && f.value !== f.defaultValue));
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// likeness finds the element of a fresh part that had the focus in the old one.
function likeness(fresh, focused) {
  const all = [...fresh.querySelectorAll("a[href], button, summary, [tabindex]")];
  return all.find((e) => e.tagName === focused.tagName && e.textContent === focused.textContent && e.getAttribute("href") === focused.getAttribute("href"));
}

function put({id, html, before}) {
  const old = document.getElementById(id), fresh = parse(html);
  if (!old) return add(fresh, before);
  if (isBusy(old)) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  for (const open of old.querySelectorAll("details[open][id]")) {
    const same = [...fresh.querySelectorAll("details[id]")].find((d) => d.id === open.id);
    if (same) same.open = true;
  }
  old.replaceWith(fresh);
  if (fresh.localName === "tr") place(fresh, before);
  if (focused) likeness(fresh, focused)?.focus();
}

const rows = document.getElementById("rows"), none = document.getElementById("none");

function add(row, before) {
  if (!rows) return document.querySelector(".first") && location.reload();
  if (row.localName === "tr") place(row, before);
}

// place puts a row where the order of the list wants it: before the row with that id, or at the end.
function place(row, before) {
  const next = before ? document.getElementById(before) : null;
  row.classList.add("changed");
  if (row.parentElement !== rows || row.nextElementSibling !== next) rows.insertBefore(row, next);
  none.hidden = true;
}

function remove(row) {
  row?.remove();
  if (none) none.hidden = rows.children.length > 0;
}

function keep(ids) {
  const present = new Set(ids);
  for (const row of document.querySelectorAll("#rows > tr")) {
    if (!present.has(row.id)) remove(row);
  }
}

// ended asks why the events stopped for good: the session is over, or the server is away.
async function ended(again) {
  try {
    const answer = await fetch(location.href, {redirect: "manual"});
    if (answer.status === 401 || answer.status === 403) {
      say("Your session has ended: load this page again.");
      return;
    }
  } catch {
    // the server is away
  }
  setTimeout(again, 3000);
}

// stream keeps a stream of events open while somebody looks at the page. A browser opens six connections to a server, so that the streams
// of hidden tabs would keep every further page from loading. The function listen gets each new connection, and what ends the stream.
function stream(address, listen) {
  let events = null, over = false;
  const close = () => { events?.close(); events = null; };
  const open = () => {
    if (events || over || document.hidden) return;
    const opened = events = new EventSource(address);
    listen(opened, () => { over = true; close(); });
    opened.addEventListener("error", () => {
      if (events !== opened || opened.readyState !== EventSource.CLOSED) return;
      close();
      ended(open);
    });
  };
  document.addEventListener("visibilitychange", () => { document.hidden ? close() : open(); });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

function follow(events) {
  const on = (name, take) => events.addEventListener(name, (e) => take(JSON.parse(e.data)));
  events.onerror = () => say("The connection is lost. What you see may be old. Trying again…");
  on("lost", (why) => say(why + ". What you see may be old. Trying again…"));
  on("found", () => { say(""); document.body.dataset.live = "true"; });
  on("put", put);
  on("gone", (id) => remove(document.getElementById(id)));
  on("present", keep);
  on("deleted", () => say("The schedule was deleted."));
}
if (document.body.dataset.events) stream(document.body.dataset.events, follow);

// A page that says that the API server is away comes back with it.
async function retry() {
  try {
    if ((await fetch(location.href)).ok) return location.reload();
  } catch {
    // still away
  }
  setTimeout(retry, 3000);
}
if (document.querySelector("[data-retry]")) setTimeout(retry, 3000);

// The log of a run that is under way. A browser holds no more lines than it can show.
const log = document.querySelector("pre[data-stream]"), mostLines = 10000;
if (log) stream(log.dataset.stream, (lines, stop) => {
  lines.onopen = () => { log.textContent = ""; };
  lines.addEventListener("line", (e) => {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(JSON.parse(e.data) + "\n");
    if (log.childNodes.length > mostLines) log.firstChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  });
  lines.addEventListener("end", (e) => {
    stop();
    document.getElementById("log-end").textContent = JSON.parse(e.data) || "The log has ended.";
  });
});

// The form of a new schedule shows the parameters of the chosen task.
const task = document.getElementById("spec.task");
if (task) {
  const choose = () => {
    for (const group of document.querySelectorAll("[data-for]")) {
      group.hidden = !group.dataset.for.split(" ").includes(task.value);
    }
  };
  task.addEventListener("change", choose);
  choose();
}

// A config.json that is dropped on the page is shown at once.
const form = document.getElementById("import");
if (form) {
  addEventListener("dragover", (e) => e.preventDefault());
  addEventListener("drop", (e) => {
    e.preventDefault();
    if (!e.dataTransfer.files.length) return;
    document.getElementById("file").files = e.dataTransfer.files;
    form.requestSubmit(form.querySelector("button[value=check]"));
  });
}
