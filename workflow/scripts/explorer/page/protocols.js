"use strict";
// Errors of protocols: groups.py, equivalents.py, theory.py and remedies.py of
// the library's mixtures for one page.
//
// A protocol is a function from k to the generation of model k, {groups, ridge}. A group is
// {samples, labels, noise, weight, rows}: labels are those of model k, of the truth for 0, or of
// an {spread} from outside; groups of one `rows` have the same x.

const group = (samples, labels, noise, weight = 1, rows) =>
  ({ samples, labels, noise, weight, rows });

/** The constructors of remedies.py that have theory, by their names and arguments. */
const protocols = {
  replace: (samples, ridge, noise) => k => ({ groups: [group(samples, k - 1, noise)], ridge }),

  growing: (samples, rule, ridge, noise) => k =>
    protocols.replace(Math.round(samples * rule(k)), ridge, noise)(k),

  mix: (samples, realSamples, ridge, noise, realWeight) => k => {
    const real = group(realSamples, 0, noise), synthetic = group(samples, k - 1, noise);
    if (k === 1) return { groups: [real], ridge };
    if (realWeight !== undefined) {
      real.weight = realWeight / realSamples;
      synthetic.weight = (1 - realWeight) / samples;
    }
    return { groups: [real, synthetic], ridge };
  },

  mix_labels: (samples, realShare, ridge, noise) => k => ({ ridge,
    groups: k === 1 ? [group(samples, 0, noise)] : [
      group(samples, 0, noise, realShare, k), group(samples, k - 1, noise, 1 - realShare, k)],
  }),

  accumulate: (samples, ridge, noise) => k =>
    ({ groups: upTo(k).map(i => group(samples, i - 1, noise)), ridge }),

  accumulate_kept: (samples, penalty, noise, oneDesign = false) => k => ({ ridge: penalty / k,
    groups: upTo(k).map(i => group(samples, i - 1, noise, 1, oneDesign ? "x" : `${i}`)),
  }),

  subsample: (samples, ridge, noise) => k =>
    ({ groups: upTo(k).map(i => group(samples / k, i - 1, noise)), ridge }),

  two_groups(samples, realSamples, spread, ridge, noise, realWeight) {
    const outsider = { spread };
    const [real, other] = realWeight === undefined ? [1, 1]
      : [realWeight / realSamples, (1 - realWeight) / samples];
    return () => ({ ridge,
      groups: [group(realSamples, 0, noise, real), group(samples, outsider, noise, other)] });
  },

  verified(samples, spread, cut, ridge, noise) {
    const verifier = { spread, cut };
    return k => ({ ridge,
      groups: [{ ...group(samples, k - 1, noise), verifier: k > 1 ? verifier : undefined }] });
  },
};

/** q* = (−ρ + √(ρ² + 4ρ))/2, the best constant weight of real rows, ρ = T_r/T_s, T ≫ d. */
const bestRealWeight = ratio => (-ratio + Math.sqrt(ratio ** 2 + 4 * ratio)) / 2;

const upTo = n => Array.from({ length: n }, (_, i) => i + 1);

/** E_0, …, E_n of a protocol in the high-dimensional limit; nan from a fit on that has no finite
 * mean error, least squares within 1 of the rank of Σ. */
function expectedErrors(spectrum, protocol, generations) {
  const unions = upTo(generations + 1).map(k => {
    const { groups, ridge } = protocol(k);
    return { ridge, groups: groups.filter(({ samples, weight }) => samples > 0 && weight > 0)
      .map((one, i) => ({ ...one, rows: one.rows ?? `${k}/${i}` })) };
  });
  const first = unions[0].groups[0].rows;
  const keeps = unions.slice(1).some(({ groups }) => groups.some(({ rows }) => rows === first));
  const errors = (keeps ? keptErrors : redrawnErrors)(spectrum, unions);
  const singular = unions.findIndex(({ groups, ridge }) =>
    ridge === 0 && Math.abs(sizeOf(groups) - spectrum.rank) <= 1);
  return singular < 0 ? errors : errors.map((error, k) => (k < singular ? error : NaN));
}

/** How many different rows are fitted; of verified ones, as many as are expected. */
const sizeOf = groups => sum([...new Map(groups.map(({ rows, samples, verifier }) =>
  [rows, samples * (verifier ? erf(verifier.cut / Math.SQRT2) : 1)])).values()]);

