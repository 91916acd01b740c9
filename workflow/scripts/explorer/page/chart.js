"use strict";
// Charts as SVG: axes, cells of a map, guides, lines, points with error bars, and a cursor.

const MARGIN = { left: 50, right: 18, top: 18, bottom: 26 };
const SHAPES = { // of markers, about the origin
  o: "M-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0z",
  s: "M-3-3h6v6h-6z",
  D: "M0-4.2L4.2 0 0 4.2-4.2 0z",
  "^": "M0-4L3.9 3h-7.8z",
  v: "M0 4L3.9-3h-7.8z",
  P: "M-1.4-4h2.8v2.6h2.6v2.8h-2.6v2.6h-2.8v-2.6h-2.6v-2.8h2.6z",
  X: "M-4-2.4L-2.4-4 0-1.6 2.4-4 4-2.4 1.6 0 4 2.4 2.4 4 0 1.6-2.4 4-4 2.4-1.6 0z",
  "*": "M0-5.6L1.5-1.9 5.4-1.7 2.4.8 3.4 4.6 0 2.5-3.4 4.6-2.4.8-5.4-1.7-1.5-1.9z",
};

/** Draws axes {range, log, whole} and what is on them, and returns a function from a pointer's
 * event to the numbers that it is at. Lines are {xs, ys, colour, dash, width, faded, halo}, points
 * {x, y, se, colour, shape, edge, faded}, guides {x or y, label, dash}, cells {x, y, wide, high,
 * colour}, the cursor {x, y}. */
function drawChart(svg, { x, y, cells = [], guides = [], lines = [], points = [], cursor = {} }) {
  const { width, height } = svg.getBoundingClientRect();
  if (!width) return () => []; // not laid out yet
  const right = width - MARGIN.right, bottom = height - MARGIN.bottom;
  const across = scale(x, MARGIN.left, right), upwards = scale(y, bottom, MARGIN.top);
  const id = `clip-${svg.id}`, most = Math.max(Math.floor((right - MARGIN.left) / 48), 2);

  const frame = [
    ...ticks(y, 8).map(([at, label]) => [
      line(MARGIN.left, upwards.to(at), right, upwards.to(at), "grid"),
      text(MARGIN.left - 6, upwards.to(at) + 4, label, "end")]),
    ...ticks(x, most).map(([at, label]) => [
      line(across.to(at), MARGIN.top, across.to(at), bottom, "grid"),
      text(across.to(at), bottom + 17, label, "middle")]),
    line(MARGIN.left, bottom, right, bottom, "axis"),
    line(MARGIN.left, MARGIN.top, MARGIN.left, bottom, "axis"),
  ];
  const map = cells.map(cell => {
    const [a, b] = [across.to(cell.x - cell.wide / 2), across.to(cell.x + cell.wide / 2)];
    const [c, d] = [upwards.to(cell.y + cell.high / 2), upwards.to(cell.y - cell.high / 2)];
    return `<rect x="${a}" y="${c}" width="${b - a}" height="${d - c}" fill="${cell.colour}"/>`;
  });
  const anchorOf = a => (guides.some(one => one.x < a) ? "start"
    : guides.some(one => one.x > a) ? "end" : "middle");
  const marks = guides.filter(({ x: a, y: b }) => (a ? within(a, x) : within(b, y)))
    .map(({ x: a, y: b, label, dash }) => (a
      ? [line(across.to(a), MARGIN.top, across.to(a), bottom, "guide", dash),
        text(across.to(a), MARGIN.top - 5, label, anchorOf(a))]
      : [line(MARGIN.left, upwards.to(b), right, upwards.to(b), "guide", dash)]));
  const curves = lines.map(({ xs, ys, colour, dash = "", width = 1.6, faded, halo }) => {
    let path = "", pen = "M";
    ys.forEach((value, i) => {
      if (!Number.isFinite(value) || (y.log && value <= 0)) { pen = "M"; return; }
      path += `${pen}${across.to(xs[i]).toFixed(1)} ${upwards.to(value).toFixed(1)}`;
      pen = "L";
    });
    const style = `stroke-dasharray="${dash}" opacity="${faded ? 0.12 : 1}"`;
    return [halo ? `<path d="${path}" class="halo"/>` : "",
      `<path d="${path}" class="line" stroke="${colour}" stroke-width="${width}" ${style}/>`];
  });
  const dots = points.map(({ x, y, se = 0, colour, shape = "o", faded, edge }) => {
    const [a, b] = [across.to(x), upwards.to(y)], opacity = `opacity="${faded ? 0.12 : 1}"`;
    const ends = [y + se, Math.max(y - se, y / 1e3)].map(upwards.to);
    const bar = se > 0 ? `M${a} ${ends[0]}V${ends[1]}` : "";
    return `<g ${opacity}><path d="${bar}" stroke="${colour}"/>
      <path class="dot" d="${SHAPES[shape]}" transform="translate(${a} ${b})" fill="${colour}"
        stroke="${edge ?? colour}"/></g>`;
  });
  const [a, b] = [across.to(cursor.x), upwards.to(cursor.y)];
  const here = [cursor.x === undefined ? "" : line(a, MARGIN.top, a, bottom, "cursor"),
    cursor.y === undefined ? "" : line(MARGIN.left, b, right, b, "cursor")];
  const clipped = [map, marks.map(mark => mark[0]), curves, dots, here].flat(3).join("");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.innerHTML = `<clipPath id="${id}"><rect x="${MARGIN.left - 6}" y="${MARGIN.top - 1}"
    width="${right - MARGIN.left + 12}" height="${bottom - MARGIN.top + 2}"/></clipPath>
    ${frame.flat().join("")}<g clip-path="url(#${id})">${clipped}</g>
    ${marks.map(([, label = ""]) => label).join("")}`;
  return event => {
    const { left, top } = svg.getBoundingClientRect();
    return [across.from(event.clientX - left), upwards.from(event.clientY - top)];
  };
}

