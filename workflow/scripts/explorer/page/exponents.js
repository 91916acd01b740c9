"use strict";
// exponents.py: T0 = T^b, nσ0² = T^a, λ = T^−ℓ; and the ridge rules of ridge_rules.py.

/** ℓ_crit = β/(2βr̲+1), eq (26), r̲ = min(r, 1). */
const ellCrit = (beta, r) => beta / (2 * beta * Math.min(r, 1) + 1);

/** ℓ⋆ = min((b−a)ℓ_crit, β), Cor 5.2. */
const ellStar = (beta, r, b, a) => Math.min((b - a) * ellCrit(beta, r), beta);

/** T_eff = min(T, T0/max(nσ0², 1)); T itself where the generators add no noise. */
const effectiveSamples = ({ samples, generatorSamples, collapseNoise }) =>
  collapseNoise === 0 ? samples : Math.min(samples, generatorSamples / Math.max(collapseNoise, 1));

/** 1/T_eff = 1/T + nσ0²/(σ²T0). */
const smoothEffectiveSamples = ({ samples, generatorSamples, collapseNoise, noise }) =>
  1 / (1 / samples + collapseNoise / (noise ** 2 * generatorSamples));

/** λ of each rule at {samples, generatorSamples, collapseNoise, noise, ellCrit, …}. */
const RIDGE_RULES = {
  fixed: at => at.ridge,
  ell: at => at.samples ** -at.ell,
  ell_crit: at => at.samples ** -at.ellCrit,
  ell_star: at => at.generatorSamples ** -at.ellCrit,
  effective: at => effectiveSamples(at) ** -at.ellCrit,
  smooth: at => smoothEffectiveSamples(at) ** -at.ellCrit,
  best: at => at.best(at.samples, at.noise),
};

/** Exponents in T of bias, variance and collapse for d = φ0·T^b, σ > 0: App. H.2 as corrected. */
function termExponents({ beta, r, ell, b, a }) {
  const source = Math.min(r, 1), modes = Math.min(b, 1);
  const degrees = Math.min(ell / beta, modes);
  const resolved = ell / beta <= modes || b > 1;
  return {
    bias: resolved ? -2 * source * Math.min(ell, beta) : -2 * ell + 2 * modes * beta * (1 - source),
    variance: degrees - 1,
    collapse: a - modes + degrees,
  };
}