/** The groups of a union by their x: rows, weight, shares of labellers, and noise variance. */
function rowsOf(groups) {
  const designs = [...new Set(groups.map(({ rows }) => rows))];
  return designs.map(rows => {
    const same = groups.filter(one => one.rows === rows);
    const batches = new Map(); // the same labels twice have the same noise
    for (const { labels, noise, weight } of same) {
      const batch = batches.get(labels) ?? { labels, noise, weight: 0 };
      batches.set(labels, { ...batch, weight: batch.weight + weight });
    }
    const all = [...batches.values()], weight = sum(all, i => all[i].weight);
    return { samples: same[0].samples, weight,
      shares: new Map(all.map(one => [one.labels, one.weight / weight])),
      variance: sum(all, i => (all[i].noise * all[i].weight / weight) ** 2) };
  });
}

/** The deterministic equivalent of a fit to a union: q_i, δ_i, κ and what V is inflated by. */
function unionFit(spectrum, rows, ridge) {
  const samples = rows.map(one => one.samples), total = sum(samples);
  const all = sum(rows, i => rows[i].samples * rows[i].weight);
  const weights = rows.map(one => one.weight / all), [low, high] = ends(weights);
  const alike = high - low <= 1e-14 * high || (ridge === 0 && total < spectrum.rank);
  const { kappa, shares } = alike
    ? { kappa: effectiveRidge(spectrum, total, ridge), shares: samples.map(T => T / total) }
    : weighted(spectrum, samples, weights, ridge);
  const deltas = shares.map((q, i) => q * q / samples[i]), df2 = freedom(spectrum, kappa, 2);
  return { ...shrinkage(spectrum, kappa), shares, deltas, df2,
    inflation: 1 / (1 - sum(deltas) * df2) };
}

const ends = values => [Math.min(...values), Math.max(...values)];

/** κ = λ/s and q_i of rows of unequal weight, Σ q_i = 1, by bisection of log s. */
function weighted(spectrum, samples, weights, ridge) {
  const sharesAt = s => {
    const df1 = freedom(spectrum, ridge / s, 1);
    return samples.map((T, i) => T * weights[i] / (s + weights[i] * df1));
  };
  const [least, most] = ends(weights);
  let [low, high] = [Math.log(ridge > 0 ? ridge / (ridge + most * spectrum.trace)
    : least * (sum(samples) - spectrum.rank)), 0];
  for (let middle; low < (middle = (low + high) / 2) && middle < high;) {
    if (sum(sharesAt(Math.exp(middle))) > 1) low = middle; else high = middle;
  }
  const s = Math.exp((low + high) / 2), shares = sharesAt(s), total = sum(shares);
  return { kappa: ridge / s, shares: shares.map(q => q / total) };
}

/** Generations that share no rows: E e_je_k per coordinate of the null predictor and the models.
 *
 *     e = m + ξ,   m = Ψf̄ + (1−Ψ)e_∅,   E ξ² = ΣG²·V,
 *     V = Σ_i δ_i[σ_i² + E‖f_i − m‖²_Σ]/(1 − D df_2) */
function redrawnErrors(spectrum, unions) {
  const { squares, weights } = spectrum, zeros = squares.map(() => 0);
  const lastUse = new Map();
  unions.forEach(({ groups }, i) => groups.forEach(one => lastUse.set(one.labels, i + 1)));
  const verifiers = unions.flatMap(({ groups }) => groups.map(one => one.verifier ?? 0));
  const outsiders = [...new Set([...lastUse.keys(), ...verifiers])].filter(one => one.spread >= 0);
  let models = [null, ...outsiders]; // the first is the null predictor; the truth has no error
  let second = models.map((one, i) => models.map((_, j) =>
    i !== j ? zeros : one ? squares.map(() => one.spread) : squares));

  const fits = new Map(), errors = [];
  unions.forEach(({ groups, ridge }, index) => {
    const moments = { spectrum, models, second }, k = index + 1;
    let fit, mean, rows, variance;
    if (groups[0].verifier) {
      ({ fit, mean, variance } = verifiedFit(moments, groups[0], ridge));
    } else {
      rows = rowsOf(groups);
      const how = `${rows.map(one => [one.samples, one.weight])};${ridge}`;
      fit = fits.get(how) ?? fits.set(how, unionFit(spectrum, rows, ridge)).get(how);
      mean = meanOf(moments, fit, rows);
    }
    const crossed = models.map((_, j) => combined(mean, models.map((_, m) => second[m][j])));
    const ofMean = combined(mean, crossed);
    variance ??= fit.inflation * sum(rows, i =>
      fit.deltas[i] * (rows[i].variance + gap(moments, rows[i].shares, crossed, ofMean)));
    const square = ofMean.map((x, i) => x + fit.gain[i] * variance);
    errors.push(sum(weights, i => weights[i] * square[i]));
    second = [...second.map((row, j) => [...row, crossed[j]]), [...crossed, square]];
    models = [...models, k];
    const kept = models.map((one, j) => j).filter(j =>
      typeof models[j] !== "number" || lastUse.get(models[j]) > k);
    models = kept.map(j => models[j]);
    second = kept.map(i => kept.map(j => second[i][j]));
  });
  return errors;
}