const line = (a, b, c, d, name, dash = "") => `<line class="${name}" x1="${a}" y1="${b}" x2="${c}"
  y2="${d}" stroke-dasharray="${dash}"/>`;
const text = (x, y, label, anchor) =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${label}</text>`;
const within = (value, { range: [low, high] }) => value >= low && value <= high;

/** What is at a share of the way from one number to another, and at what share something is. */
const between = ([low, high], share, log) =>
  (log ? low * (high / low) ** share : low + share * (high - low));
const shareOf = ([low, high], value, log) =>
  (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
const spaced = (range, steps, log) =>
  Array.from({ length: steps + 1 }, (_, i) => between(range, i / steps, log));

/** From numbers to positions between two ends, and back. */
const scale = ({ range, log }, start, end) => ({
  to: value => between([start, end], shareOf(range, value, log)),
  from: position =>
    between(range, Math.min(Math.max(shareOf([start, end], position), 0), 1), log),
});

/** At most so many numbers of an axis, with what they are called. */
function ticks({ range: [low, high], log, whole }, most) {
  if (log && high / low >= 100) {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const step = Math.ceil((last - first + 1) / most), found = [];
    for (let i = first; i <= last; i += step) found.push([10 ** i, `10${raised(i)}`]);
    return found;
  }
  if (log) {
    const decades = [-1, 0, 1, 2].map(i => 10 ** (Math.floor(Math.log10(low)) + i));
    return decades.flatMap(ten => [1, 2, 3, 5].map(digit => digit * ten))
      .filter(at => at >= low * 0.999 && at <= high * 1.001).map(at => [at, plain(at)]);
  }
  const rough = (high - low) / most, ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10, 20, 50].map(digit => digit * ten)
    .find(size => size >= rough && !(whole && size < 1));
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    found.push([i * step, plain(i * step)]);
  }
  return found;
}

/** A range that holds the numbers, on a log axis at most so many decades below the highest. */
function rangeOf(values, log, decades = 5) {
  const finite = values.filter(value => Number.isFinite(value) && (!log || value > 0));
  if (!finite.length) return log ? [0.1, 10] : [0, 1];
  const high = Math.max(...finite);
  if (!log) return [Math.min(0, ...finite), high * 1.05 || 1];
  const low = Math.max(Math.min(...finite), high / 10 ** decades);
  return [low / 1.25, high * 1.25];
}

const raised = whole => [...String(whole)].map(c => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");
const plain = value => String(Number(value.toPrecision(6))).replace("-", "−");

/** A whole number, or another to so many digits, as 0.0120 or 1.20×10⁻⁵. */
function written(value, digits = 3) {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return "∞";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const text = Number.isSafeInteger(value) ? value.toLocaleString("en")
    : exponent < -4 || exponent > 6 ? `${mantissa}×10${raised(Number(exponent))}`
      : exponent < digits ? value.toPrecision(digits) : Math.round(value).toLocaleString("en");
  return text.replace("-", "−");
}

/** A colour between those of a list, at a share from 0 to 1. */
function shade(colours, share) {
  const place = Math.min(Math.max(share, 0), 1) * (colours.length - 1), i = Math.floor(place);
  const channels = colour => [1, 3, 5].map(c => parseInt(colour.slice(c, c + 2), 16));
  const [one, other] = [colours[i], colours[Math.min(i + 1, colours.length - 1)]].map(channels);
  return `rgb(${one.map((c, j) => Math.round(c + (place - i) * (other[j] - c))).join(" ")})`;
}
