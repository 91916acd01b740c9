"use strict";
// Second view, what to do: the error of every protocol against the generation.

const [ONE_BATCH, FRESH, OUTSIDE] = ["One real batch", "Fresh real rows each time",
  "A model from outside"];

/** The protocols of the library at a budget b, as a function of ridge and n for E_n; without `make`
 * one has no formula. Simulated points of the figure of remedies are called `tuned` at the best
 * ridge for each n, `plain` at λ = 0. */
const REMEDIES = {
  replace: { family: ONE_BATCH, label: "replace", colour: "vermillion", shape: "s",
    tuned: "replace_tuned", plain: "replace",
    make: b => ridge => protocols.replace(b.samples, ridge, b.noise) },
  rationed: { family: ONE_BATCH, label: "real rows rationed", colour: "purple", shape: "D",
    tuned: "rationed", make: b => (ridge, n) =>
      protocols.mix(b.samples, Math.max(Math.floor(b.samples / (n + 1)), 1), ridge, b.noise) },
  growing: { family: ONE_BATCH, label: "growing batches", colour: "orange", shape: "P",
    tuned: "growing", make: b => ridge => protocols.growing(b.samples, k => k, ridge, b.noise) },
  subsample_kept: { family: ONE_BATCH, label: "subsample", colour: "sky", shape: "X",
    tuned: "subsample" },
  accumulate_kept: { family: ONE_BATCH, label: "accumulate", colour: "blue", shape: "o",
    tuned: "accumulate_tuned", plain: "accumulate",
    make: b => ridge => protocols.accumulate_kept(b.samples, ridge, b.noise) },
  one_design: { family: ONE_BATCH, label: "accumulate on one design", colour: "blue", dash: "2 2",
    make: b => ridge => protocols.accumulate_kept(b.samples, ridge, b.noise, true) },

  mix: { family: FRESH, label: "mix, unweighted", colour: "vermillion", dash: "6 2", shape: "v",
    tuned: "mix", make: b => ridge => protocols.mix(b.synthetic, b.real, ridge, b.noise) },
  weighted: { family: FRESH, label: "mix, weighted", colour: "orange", dash: "6 2", shape: "^",
    tuned: "weighted", make: b => ridge =>
      protocols.mix(b.synthetic, b.real, ridge, b.noise, bestRealWeight(b.real / b.synthetic)) },
  mix_labels: { family: FRESH, label: "mix of labels", colour: "purple", dash: "6 2",
    make: b => ridge => protocols.mix_labels(b.samples, b.share, ridge, b.noise) },
  subsample: { family: FRESH, label: "subsample, redrawn", colour: "sky", dash: "6 2",
    make: b => ridge => protocols.subsample(b.samples, ridge, b.noise) },
  accumulate: { family: FRESH, label: "accumulate, redrawn", colour: "green", dash: "6 2",
    make: b => ridge => protocols.accumulate(b.samples, ridge, b.noise) },
  accumulate_real: { family: FRESH, label: "accumulate, fresh real", colour: "blue", shape: "D",
    tuned: "accumulate_real" },

  two_groups: { family: OUTSIDE, label: "rows of its labels", colour: "sky", dash: "1 2",
    make: b => ridge => protocols.two_groups(b.synthetic, b.real, b.spread, ridge, b.noise) },
  verified: { family: OUTSIDE, label: "labels that it believes", colour: "green", dash: "1 2",
    only: "isotropic",
    make: b => ridge => protocols.verified(b.samples, b.spread, b.cut, ridge, b.noise) },
};

function budgetOf(at) {
  const samples = at.generator_samples;
  const real = Math.min(Math.max(Math.round(at.real_share * samples), 1), Math.max(samples - 1, 1));
  return { samples, real, synthetic: Math.max(samples - real, 1), share: at.real_share,
    noise: at.noise, spread: at.spread / at.d, cut: at.cut };
}

/** Generations that lines go through, closer at first where each has its own best ridge. */
function generationsOf({ generation: n, tuning }) {
  const steps = tuning === "fixed" ? upTo(n) : upTo(10).map(i => Math.round(n * (i / 10) ** 2));
  return [...new Set([0, Math.min(1, n), ...steps])].sort((a, b) => a - b);
}

const errorOf = (spectrum, make, ridge, n) => expectedErrors(spectrum, make(ridge, n), n)[n];

/** The ridge that makes E_n lowest: a grid over log λ finds the valley, sections its bottom. */
function tunedRidge(spectrum, make, n) {
  const grid = spaced([1e-10, 1e4].map(Math.log), 40);
  const error = log => errorOf(spectrum, make, Math.exp(log), n);
  const errors = grid.map(error), least = errors.indexOf(Math.min(...errors));
  const valley = [grid[Math.max(least - 1, 0)], grid[Math.min(least + 1, grid.length - 1)]];
  return Math.exp(lowestBetween(error, ...valley));
}

const solved = new Map(); // {ridge, error} by protocol, setting and n

