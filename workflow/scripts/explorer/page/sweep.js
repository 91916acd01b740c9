"use strict";
// First view: the test error over T, λ, ℓ or n, one curve for each generation.

const AXES = {
  samples: { symbol: "T", label: "sample size <i>T</i>", range: [1, 1e6], log: true },
  ridge: { symbol: "λ", label: "ridge <i>λ</i>", range: [1e-5, 1e2], log: true },
  ell: { symbol: "ℓ", label: "exponent <i>ℓ</i> of <i>λ</i> = <i>T</i><sup>−<i>ℓ</i></sup>",
    range: [0, 2] },
  generation: { symbol: "n", label: "generation <i>n</i>", range: [1, 100], log: true },
};
const GENERATIONS = [0, 1, 2, 3, 5, 10]; // those of the figures
const TERMS = { bias: "var(--bias)", variance: "var(--variance)", collapse: "var(--collapse)" };

/** Where on an axis curves are computed; the best λ takes longer. */
function placesOn(axis, rule) {
  const { range, log } = AXES[axis], whole = axis === "generation";
  const places = spaced(range, rule === "best" || whole ? 40 : 120, log);
  return whole ? [...new Set(places.map(Math.round))] : places;
}

const generatorsOf = at => ({ samples: at.generator_samples, noise: at.generator_noise,
  ridge: at.generator_ridge, shared: at.designs === "shared" && CONTROLS.designs.shown(at) });

/** The models 0 … n of a chain, and for each what finds the best downstream λ. */
const chainOf = remembered((problem, { shared, ...fit }, generations) => {
  const spectrum = spectrumOf(problem), models = [truth(spectrum)];
  for (let n = 1; n <= generations; n++) {
    models.push(shared ? lastOf(spectrum, Array(n).fill(fit), true)
      : fitted(spectrum, models[n - 1], fit));
  }
  return models.map(model => ({ ...model, best: bestRidgeFor(spectrum, model) }));
});

/** What a ridge rule looks at, in generation n. */
function situation(at, n, model) {
  return { samples: at.samples, generatorSamples: at.generator_samples, noise: at.noise,
    collapseNoise: n * at.generator_noise ** 2, ridge: at.ridge, ell: at.ell, best: model.best,
    ellCrit: at.spectrum === "power_law" ? ellCrit(at.beta, at.r) : NaN };
}

/** Theory at one point of a setting: a row of the csv. */
function pointOf(at, n) {
  const model = chainOf(problemOf(at), generatorsOf(at), mostGenerations(at))[n];
  const rule = ruleOf(at), ridge = RIDGE_RULES[rule](situation(at, n, model));
  const fit = { samples: at.samples, ridge, noise: at.noise };
  const { total, ...terms } = riskOf(spectrumOf(problemOf(at)), model, fit);
  return { generation: n, samples: at.samples, ridge_rule: rule, ridge, risk: total, ...terms };
}

const mostGenerations = at => (at.axis === "generation" ? 100 : Math.max(10, at.generation));

/** Rows of theory along the axis for each generation shown; over n there is one curve alone. */
const curvesOf = remembered((at, shown) => {
  const places = placesOn(at.axis, ruleOf(at));
  if (at.axis === "generation") return [places.map(n => ({ x: n, ...pointOf(at, n) }))];
  return shown.map(n => places.map(x => ({ x, ...pointOf({ ...at, [at.axis]: x }, n) })));
});

/** The simulated points of a setting: of the experiment that has most of them. */
function simulatedAt(at) {
  const rule = ruleOf(at), ellOf = ({ samples, ridge }) => -Math.log(ridge) / Math.log(samples);
  const atThisRidge = { fixed: point => point.ridge === at.ridge,
    ell: point => Math.abs(ellOf(point) - at.ell) < 1e-9 }[rule] ?? (() => true);
  const belongs = point => point.ridge_rule === rule
    && (at.axis === "samples" || point.samples === at.samples)
    && (at.axis === "ridge" || at.axis === "ell" || atThisRidge(point));
  const placed = point => ({ ...point, x: at.axis === "ell" ? ellOf(point) : point[at.axis] });
  return DATA.experiments.filter(({ block }) => isOf(at, block))
    .map(({ name, points }) => ({ name, points: points.filter(belongs).map(placed) }))
    .reduce((most, one) => (one.points.length > most.points.length ? one : most), { points: [] });
}

