"use strict";
// Test error of a chain of generations: the library's problem/spectra.py,
// theory/equivalents.py and theory/recursion.py for one page.
//
// A spectrum is {eigenvalues, squares, counts}: of Σ's eigenvalues, all positive, how many modes
// each stands for, and the square of w0's coefficient in each of them. A fit is {samples, ridge,
// noise}: T, λ, σ. Where recursion.py pulls weights back through the chain, this pushes moments
// forward, so that one pass serves all generations and all downstream fits.

const spectra = {
  isotropic: ({ d, norm }) => spectrum([1], [norm ** 2 / d], [d]),

  /** Capacity and source of eq (23): λ_k = k^−β, c_k² = k^−δ, δ = 1 + β(2r − 1). */
  power_law({ d, beta, r }) {
    const ranks = Float64Array.from({ length: d }, (_, i) => i + 1);
    const delta = 1 + beta * (2 * r - 1);
    return spectrum(ranks.map(k => k ** -beta), ranks.map(k => k ** -delta), ranks.map(() => 1));
  },

  two_level: ({ d, weak_eigenvalue, weak_weight }) =>
    spectrum([1, weak_eigenvalue], [(1 - weak_weight) / (d / 2), weak_weight / (d / 2)],
      [d / 2, d / 2]),
};

function spectrum(eigenvalues, squares, counts) {
  const [s, c, m] = [eigenvalues, squares, counts].map(values => Float64Array.from(values));
  const weights = s.map((x, i) => m[i] * x); // of the coordinates in ‖·‖²_Σ
  return { eigenvalues: s, squares: c, counts: m, weights, rank: sum(m), trace: sum(weights),
    nullRisk: sum(weights, i => weights[i] * c[i]) };
}

function sum(values, term = i => values[i]) {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += term(i);
  return total;
}

/** κ(λ, T): the largest root of κ − λ = κ·df_1(κ)/T by Newton's method, which falls to it. */
function effectiveRidge({ eigenvalues, counts, rank, trace }, samples, ridge) {
  let kappa = ridge === 0 && samples >= rank ? 0 : ridge + trace / samples;
  for (let falls = kappa > 0; falls;) {
    let df1 = 0, df2 = 0;
    for (let i = 0; i < eigenvalues.length; i++) {
      const psi = eigenvalues[i] / (eigenvalues[i] + kappa);
      df1 += counts[i] * psi;
      df2 += counts[i] * psi * psi;
    }
    const following = kappa - (kappa - ridge - kappa * df1 / samples) / (1 - df2 / samples);
    falls = kappa - following > 4 * Number.EPSILON * kappa;
    if (falls) kappa = following;
  }
  return kappa;
}

/** df_m(κ) = tr Σ^m(Σ+κ)^−m, m = 1 or 2. */
function freedom({ eigenvalues, counts }, kappa, order) {
  let total = 0;
  for (let i = 0; i < counts.length; i++) {
    const psi = eigenvalues[i] / (eigenvalues[i] + kappa);
    total += counts[i] * (order === 1 ? psi : psi * psi);
  }
  return total;
}

/** λ = κ(1 − df_1(κ)/T). */
const ridgeOf = (spectrum, samples, kappa) =>
  Math.max(kappa * (1 - freedom(spectrum, kappa, 1) / samples), 0);

/** Ψ = ΣG, 1 − Ψ = κG and ΣG² of a fit, per coordinate. */
function shrinkage({ eigenvalues }, kappa) {
  const psi = eigenvalues.map(s => s / (s + kappa));
  return { psi, residual: eigenvalues.map(s => kappa / (s + kappa)),
    gain: psi.map((x, i) => x * x / eigenvalues[i]) };
}

/** What a sum is inflated by; 0 where it is 0, as at κ = 0 and T = rank Σ. */
const over = (total, left) => (total === 0 ? 0 : total / left);

/** The truth as a model: its mean is kept·w0, lost = 1 − kept, and it scatters about that by
 * `scatter` in a noiseless chain, and by `noise` more with label noise; per coordinate. */
function truth({ eigenvalues }) {
  return { kept: eigenvalues.map(() => 1), lost: eigenvalues.map(() => 0),
    scatter: eigenvalues.map(() => 0), noise: eigenvalues.map(() => 0) };
}

/** The model that a fit makes of another's labels. With e = m + ξ, E ξ² = ΣG²·V per coordinate,
 *
 *     m = Ψe + (1−Ψ)e_∅,   V = [σ² + E‖(1−Ψ)ŵ‖²_Σ]/(T − df_2). */
