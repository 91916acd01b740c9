"use strict";
// The page: one setting, from which everything is drawn.

const VIEWS = { sweep, remedies, crossover };
const PRESETS = Object.values(VIEWS).flatMap(view => view.presets());
const element = id => document.getElementById(id);

let setting = DEFAULTS; // what the controls say
let pointed = {}; // what the pointer says over it, while it is on the chart
let shown; // what is drawn
let place = () => []; // from a pointer's event to numbers
let asked = 0; // the frame that will draw

/** A colour for a share of the generations, dark to light as in the figures. */
function generationColour(share) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return shade(DATA.colours.generations, dark ? 0.3 + 0.7 * share : 0.85 * share);
}

function change(part) {
  setting = settled({ ...setting, ...part });
  pointed = {};
  say("");
  draw();
  clearTimeout(change.later);
  change.later = setTimeout(() => history.replaceState(null, "", address()), 150);
}

const address = () => `${location.pathname}${location.search}#${toFragment(setting)}`;
const say = sentence => { element("message").textContent = sentence; };

function draw() {
  shown = VIEWS[setting.view].show(setting, pointed);
  document.body.dataset.view = setting.view;
  document.body.dataset.busy = Boolean(shown.busy);
  for (const input of document.querySelectorAll("#views input")) {
    input.checked = input.value === setting.view;
  }
  element("preset").value = PRESETS.findIndex(([, part]) => hasAll(setting, part));
  showControls(setting);
  const figures = document.querySelectorAll("#charts figure");
  figures.forEach((figure, i) => { figure.hidden = !shown.charts[i]; });
  shown.charts.forEach((chart, i) => drawFigure(figures[i], chart, i));
  element("note").textContent = shown.note;
  element("tiles").innerHTML = shown.tiles.map(([name, about, value]) =>
    `<div><dt>${name}</dt><dd>${written(value)}</dd><small>${about}</small></div>`).join("");
  drawTable(shown.table);
  cancelAnimationFrame(asked);
  if (shown.busy) asked = requestAnimationFrame(draw);
}

function drawFigure(figure, chart, i) {
  const svg = figure.querySelector(":scope > svg"), light = element("table").dataset.light;
  figure.querySelector("b").innerHTML = chart.up;
  figure.querySelector(".across").innerHTML = chart.x.label;
  const levels = (chart.guides ?? []).filter(guide => within(guide.y, chart.y))
    .map(({ label, dash }) => [label, "var(--soft)", dash]);
  figure.querySelector(".legend").innerHTML = [...chart.legend, ...levels]
    .map(([label, ...look]) => `<span>${key(...look)}<span>${label}</span></span>`).join("");
  svg.setAttribute("aria-label", `${plainText(chart.up)} against ${plainText(chart.x.label)}`);
  for (const one of [...chart.lines, ...(chart.points ?? [])]) {
    one.faded = Boolean(light && one.name && one.name !== light);
  }
  const found = drawChart(svg, chart);
  if (i === 0) place = found;
}

const plainText = html => html.replace(/<[^>]*>/g, "");

/** The sample of a line or of a marker in a legend. */
function key(colour, dash = "", shape = "") {
  const mark = shape
    ? `<path d="${SHAPES[shape]}" transform="translate(11 6)" fill="${colour}"/>`
    : `<path d="M0 6H22" stroke="${colour}" stroke-width="2.4" stroke-dasharray="${dash}"/>`;
  return `<svg class="key" width="22" height="12" aria-hidden="true">${mark}</svg>`;
}

/** Rows are {cells, focus}, of which the first cell may be a label with its look; those of
 * protocols also have {name, family, off}, and a box that hides their line. */