/** The mean m of a fit as coefficients of the models' errors, each per coordinate. */
const meanOf = ({ models }, { psi, residual, shares }, rows) => models.map((model, j) => {
  const learned = sum(rows, i => shares[i] * (rows[i].shares.get(model) ?? 0));
  return psi.map((x, i) => learned * x + (j === 0 ? residual[i] : 0));
});

/** The labels of one model as such coefficients. */
const labelsOf = ({ models, spectrum }, labels) =>
  models.map(model => spectrum.squares.map(() => Number(model === labels)));

const lessThan = (one, other) => other.map((c, j) => c.map((x, i) => x - one[j][i]));

/** Σ_j c_jv_j per coordinate. */
const combined = (coefficients, vectors) => {
  const total = vectors[0].map(() => 0);
  coefficients.forEach((c, j) => {
    for (let i = 0; i < c.length; i++) total[i] += c[i] * vectors[j][i];
  });
  return total;
};

/** E‖f − m‖²_Σ of labels f = Σ c_je_j, given E e_jm and E m². */
function gap({ models, second, spectrum: { weights } }, shares, crossed, ofMean) {
  const labels = models.map((model, j) => [shares.get(model), j]).filter(([c]) => c);
  return sum(weights, i => weights[i] * (ofMean[i] + sum(labels, a => {
    const [c, j] = labels[a];
    return c * (sum(labels, b => labels[b][0] * second[j][labels[b][1]][i]) - 2 * crossed[j][i]);
  })));
}

/** E⟨a, b⟩_Σ of errors as coefficients. */
const product = ({ spectrum: { weights }, second }, one, other) => {
  const crossed = combined(one, second.map(row => combined(other, row)));
  return sum(weights, i => weights[i] * crossed[i]);
};

/** The fit to verified rows; holds for flat spectra. */
function verifiedFit(moments, { samples, labels, noise, verifier }, ridge) {
  const z = verifier.cut, kept = erf(z / Math.SQRT2);
  const t = 1 - 2 * z * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) / kept;
  const fit = unionFit(moments.spectrum, [{ samples: samples * kept, weight: 1 }], ridge);
  const outside = labelsOf(moments, verifier), u = lessThan(outside, labelsOf(moments, labels));
  const times = (factor, c) => c.map(row => row.map((x, i) => x * factor[i]));
  const rho = product(moments, u, u) + noise ** 2;
  const learned = product(moments, u, times(fit.psi, u));
  const lost = product(moments, u, times(fit.residual, lessThan(labelsOf(moments, null), outside)));
  const c = (t - (1 - t) * lost / rho) / (1 - (1 - t) * learned / rho);
  const taught = outside.map((row, j) => row.map((x, i) => x + c * u[j][i]));
  const mean = taught.map((row, j) =>
    row.map((x, i) => fit.psi[i] * x + (j === 0 ? fit.residual[i] : 0)));
  const gap = lessThan(outside, mean), p = product(moments, u, gap);
  const left = t * rho - 2 * t * p + product(moments, gap, gap) - (1 - t) * p ** 2 / rho;
  return { fit, mean, variance: fit.deltas[0] * left * fit.inflation };
}

/** erf(x), by its series of positive terms. */
function erf(x) {
  let term = 2 * x / Math.sqrt(Math.PI) * Math.exp(-x * x), total = term;
  for (let k = 1; term > Number.EPSILON * total; k++) total += term *= 2 * x * x / (2 * k + 1);
  return total;
}

/** Generations that keep all rows and add some labelled by the model before: noise alone is added,
 * δ_kσ²·df_2/(1 − D df_2) of it. */
function keptErrors(spectrum, unions) {
  const errors = redrawnErrors(spectrum, unions.slice(0, 1));
  for (const { groups, ridge } of unions.slice(1)) {
    const last = groups.length - 1;
    const rows = rowsOf(groups.map((one, i) => (i < last ? { ...one, noise: 0 } : one)));
    const { deltas, df2, inflation } = unionFit(spectrum, rows, ridge);
    const added = sum(rows, i => deltas[i] * rows[i].variance) * df2 * inflation;
    errors.push(errors.at(-1) + added);
  }
  return errors;
}