/** Whether a setting is that of an experiment's block of the config. */
function isOf(at, block) {
  const part = settingOf(block.spectrum), { samples, noise, ridge, shared } = generatorsOf(at);
  const alike = block.shared_design === shared || block.generator_samples >= at.d;
  return part && hasAll(at, part) && alike && hasAll(block, { generator_samples: samples,
    generator_noise: noise, generator_ridge: ridge, noise: at.noise });
}

const sweep = {
  /** The panels of figures that are settings of this page, by what they are called. */
  presets: () => DATA.panels.flatMap(({ title, experiment, sweep: axis, ridge_rules }) => {
    const { block, points } = DATA.experiments.find(({ name }) => name === experiment);
    const part = settingOf(block.spectrum);
    return part ? ridge_rules.filter(rule => RIDGE_RULES[rule]).map(rule => {
      const { samples, ridge } = points.find(point => point.ridge_rule === rule);
      const among = ridge_rules.length > 1 ? `, ${CONTROLS.rule.choices[rule]}` : "";
      const along = axis !== "samples" ? { samples }
        : rule === "fixed" ? { rule, ridge } : { rule };
      return [`${title} over ${AXES[axis].symbol}${among}`, {
        view: "sweep", axis, ...part, ...along,
        generator_samples: block.generator_samples, generator_noise: block.generator_noise,
        generator_ridge: block.generator_ridge, noise: block.noise,
        designs: block.shared_design ? "shared" : "independent" }];
    }) : [];
  }),

  show(at, pointed) {
    const { name, points } = simulatedAt(at), here = { ...at, ...pointed };
    const known = points.length ? points.map(one => one.generation) : GENERATIONS;
    const shown = [...new Set([...known, at.generation])].sort((a, b) => a - b);
    const colour = n => generationColour(shown.indexOf(n) / Math.max(shown.length - 1, 1));
    const rows = shown.map(n => pointOf({ ...here, generation: n }, n));
    // The cursor moves along curves, and changes none.
    const curves = curvesOf({ ...at, [at.axis]: 1, terms: "" }, shown);
    return {
      charts: [errorChart(at, here, curves, shown, points, colour)],
      pointed: x => ({
        [at.axis]: CONTROLS[at.axis].whole ? Math.round(x) : Number(x.toPrecision(3)) }),
      note: noteOf(at, name, points[0]?.replicates),
      tiles: tilesOf(here),
      table: { caption: `At ${placeOf(here)}`,
        head: ["<i>n</i>", "<i>λ</i>", "error <i>E</i>", "bias", "variance", "collapse"],
        rows: rows.map(row => ({ focus: row.generation === here.generation, cells: [
          [row.generation, colour(row.generation)],
          ...[row.ridge, row.risk, row.bias, row.variance, row.collapse].map(x => written(x)),
        ] })) },
      csv: curves.flat().map(({ x, ...row }) => row),
    };
  },
};