function drawTable({ caption, head, rows }) {
  const table = element("table"), focus = document.activeElement?.value;
  const families = rows.map(row => row.family);
  const body = rows.map(({ cells: [first, ...rest], name, family, off, focus }, i) => {
    const [label, ...look] = [first].flat(), sample = look.length ? key(...look) : "";
    const span = (head.length - 1) / rest.length; // of a word in the place of numbers
    const box = `<input type="checkbox" value="${name}" ${off ? "" : "checked"}>`;
    const named = name ? `<label>${box}${sample}${label}</label>` : sample + label;
    const above = family && family !== families[i - 1]
      ? `<tr><th colspan="${head.length}">${family}</th></tr>` : "";
    return `${above}<tr class="${focus ? "focus" : ""}" ${name ? `data-name="${name}"` : ""}>
      <th>${named}</th>${rest.map(value => `<td colspan="${span}">${value}</td>`).join("")}</tr>`;
  });
  const heads = head.map(one => `<th>${one}</th>`).join("");
  table.innerHTML = `<caption>${caption}</caption><thead><tr>${heads}</tr></thead>
    <tbody>${body.join("")}</tbody>`;
  if (focus) table.querySelector(`input[value="${focus}"]`)?.focus();
}

/** The setting of the page's address, or the defaults and why. */
function load() {
  try {
    setting = fromFragment(location.hash.slice(1));
    say("");
  } catch (error) {
    setting = settled(DEFAULTS);
    say(`${error.message} These are the defaults.`);
  }
  pointed = {};
  draw();
}

function csvOf(rows) {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map(row => columns.map(name => row[name]));
  return [columns, ...cells].map(row => `${row.join(",")}\n`).join("");
}

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csvOf(shown.csv)], { type: "text/csv" }));
  link.download = `${setting.view}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

function copyLink() {
  history.replaceState(null, "", address());
  const copied = navigator.clipboard?.writeText(location.href) ?? Promise.reject();
  copied.then(() => say("The link is copied."), () => say("The link is in the address bar."));
}

function start() {
  for (const [view, label] of Object.entries(CONTROLS.view.choices)) {
    element("views").insertAdjacentHTML("beforeend",
      `<label><input type="radio" name="view" value="${view}"><span>${label}</span></label>`);
  }
  element("views").addEventListener("change", event => change({ view: event.target.value }));
  element("preset").innerHTML = `<option value="-1">a setting of your own</option>${
    options(PRESETS.map(([name]) => name))}`;
  element("preset").addEventListener("change", event => {
    const [, part] = PRESETS[event.target.value] ?? [];
    if (part) change(part);
  });
  buildControls(element("controls"), change);
  element("link").addEventListener("click", copyLink);
  element("download").addEventListener("click", download);
  element("reset").addEventListener("click", () => change(DEFAULTS));

  const chart = element("chart"), point = part => { pointed = part; draw(); };
  chart.addEventListener("pointermove", event => point(shown.pointed(...place(event))));
  chart.addEventListener("pointerleave", () => point({}));
  chart.addEventListener("click", event => change(shown.pointed(...place(event))));
  chart.addEventListener("keydown", event => {
    if (!ARROWS[event.key]) return;
    event.preventDefault();
    change(stepped(...ARROWS[event.key]));
  });

  const table = element("table"), lighten = event => {
    const name = event.target.closest?.("[data-name]")?.dataset.name ?? "";
    if (table.dataset.light === name) return;
    table.dataset.light = name;
    draw();
  };
  for (const kind of ["pointerover", "focusin"]) table.addEventListener(kind, lighten);
  table.addEventListener("pointerleave", () => lighten({ target: {} }));
  table.addEventListener("change", event => {
    const off = new Set(setting.hidden.split(",").filter(Boolean));
    off[event.target.checked ? "delete" : "add"](event.target.value);
    change({ hidden: [...off].join(",") });
  });

  addEventListener("hashchange", load);
  new ResizeObserver(draw).observe(chart);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  load();
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** A step of an arrow key on the chart: of what its cursor shows. */
function stepped(across, up) {
  if (setting.view === "crossover") {
    const { map, ell } = setting, { xs, ells } = mapOf(setting);
    return { [map]: snapped(setting[map] + across * xs.step, xs),
      ell: snapped(ell + up * ells.step, ells) };
  }
  const over = setting.view === "sweep" ? setting.axis : "generation", control = CONTROLS[over];
  const now = setting[over], way = across + up;
  if (over === "generation") return { generation: Math.min(Math.max(now + way, 0), control.high) };
  let step = stepOf(control, now) + way;
  while (step > 0 && step < STEPS && slid(control, step) === now) step += way;
  return { [over]: slid(control, Math.min(Math.max(step, 0), STEPS)) };
}

start();
