// The table of students. Its rows stand in the page as data; those that are asked for are drawn, a part at a
// time as somebody scrolls, so that two thousand are as quick as twenty. What is asked for stands in the address.

// What is in a row, and in a cell that is more than a number.
const STUDENT = 0, NAME = 1, PAGE = 2, NOTEBOOK = 3, WORST = 4, CELLS = 5, KINDS = 6, MISTAKES = 7, NOTES = 8;
const VALUE = 0, NOTE = 1, LINK = 2;
const STEP = 60;

const data = JSON.parse(document.getElementById("rows").textContent);
const form = document.getElementById("ask");
const fields = form.elements;
const place = document.getElementById("students");
const table = place.querySelector("table");
const order = { column: "worst", down: false };
let view, shown = [], drawn = 0;

const make = (name, text = "", settings = {}) => Object.assign(document.createElement(name), { textContent: text }, settings);
const cell = entry => Array.isArray(entry) ? entry : [entry, "", null];
const value = entry => Array.isArray(entry) ? entry[VALUE] : entry;
// Capitals, accents and the order in which they are typed make no difference.
const folded = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const points = number => number === null ? "–" : String(Number(number.toPrecision(4)));

// What is looked for

function text(row) {
  row.text ??= folded([row[STUDENT], row[NAME], ...row[NOTES], ...row[MISTAKES].map(at => view.mistakes[at][2])].join("\n"));
  return row.text;
}

function fits(row, words, kind, mistake, [how, column]) {
  if (kind === "do" ? !data.kinds[row[WORST]][2] : kind !== "" && !row[KINDS].includes(Number(kind))) return false;
  if (mistake !== "" && !row[MISTAKES].includes(Number(mistake))) return false;
  if (how) {
    const reached = value(row[CELLS][column]);
    if (value(row[CELLS][0]) === null || (how === "lost" ? reached >= view.columns[column][1] : reached !== null)) return false;
  }
  return words.every(word => text(row).includes(word));
}

const keys = {
  student: row => row.at,
  state: row => row[KINDS][0],
  worst: row => row[WORST],
};

function sort(rows) {
  const key = keys[order.column] ?? (row => value(row[CELLS][order.column]));
  const turn = order.down ? -1 : 1;
  // Where there is no number, there is nothing to compare: such rows stay below.
  return rows.sort((a, b) => {
    const one = key(a), other = key(b);
    if (one === null || other === null) return (one === null) - (other === null) || a.at - b.at;
    return turn * (one - other) || a.at - b.at;
  });
}

// What is drawn

function address(notebook) {
  return new URL(`formgrader/submissions/${encodeURIComponent(notebook)}/`, jupyter()).href;
}

function draw(row) {
  const line = make("tr");
  const head = make("th", "", { scope: "row" });
  head.append(row[PAGE] ? make("a", row[STUDENT], { href: row[PAGE] }) : row[STUDENT]);
  if (row[NAME]) head.append(make("small", row[NAME]));
  const state = make("td", data.kinds[row[KINDS][0]][1], { className: data.kinds[row[KINDS][0]][2] ? "state do" : "state" });
  line.append(head, state);
  row[CELLS].forEach((entry, at) => {
    const [number, note, link] = cell(entry), most = view.columns[at][1];
    const part = make("td", "", { className: "n" });
    part.append(link ? make("a", points(number), { href: link }) : points(number));
    if (note) part.append(make("small", note));
    if (most && number !== null) part.classList.add(`fifth${Math.max(0, Math.min(4, Math.floor(5 * number / most)))}`);
    line.append(part);
  });
  const look = make("td", "", { className: "look" });
  if (row[NOTEBOOK]) look.append(make("a", "formgrader", { href: address(row[NOTEBOOK]), className: "away" }));
  row[NOTES].forEach(note => look.append(make("p", note)));
  row[MISTAKES].forEach(at => look.append(make("p", `${view.mistakes[at][0]}: ${view.mistakes[at][2]}`, { className: "quiet" })));
  line.append(look);
  return line;
}

function more(count) {
  table.tBodies[0].append(...shown.slice(drawn, drawn + count).map(draw));
  drawn = Math.min(shown.length, drawn + count);
}

function heading(words, column, said = "") {
  const head = make("th", "", { scope: "col", className: typeof column === "number" ? "n" : "" });
  const button = make("button", words, { type: "button" });
  if (said) button.append(make("small", said));
  button.dataset.column = column;
  head.append(button);
  return head;
}

function head() {
  const line = make("tr");
  line.append(heading("Student", "student"), heading("State", "state"));
  view.columns.forEach(([name, , , said], at) => line.append(heading(name, at, said)));
  line.append(heading("What to look at", "worst"));
  table.tHead.replaceChildren(line);
  table.caption.textContent = view.title;
}

function refresh() {
  const words = folded(fields.text.value).split(/\s+/).filter(Boolean);
  const how = fields.exercise.value.split(" ");
  shown = sort(view.rows.filter(row => fits(row, words, fields.kind.value, fields.mistake.value, how)));
  for (const button of table.tHead.querySelectorAll("button")) {
    const own = button.dataset.column === String(order.column);
    button.parentElement.ariaSort = own ? (order.down ? "descending" : "ascending") : null;
  }
  table.tBodies[0].replaceChildren();
  drawn = 0;
  more(STEP);
  place.scrollTop = 0;
  document.getElementById("count").value = `${shown.length} of ${view.rows.length} students`;
}

// What can be asked for