/** Curves, points and marks; the terms are those of generation n. */
function errorChart(at, here, curves, shown, points, colour) {
  const overN = at.axis === "generation", { nullRisk } = spectrumOf(problemOf(at));
  const ink = "var(--ink)";
  const focus = overN ? 0 : shown.indexOf(at.generation), xs = curves[0].map(row => row.x);
  const hueOf = i => (overN ? ink : colour(shown[i]));
  const lines = curves.map((rows, i) => ({ xs, ys: rows.map(row => row.risk), colour: hueOf(i),
    width: i === focus ? 2.8 : 1.6 }));
  const terms = Object.keys(TERMS).filter(term => at.terms === "all" || at.terms === term);
  const parts = terms.map(term => ({ xs, ys: curves[focus].map(row => row[term]),
    colour: TERMS[term], dash: "5 3", width: 2 }));
  const dots = points.map(one => ({ x: one.x, y: one.risk, se: one.risk_se,
    colour: overN ? ink : colour(one.generation) }));
  const stars = at.axis === "ridge" || at.axis === "ell" ? curves.map((rows, i) => {
    const { x, risk } = rows.reduce((one, other) => (other.risk < one.risk ? other : one));
    return { x, y: risk, shape: "*", colour: hueOf(i), edge: ink };
  }) : [];
  const guides = {
    samples: at.d === at.generator_samples ? [{ x: at.d, label: "d = T₀", dash: "2 3" }]
      : [{ x: at.d, label: "d", dash: "2 3" },
        { x: at.generator_samples, label: "T₀", dash: "6 3" }],
    generation: [{ y: pointOf(at, 0).risk, label: "clean data, n = 0", dash: "6 3" }],
  }[at.axis] ?? [];
  const legend = overN ? [["theory", ink]]
    : shown.map(n => [n === shown[0] ? `<i>n</i> = ${n}` : n, colour(n)]);
  const errors = lines.flatMap(({ ys }) => ys).concat(dots.map(({ y }) => y));
  const top = 30 * Math.max(nullRisk, median(errors)); // a pole may stand out
  const seen = [...errors, ...parts.flatMap(({ ys }) => ys)].filter(error => error <= top);
  return {
    x: AXES[at.axis], y: { log: true, range: rangeOf(seen, true) }, up: "test error <i>E</i>",
    lines: [...lines, ...parts], points: [...dots, ...stars], cursor: { x: here[at.axis] },
    guides: [{ y: nullRisk, label: "null predictor", dash: "1 3" }, ...guides],
    legend: [...legend, ...terms.map(term => [term, TERMS[term], "5 3"]),
      ...(dots.length ? [["simulated", ink, "", "o"]] : [])],
  };
}

const median = values =>
  values.filter(Number.isFinite).sort((a, b) => a - b)[values.length >> 1] ?? 0;

const placeOf = at => ({ ridge: `<i>λ</i> = ${written(at.ridge)}`,
  ell: `<i>ℓ</i> = ${plain(at.ell)}` })[at.axis] ?? `<i>T</i> = ${written(at.samples)}`;

function noteOf(at, name, replicates) {
  const said = name ? [`Markers: experiment ${name}, means of ${replicates} replicates.`] : [];
  if (at.generator_ridge === 0 && at.generator_samples === at.d && at.generator_noise > 0) {
    said.push("At T₀ = d the error of a least-squares generator is not finite.");
  } else if (at.generator_ridge === 0 && at.generator_samples > at.d) {
    said.push("With T₀ > d shared and independent designs agree.");
  }
  return said.join(" ");
}

/** κ, ℓ_crit, ℓ⋆, T_eff and the best λ of generation n at one place. */
function tilesOf(at) {
  const { generation: n, samples, noise } = at, problem = problemOf(at);
  const model = chainOf(problem, generatorsOf(at), mostGenerations(at))[n];
  const spectrum = spectrumOf(problem), where = situation(at, n, model);
  const best = model.best(samples, noise);
  const least = riskOf(spectrum, model, { samples, ridge: best, noise }).total;
  const [b, a] = [at.generator_samples, where.collapseNoise]
    .map(size => Math.log(size) / Math.log(samples));
  const star = at.spectrum === "power_law" && where.collapseNoise > 0 && samples > 1
    ? ellStar(at.beta, at.r, b, a) : NaN;
  return [
    ["<i>κ</i>", "effective ridge", effectiveRidge(spectrum, samples, pointOf(at, n).ridge)],
    ["<i>ℓ</i><sub>crit</sub>", "best for n = 0", where.ellCrit],
    ["<i>ℓ</i>⋆", "best for n > 0", star],
    ["<i>T</i><sub>eff</sub>", "effective samples", effectiveSamples(where)],
    ["best <i>λ</i>", `for n = ${n}`, best],
    ["least <i>E</i>", "at the best λ", least],
  ].filter(([, , value]) => !Number.isNaN(value)); // other spectra than power laws have no ℓ
}
