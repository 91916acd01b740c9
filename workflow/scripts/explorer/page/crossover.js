"use strict";
// Third view: how the error scales where T0 = T^b, nσ0² = T^a and λ = T^−ℓ, cell by cell.

const DIMENSIONS = [16, 1024]; // of the curves beside the map, d = T0/2 as on the map
const ALONG = 12; // steps of such a curve
const MAP_AXES = {
  a: "exponent <i>a</i> of <i>nσ</i><sub>0</sub>² = <i>T</i><sup><i>a</i></sup>",
  b: "exponent <i>b</i> of <i>T</i><sub>0</sub> = <i>T</i><sup><i>b</i></sup>",
};

/** A map's cells: the build's exponents of the recursion at its β, r and b or a, else a formula. */
const mapOf = remembered(({ map, beta, r, a, b }) => {
  const { law, cells: grids, simulated } = DATA.crossover, held = map === "a" ? { b } : { a };
  const measured = hasAll(law, { beta, r, ...held });
  const cells = grids[map].map(({ [map]: x, ell, theory }) => ({ x, ell,
    exponent: measured ? theory : largest(termExponents({ beta, r, ell, ...held, [map]: x })) }));
  return { measured, held: Object.keys(held)[0], cells, xs: gridOf(cells.map(cell => cell.x)),
    ells: gridOf(cells.map(cell => cell.ell)),
    circles: measured ? simulated[map].map(one => ({ x: one[map], ...one })) : [] };
});

const largest = terms => Math.max(...Object.values(terms));

/** Ends and step of a grid's coordinates. */
function gridOf(values) {
  const all = [...new Set(values)], low = Math.min(...all), high = Math.max(...all);
  return { low, high, step: (high - low) / Math.max(all.length - 1, 1) };
}
const snapped = (value, { low, high, step }) => Number(
  Math.min(Math.max(low + Math.round((value - low) / step) * step, low), high).toFixed(6));
const near = (one, other, { step }) => Math.abs(one - other) <= step / 2 + 1e-9;

/** E and its terms along a law, by the recursion: T0 = 2d, T = T0^{1/b}, σ = 1. */
const alongLaw = remembered((beta, r, ell, b, a) => spaced(DIMENSIONS, ALONG, true).map(size => {
  const d = Math.round(size);
  const samples = (2 * d) ** (1 / b), spectrum = spectrumOf({ name: "power_law", d, beta, r });
  const generator = { samples: 2 * d, ridge: 0, noise: samples ** (a / 2) };
  const downstream = { samples, ridge: samples ** -ell, noise: 1 };
  const { total, ...terms } = chainRisk(spectrum, [generator], downstream);
  return { samples, d, ridge: downstream.ridge, risk: total, ...terms };
}));