function fitted(spectrum, model, fit) {
  const { squares, weights } = spectrum;
  const kappa = effectiveRidge(spectrum, fit.samples, fit.ridge);
  const { psi, residual, gain } = shrinkage(spectrum, kappa);
  const left = fit.samples - freedom(spectrum, kappa, 2);
  const shrunk = term => sum(weights, i => residual[i] && weights[i] * residual[i] ** 2 * term(i));
  const still = over(shrunk(i => model.kept[i] ** 2 * squares[i] + model.scatter[i]), left);
  const noisy = over(fit.noise ** 2 + shrunk(i => model.noise[i]), left);
  return {
    kept: psi.map((x, i) => x * model.kept[i]),
    lost: model.lost.map((x, i) => x + model.kept[i] * residual[i]),
    scatter: model.scatter.map((x, i) => psi[i] ** 2 * x + gain[i] * still),
    noise: model.noise.map((x, i) => psi[i] ** 2 * x + gain[i] * noisy),
  };
}

/** The last of a chain of generators. OLS on one shared design is a projection, idempotent: n of
 * them are one fit whose noise variance is the sum of theirs. */
function lastOf(spectrum, generators, sharedDesign) {
  if (sharedDesign && generators.length) {
    const noise = Math.hypot(...generators.map(fit => fit.noise));
    return fitted(spectrum, truth(spectrum), { ...generators[0], noise });
  }
  return generators.reduce((model, fit) => fitted(spectrum, model, fit), truth(spectrum));
}

/** What the error of a downstream fit of effective ridge κ is made of, whatever its T and σ. */
function partsAt({ eigenvalues, squares, counts, weights }, model, kappa) {
  const parts = { df2: 0, bias: 0, unlearned: 0, noise: 0, unlearnedNoise: 0 };
  for (let i = 0; i < eigenvalues.length; i++) {
    const psi = eigenvalues[i] / (eigenvalues[i] + kappa);
    const residual = kappa / (eigenvalues[i] + kappa);
    const lost = model.lost[i] + model.kept[i] * residual;
    const known = weights[i] * psi * psi, unknown = weights[i] * residual * residual;
    parts.df2 += counts[i] * psi * psi;
    parts.bias += weights[i] * lost * lost * squares[i] + known * model.scatter[i];
    parts.unlearned += unknown * (model.kept[i] ** 2 * squares[i] + model.scatter[i]);
    parts.noise += known * model.noise[i];
    parts.unlearnedNoise += unknown && unknown * model.noise[i];
  }
  return parts;
}

/** bias, variance and collapse of a fit to T samples, of which `parts` are known. */
function riskAt(parts, samples, noise) {
  const inflated = total => over(total * parts.df2, samples - parts.df2);
  const risk = { bias: parts.bias + inflated(parts.unlearned), variance: inflated(noise ** 2),
    collapse: parts.noise + inflated(parts.unlearnedNoise) };
  return { ...risk, total: risk.bias + risk.variance + risk.collapse };
}

/** The error of a downstream fit to a model's labels. */
function riskOf(spectrum, model, fit) {
  const kappa = effectiveRidge(spectrum, fit.samples, fit.ridge);
  return riskAt(partsAt(spectrum, model, kappa), fit.samples, fit.noise);
}

/** As chain_risk of recursion.py. */
const chainRisk = (spectrum, generators, downstream, sharedDesign = false) =>
  riskOf(spectrum, lastOf(spectrum, generators, sharedDesign), downstream);

const RIDGES = [1e-12, 1e4]; // among which the best one is looked for

/** A function of T and σ: the λ that is best for a downstream fit to a model's labels, or nan.
 *
 * A grid over log κ, of which every T has its part, finds the valley; sections its bottom. */
function bestRidgeFor(spectrum, model) {
  const step = 0.5, table = new Map();
  const at = kappa => partsAt(spectrum, model, kappa);
  const onGrid = i => table.get(i) ?? table.set(i, at(Math.exp(i * step))).get(i);
  return (samples, noise) => {
    const bounds = RIDGES.map(ridge => Math.log(effectiveRidge(spectrum, samples, ridge)));
    const error = log => riskAt(at(Math.exp(log)), samples, noise).total;
    const first = Math.ceil(bounds[0] / step), last = Math.floor(bounds[1] / step);
    let least = NaN;
    for (let i = first, lowest = Infinity; i <= last; i++) {
      const found = riskAt(onGrid(i), samples, noise).total;
      if (found < lowest) [least, lowest] = [i, found];
    }
    const low = Math.max((least - 1) * step, bounds[0]);
    const kappa = lowestBetween(error, low, Math.min((least + 1) * step, bounds[1]));
    return ridgeOf(spectrum, samples, Math.exp(kappa));
  };
}

/** Where a function of one valley between two numbers is lowest to 10^−4, by golden sections. */
function lowestBetween(value, low, high) {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [high - golden * (high - low), low + golden * (high - low)];
  let [atA, atB] = [value(a), value(b)];
  while (high - low > 1e-4) {
    if (atA < atB) {
      [high, b, atB] = [b, a, atA];
      atA = value(a = high - golden * (high - low));
    } else {
      [low, a, atA] = [a, b, atB];
      atB = value(b = low + golden * (high - low));
    }
  }
  return (low + high) / 2;
}