/** Errors of a protocol at generations, as far as there is time before a deadline. */
function errorsOf(name, problem, budget, { tuning, ridge }, generations, deadline) {
  const how = JSON.stringify([name, problem, budget, tuning, tuning === "fixed" && ridge]);
  const found = solved.get(how) ?? solved.set(how, new Map()).get(how);
  const spectrum = spectrumOf(problem), make = REMEDIES[name].make(budget);
  if (solved.size > 500) solved.delete(solved.keys().next().value);
  for (const n of generations) {
    if (performance.now() > deadline) break;
    if (found.has(n)) continue;
    if (tuning === "best" || make.length > 1) { // another protocol for each n
      const best = tuning === "best" ? tunedRidge(spectrum, make, n) : ridge;
      found.set(n, { ridge: best, error: errorOf(spectrum, make, best, n) });
    } else {
      const last = generations.at(-1);
      expectedErrors(spectrum, make(ridge), last)
        .forEach((error, k) => found.set(k, { ridge, error }));
    }
  }
  return generations.filter(n => found.has(n)).map(n => ({ generation: n, ...found.get(n) }));
}

/** Simulated points of the figure of remedies, if a setting is one of its problems, by protocol. */
function simulatedRemedies(at) {
  const regime = DATA.remedies.find(({ block, real_share }) => {
    const part = settingOf(block.spectrum);
    return part && hasAll(at, part) && block.samples === at.generator_samples
      && block.noise === at.noise && real_share === at.real_share;
  });
  const kind = at.tuning === "best" ? "tuned" : at.ridge === 0 ? "plain" : "none";
  return name => (regime?.points ?? []).filter(({ remedy, generation }) =>
    remedy === REMEDIES[name][kind] && generation <= at.generation);
}

const remedies = {
  presets: () => DATA.remedies.flatMap(({ name, block, real_share, points }) => {
    const part = settingOf(block.spectrum);
    return part ? [[`remedies, ${name.replaceAll("_", " ")}`, { view: "remedies", ...part,
      generator_samples: block.samples, noise: block.noise, real_share, tuning: "best",
      generation: Math.max(...points.map(point => point.generation)) }]] : [];
  }),

  show(at, pointed) {
    const deadline = performance.now() + 40, problem = problemOf(at), budget = budgetOf(at);
    const { nullRisk } = spectrumOf(problem), generations = generationsOf(at);
    const [stop] = errorsOf("replace", problem, budget, at, [0], Infinity);
    const off = at.hidden.split(","), pointsOf = simulatedRemedies(at);
    const all = Object.entries(REMEDIES).map(([name, { colour, make, only, ...remedy }]) => {
      const hidden = off.includes(name), missing = hidden ? "" : !make ? "simulated only"
        : only && only !== at.spectrum ? `${only} only` : undefined;
      const rows = missing === undefined
        ? errorsOf(name, problem, budget, at, generations, deadline) : [];
      return { ...remedy, name, hidden, missing, rows, points: hidden ? [] : pointsOf(name),
        colour: `var(--${colour})`, shape: make ? "" : remedy.shape, dot: remedy.shape };
    });
    const errors = all.flatMap(({ rows, points }) => [...rows, ...points]).map(one => one.error);
    const top = 30 * Math.max(nullRisk, stop.error || 0), here = { ...at, ...pointed };
    const replicates = all.flatMap(one => one.points)[0]?.replicates;
    return {
      busy: all.some(({ missing, rows }) =>
        missing === undefined && rows.length < generations.length),
      charts: [{
        x: { label: "generation <i>n</i>", range: [0, Math.max(at.generation, 1)], whole: true },
        y: { log: true, range: rangeOf([...errors.filter(error => error < top), nullRisk,
          stop.error], true) },
        up: "test error <i>E<sub>n</sub></i>", legend: [], cursor: { x: here.generation },
        lines: all.map(({ name, rows, colour, dash }) => ({ name, colour, dash, width: 1.8,
          xs: rows.map(row => row.generation), ys: rows.map(row => row.error) })),
        points: all.flatMap(({ name, points, colour, dot: shape }) => points.map(point => ({ name,
          colour, shape, x: point.generation, y: point.error, se: point.error_se }))),
        guides: [{ y: nullRisk, label: "null predictor", dash: "1 3" },
          { y: stop.error, label: "stop: one real batch", dash: "6 3" }],
      }],
      pointed: x => ({ generation: generations.reduce((one, other) =>
        (Math.abs(other - x) < Math.abs(one - x) ? other : one)) }),
      note: [
        replicates && `Markers: simulations of the figure of remedies, ${replicates} replicates.`,
        errors.some(Number.isNaN) && "A line ends where least squares would have a number of rows "
          + "within 1 of d: its mean error is not finite.",
      ].filter(Boolean).join(" "),
      tiles: [
        ["stop", "one real batch", stop.error],
        ["null", "predicting 0", nullRisk],
        ["real", "rows, where some are", budget.real],
        ["synthetic", "rows beside them", budget.synthetic],
        ["weight", "of real rows, weighted", bestRealWeight(budget.real / budget.synthetic)],
      ],
      table: { caption: `At <i>n</i> = ${here.generation}`,
        head: ["protocol", "error <i>E<sub>n</sub></i>", "over stop", "<i>λ</i>"],
        rows: all.map(one => {
          const { name, family, hidden, missing, label, colour, dash, shape, rows, points } = one;
          const { ridge, error } = [...rows, ...points]
            .find(({ generation }) => generation === here.generation) ?? {};
          const cells = error === undefined ? [missing ?? "…"]
            : [error, error / stop.error, ridge].map(value => written(value));
          return { name, family, off: hidden, cells: [[label, colour, dash, shape], ...cells] };
        }) },
      csv: all.flatMap(({ name, rows }) => rows.map(row =>
        ({ protocol: name, ...row, over_stop: row.error / stop.error }))),
    };
  },
};