const crossover = {
  presets: () => ["a", "b"].map(map => {
    const { beta, r, a, b } = DATA.crossover.law, held = map === "a" ? { b } : { a };
    return [`crossover over ${map}`, { view: "crossover", map, beta, r, ...held }];
  }),

  show(at, pointed) {
    const here = { ...at, ...pointed }, { map, beta, r, ell, b, a } = here, found = mapOf(at);
    const { measured, held, cells, xs, ells, circles } = found;
    const curve = alongLaw(beta, r, ell, b, a), terms = termExponents(here);
    const isHere = one => near(one.x, here[map], xs) && near(one.ell, ell, ells);
    const circle = circles.find(isHere);
    const [leading] = Object.entries(terms).find(([, value]) => value === largest(terms));
    return {
      charts: [mapChart(at, here, found), lawChart(curve)],
      pointed: (x, y) => ({ [map]: snapped(x, xs), ell: snapped(y, ells) }),
      note: (measured ? "Colours: the recursion's exponents in this build; circles: simulation."
        : `Colours: the corrected formula, as this build has another β, r or ${held}.`)
        + " Blue falls with T, red rises.",
      tiles: [
        ["<i>E</i> ≍ <i>T</i><sup><i>x</i></sup>", `x by ${measured ? "recursion" : "formula"}`,
          cells.find(isHere)?.exponent],
        ...(circle
          ? [["<i>x</i>", `simulated, ± ${written(circle.simulated_se, 1)}`, circle.simulated]] : []),
        ["formula", `${leading} leads`, largest(terms)],
        ...Object.entries(terms).map(([term, value]) => [term, "its exponent", value]),
        ["<i>ℓ</i><sub>crit</sub>", "best for n = 0", ellCrit(beta, r)],
        ["<i>ℓ</i>⋆", "best for n > 0", ellStar(beta, r, b, a)],
      ],
      table: { caption: ["a", "b", "ell"].map(key =>
        `<i>${key === "ell" ? "ℓ" : key}</i> = ${plain(here[key])}`).join(", "),
      head: ["<i>T</i>", "<i>d</i>", "<i>λ</i>", "error <i>E</i>", "bias", "variance", "collapse"],
      rows: curve.filter((_, i) => i % 4 === 0)
        .map(row => ({ cells: Object.values(row).map(x => written(x)) })) },
      csv: cells.map(cell => ({ beta, r, [held]: at[held], [map]: cell.x, ell: cell.ell,
        exponent: cell.exponent })),
    };
  },
};

/** The map with its circles, and the lines of the paper and of its correction. */
function mapChart({ map, beta, r, a, b }, here, { cells, xs, ells, circles }) {
  const exponents = cells.map(cell => cell.exponent);
  const [least, most] = [Math.min(-1e-3, ...exponents), Math.max(1e-3, ...exponents)];
  const colour = x => shade(DATA.colours.map, x < 0 ? 0.5 - 0.5 * x / least : 0.5 + 0.5 * x / most);
  const places = spaced([xs.low, xs.high], 100);
  const boundary = (label, dash, value) => ({ label, dash, xs: places, ys: places.map(value),
    colour: "#000", width: 1.5, halo: true });
  const lines = [
    boundary("<i>ℓ</i>⋆", "", x => ellStar(beta, r, ...(map === "a" ? [b, x] : [x, a]))),
    boundary("<i>ℓ</i><sub>crit</sub>", "6 3", () => ellCrit(beta, r)),
    map === "a" ? boundary("<i>β</i>(1−<i>a</i>)", "1 3", x => beta * (1 - x))
      : boundary("<i>β</i> min(<i>b</i>, 1)", "1 3", x => beta * Math.min(x, 1)),
  ];
  const around = ({ low, high, step }) => [low - step / 2, high + step / 2];
  return {
    x: { label: MAP_AXES[map], range: around(xs) }, y: { range: around(ells) },
    up: "exponent <i>ℓ</i> of the ridge", cursor: { x: here[map], y: here.ell }, lines,
    legend: lines.map(({ label, dash }) => [label, "var(--ink)", dash]),
    cells: cells.map(({ x, ell, exponent }) => ({ x, y: ell, wide: xs.step, high: ells.step,
      colour: colour(exponent) })),
    points: circles.map(({ x, ell, simulated }) => ({ x, y: ell, colour: colour(simulated),
      edge: "#000" })),
  };
}

/** The error and its terms along the law of one cell. */
function lawChart(curve) {
  const xs = curve.map(row => row.samples), looks = { risk: "var(--ink)", ...TERMS };
  const lines = Object.entries(looks).map(([term, colour]) => ({ term, colour, xs,
    ys: curve.map(row => row[term]), width: term === "risk" ? 2.8 : 2,
    dash: term === "risk" ? "" : "5 3" }));
  return {
    x: { label: "sample size <i>T</i>", log: true, range: [xs[0], xs.at(-1)] },
    y: { log: true, range: rangeOf(lines.flatMap(({ ys }) => ys), true) },
    up: "test error <i>E</i> along the law", lines,
    legend: lines.map(({ term, colour, dash }) =>
      [term === "risk" ? "<i>E</i>" : term, colour, dash]),
  };
}