function fill(select, first, groups) {
  const option = ([words, value]) => make("option", words, { value });
  select.replaceChildren(option(first), ...groups.flatMap(([label, entries]) => {
    if (!label) return entries.map(option);
    const group = make("optgroup", "", { label });
    group.append(...entries.map(option));
    return entries.length ? [group] : [];
  }));
  select.parentElement.hidden = select.options.length < 2;
}

function choose(id) {
  view = data.views.find(entry => entry.id === id) ?? data.views[0];
  view.rows.forEach((row, at) => { row.at = at; });
  fields.lesson.value = view.id;
  const counts = data.kinds.map((_, at) => view.rows.reduce((sum, row) => sum + row[KINDS].includes(at), 0));
  const made = view.mistakes.map((_, at) => view.rows.reduce((sum, row) => sum + row[MISTAKES].includes(at), 0));
  const todo = view.rows.filter(row => data.kinds[row[WORST]][2]).length;
  fill(fields.kind, [`everybody (${view.rows.length})`, ""], [
    ["", [[`to look at (${todo})`, "do"]]],
    ["with", data.kinds.map(([, words], at) => [`${words} (${counts[at]})`, String(at)]).filter((_, at) => counts[at])],
  ]);
  const exercises = [...new Set(view.mistakes.map(([exercise]) => exercise))];
  fill(fields.mistake, ["any", ""], exercises.map(exercise => [exercise, view.mistakes
    .map(([own, , name], at) => [`${name} (${made[at]})`, String(at), own])
    .filter(([, , own]) => own === exercise)]));
  const columns = view.columns.map(([name, , exercise], at) => [name, at, exercise]).filter(([, , exercise]) => exercise);
  fill(fields.exercise, ["any", ""], [
    ["lost points in", columns.map(([name, at]) => [name, `lost ${at}`])],
    ["did not attempt", columns.map(([name, at]) => [name, `left ${at}`])],
  ]);
  Object.assign(order, { column: "worst", down: false });
  head();
}

// The address: "#lesson=05_adam&kind=timeout&mistake=adam_update.uphill", and nothing else than is asked for.

function write() {
  const kind = fields.kind.value, mistake = view.mistakes[fields.mistake.value];
  const asked = {
    lesson: data.views.length > 1 ? view.id : "",
    text: fields.text.value,
    kind: data.kinds[kind]?.[0] ?? kind,
    mistake: mistake ? mistake.slice(0, 2).join(".") : "",
    exercise: fields.exercise.value,
    sort: order.column === "worst" && !order.down ? "" : order.column,
    down: order.down ? "1" : "",
  };
  history.replaceState(null, "", `#${new URLSearchParams(Object.entries(asked).filter(([, said]) => said !== ""))}`);
}

function read() {
  // A hash without a "=" is a place in the page.
  const asked = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  choose(asked.get("lesson"));
  const kind = data.kinds.findIndex(([id]) => id === asked.get("kind"));
  fields.text.value = asked.get("text") ?? "";
  fields.kind.value = kind < 0 ? asked.get("kind") ?? "" : String(kind);
  const mistake = view.mistakes.findIndex(entry => entry.slice(0, 2).join(".") === asked.get("mistake"));
  fields.mistake.value = mistake < 0 ? "" : String(mistake);
  fields.exercise.value = asked.get("exercise") ?? "";
  for (const select of [fields.kind, fields.exercise]) if (select.selectedIndex < 0) select.value = "";
  const column = asked.get("sort") ?? "worst";
  order.column = Object.hasOwn(keys, column) ? column : view.columns[column] ? Number(column) : "worst";
  order.down = asked.has("down");
  refresh();
  if (asked.size) document.getElementById("class").scrollIntoView();
}

// formgrader is where Jupyter is: where this page comes from, or where the field says.

function jupyter() {
  const [before, after] = location.pathname.split("/files/");
  const here = location.protocol.startsWith("http") && after ? `${location.origin}${before}/` : "";
  try {
    const said = new URL(fields.jupyter.value || here || fields.jupyter.placeholder);
    if (/^https?:$/.test(said.protocol)) return said.href.replace(/\/*$/, "/");
  } catch { /* it is no address yet */ }
  return fields.jupyter.placeholder;
}

function remember(address) {
  try {
    if (address !== undefined) localStorage.setItem("jupyter", address);
    return localStorage.getItem("jupyter") ?? "";
  } catch { // the browser keeps nothing of this page
    return "";
  }
}

form.addEventListener("input", event => {
  if (event.target === fields.jupyter) remember(fields.jupyter.value);
  if (event.target === fields.lesson) {
    choose(fields.lesson.value);
    fields.text.value = "";
  }
  refresh();
  write();
});
form.addEventListener("submit", event => event.preventDefault());
table.tHead.addEventListener("click", event => {
  const column = event.target.closest("button")?.dataset.column;
  if (column === undefined) return;
  const chosen = Object.hasOwn(keys, column) ? column : Number(column);
  order.down = order.column === chosen && !order.down;
  order.column = chosen;
  refresh();
  write();
});
document.addEventListener("keydown", event => {
  if (event.key === "/" && !/^(INPUT|SELECT)$/.test(event.target.nodeName)) {
    event.preventDefault();
    fields.text.focus();
  }
});
addEventListener("hashchange", () => { if (location.hash.includes("=")) read(); });
addEventListener("beforeprint", () => more(shown.length));
// With room to spare, so that nobody meets the end.
new IntersectionObserver(seen => seen.some(entry => entry.isIntersecting) && more(STEP), { root: place, rootMargin: "800px" })
  .observe(document.getElementById("end"));

fields.jupyter.value = remember();
for (const part of [form, place, document.getElementById("how")]) part.hidden = false;
read();
