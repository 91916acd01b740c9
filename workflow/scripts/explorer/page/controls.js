"use strict";
// The setting: what each control is, its default and bounds, and the link that restores it.

const inSweep = at => at.view === "sweep";
const inRemedies = at => at.view === "remedies";
const inCrossover = at => at.view === "crossover";
const notInCrossover = at => at.view !== "crossover";
const ofShape = name => at => notInCrossover(at) && at.spectrum === name;
const ofPowerLaw = at => inCrossover(at) || at.spectrum === "power_law";
/** The rule by which the downstream ridge is chosen: on two axes it is the axis. */
const ruleOf = at => ({ ridge: "fixed", ell: "ell" })[at.axis] ?? at.rule;

const choice = (group, label, choices, shown, available = () => true) =>
  ({ group, label, choices, shown, available, value: Object.keys(choices)[0] });
const number = (group, label, value, [low, high], shown, options = {}) =>
  ({ group, label, value, low, high, slider: [low, high], shown, ...options });
const sized = { log: true, whole: true };
const orZero = { log: true, zero: true, low: 0 };

/** By key of the config where it has one. `low` and `high` bound what may be typed, `slider` what
 * may be slid to, on a log scale or not; `zero` is then the leftmost. */
const CONTROLS = {
  view: choice("", "View", { sweep: "Sweep", remedies: "What to do", crossover: "Crossover" },
    () => false),
  axis: choice("Axis", "error against", { samples: "sample size T", ridge: "ridge λ",
    ell: "exponent ℓ of λ = T^−ℓ", generation: "generation n" }, inSweep),
  map: choice("Axis", "map over", { a: "a, noise of generators nσ₀² = Tᵃ",
    b: "b, samples of generators T₀ = Tᵇ" }, inCrossover),

  spectrum: choice("Problem", "spectrum of Σ", { power_law: "power law", isotropic: "isotropic",
    two_level: "two levels" }, notInCrossover),
  beta: number("Problem", "<i>β</i> capacity", 2, [1.01, 20], ofPowerLaw, { slider: [1.05, 4] }),
  r: number("Problem", "<i>r</i> source", 0.375, [0.01, 20], ofPowerLaw, { slider: [0.05, 2] }),
  norm: number("Problem", "‖<i>w</i><sub>0</sub>‖", 1, [1e-3, 1e3], ofShape("isotropic"),
    { log: true, slider: [0.1, 10] }),
  weak_eigenvalue: number("Problem", "weak eigenvalue", 0.02, [1e-9, 1], ofShape("two_level"),
    { log: true, slider: [1e-4, 1] }),
  weak_weight: number("Problem", "share of ‖<i>w</i><sub>0</sub>‖² on them", 0.5, [0, 1],
    ofShape("two_level")),
  d: number("Problem", "<i>d</i> dimension", 300, [1, 10000], notInCrossover,
    { ...sized, slider: [2, 2000] }),

  generator_samples: number("Generators", "<i>T</i><sub>0</sub> samples of a generation", 600,
    [1, 1e15], notInCrossover, { ...sized, slider: [2, 1e5] }),
  generator_noise: number("Generators", "<i>σ</i><sub>0</sub> noise of generated labels", 1,
    [0, 1e3], inSweep, { ...orZero, slider: [0.01, 10] }),
  generator_ridge: number("Generators", "<i>λ</i><sub>0</sub> ridge of generators", 0, [0, 1e6],
    at => inSweep(at) && !(at.designs === "shared" && at.generator_samples < at.d),
    { ...orZero, slider: [1e-6, 100] }),
  designs: choice("Generators", "their designs", { independent: "independent", shared: "shared" },
    at => inSweep(at) && at.generator_ridge === 0 && at.generator_samples < at.d),
  real_share: number("Generators", "share of real rows, where some are", 0.5, [0.001, 0.999],
    inRemedies, { slider: [0.01, 0.99] }),
  spread: number("Generators", "‖Δ‖² of the model from outside", 0.05, [0, 1e3], inRemedies,
    { ...orZero, slider: [1e-3, 10] }),
  cut: number("Generators", "cut <i>z</i> of the verifier", 1, [0.01, 10], at =>
    inRemedies(at) && at.spectrum === "isotropic", { slider: [0.1, 4] }),

  generation: number("Fit", "<i>n</i> generations", 5, [0, 100], notInCrossover,
    { whole: true, slider: [0, 40] }),
  noise: number("Fit", "<i>σ</i> noise of the labels fitted", 1, [0, 1e3], notInCrossover,
    { ...orZero, slider: [0.01, 10] }),
  samples: number("Fit", "<i>T</i> samples", 10000, [1, 1e15], inSweep,
    { ...sized, slider: [1, 1e6] }),
  rule: choice("Fit", "ridge rule, with <i>ℓ</i> for <i>σ</i> = <i>σ</i><sub>0</sub> = 1", { ell_crit: "λ = T^−ℓ_crit", ell_star: "λ = T^−ℓ⋆",
    effective: "λ = T_eff^−ℓ_crit", smooth: "smooth T_eff", ell: "λ = T^−ℓ", fixed: "fixed λ",
    best: "best λ" }, at => inSweep(at) && !["ridge", "ell"].includes(at.axis),
    (rule, at) => ["fixed", "ell", "best"].includes(rule)
      || (at.spectrum === "power_law" && (rule !== "smooth" || at.noise > 0))),
  tuning: choice("Fit", "ridge", { fixed: "one for all", best: "best for each n" }, inRemedies),
  ridge: number("Fit", "<i>λ</i> ridge", 0.01, [0, 1e6], at => inRemedies(at)
    ? at.tuning === "fixed" : inSweep(at) && ruleOf(at) === "fixed",
    { ...orZero, slider: [1e-5, 100] }),
  ell: number("Fit", "<i>ℓ</i> of <i>λ</i> = <i>T</i><sup>−<i>ℓ</i></sup>", 0.5, [0, 20],
    at => inCrossover(at) || (inSweep(at) && ruleOf(at) === "ell"), { slider: [0, 2] }),
  terms: choice("Fit", "terms of generation <i>n</i>", { none: "none",
    all: "bias, variance, collapse", bias: "bias", variance: "variance", collapse: "collapse" },
  inSweep),

  b: number("Law", "<i>b</i> of <i>T</i><sub>0</sub> = <i>T</i><sup><i>b</i></sup>", 1,
    [0.2, 1.5], inCrossover),
  a: number("Law", "<i>a</i> of <i>nσ</i><sub>0</sub>² = <i>T</i><sup><i>a</i></sup>", 0,
    [-0.5, 1.5], inCrossover),
  hidden: { value: "", shown: () => false, names: () => Object.keys(REMEDIES) }, // not drawn
};
const DEFAULTS = Object.fromEntries(
  Object.entries(CONTROLS).map(([key, { value }]) => [key, value]));

/** A setting in which no rule and no dimension contradicts the spectrum. */
function settled(at) {
  const rule = CONTROLS.rule.available(at.rule, at) ? at.rule : "fixed";
  return { ...at, rule, d: at.spectrum === "two_level" ? 2 * Math.ceil(at.d / 2) : at.d };
}

/** Why a value cannot be that of a control, or nothing. */
function fault({ choices, names, low, high, whole }, value) {
  if (choices) return !Object.hasOwn(choices, value) && `one of ${Object.keys(choices).join(", ")}`;
  if (names) {
    const unknown = value.split(",").some(name => name && !names().includes(name));
    return unknown && `some of ${names().join(", ")}`;
  }
  if (!(value >= low && value <= high)) return `between ${low} and ${high}`;
  return whole && !Number.isInteger(value) && "a whole number";
}

/** The fragment of a link: what is not as by default. */
const toFragment = at => new URLSearchParams(
  Object.entries(at).filter(([key, value]) => value !== DEFAULTS[key])).toString();

/** The setting of a fragment. Throws an Error with a sentence for one that no setting has. */
function fromFragment(fragment) {
  const at = { ...DEFAULTS };
  for (const [key, given] of new URLSearchParams(fragment)) {
    const control = Object.hasOwn(CONTROLS, key) && CONTROLS[key];
    if (!control) throw new Error(`This link names a control that is not here, “${key}”.`);
    const value = control.low === undefined ? given : given.trim() === "" ? NaN : Number(given);
    const wanted = fault(control, value);
    if (wanted) throw new Error(`This link has “${given}” for ${key}, which must be ${wanted}.`);
    at[key] = value;
  }
  return settled(at);
}

/** The elements of all controls, in their groups; `change` is called with what has changed. */
function buildControls(form, change) {
  const groups = {};
  for (const [key, control] of Object.entries(CONTROLS)) {
    if (!control.group) continue;
    const group = groups[control.group] ??= form.appendChild(document.createElement("fieldset"));
    if (!group.childElementCount) group.innerHTML = `<legend>${control.group}</legend>`;
    const row = group.appendChild(document.createElement("div"));
    row.id = `control-${key}`;
    row.className = "control";
    row.innerHTML = `<label for="${key}">${control.label}</label>` + (control.choices
      ? `<select id="${key}">${options(control.choices)}</select>`
      : `<input type="number" id="${key}" min="${control.low}" max="${control.high}" step="any">
         <input type="range" id="${key}-slider" min="0" max="${STEPS}" tabindex="0">`);
    const input = row.querySelector(`#${key}`), slider = row.querySelector("[type=range]");
    input.addEventListener("input", () => {
      const value = control.choices ? input.value : input.value === "" ? NaN : Number(input.value);
      input.setCustomValidity(fault(control, value) ? `It must be ${fault(control, value)}.` : "");
      if (!fault(control, value)) change({ [key]: value });
    });
    slider?.setAttribute("aria-label", row.textContent.trim());
    slider?.addEventListener("input", () => change({ [key]: slid(control, Number(slider.value)) }));
  }
}

const options = choices => Object.entries(choices)
  .map(([value, label]) => `<option value="${value}">${label}</option>`).join("");

const STEPS = 300; // of a slider

/** The value at a step of a slider, and the step of a value. */
function slid({ slider, log, zero, whole }, step) {
  if (zero && step === 0) return 0;
  const value = between(slider, step / STEPS, log);
  return whole ? Math.round(value) : Number(value.toPrecision(3));
}
const stepOf = ({ slider, log }, value) =>
  Math.round(STEPS * Math.min(Math.max(shareOf(slider, value, log), 0), 1)) || 0;

/** Show the controls that a setting has, and its values. */
function showControls(at) {
  for (const [key, control] of Object.entries(CONTROLS)) {
    const row = document.getElementById(`control-${key}`);
    if (!row) continue;
    row.hidden = !control.shown(at);
    const input = document.getElementById(key), slider = document.getElementById(`${key}-slider`);
    for (const option of input.options ?? []) {
      option.hidden = option.disabled = !control.available(option.value, at);
    }
    if (input !== document.activeElement || control.choices) input.value = at[key];
    if (slider && slider !== document.activeElement) slider.value = stepOf(control, at[key]);
  }
  for (const group of document.querySelectorAll("#controls fieldset")) {
    group.hidden = [...group.querySelectorAll(".control")].every(row => row.hidden);
  }
}

/** A function that remembers what it made last. */
function remembered(make) {
  let key, value;
  return (...given) => {
    const now = JSON.stringify(given);
    if (now !== key) [value, key] = [make(...given), now];
    return value;
  };
}

/** What of a setting makes the problem, as a block of the config. */
const SHAPES_OF = { isotropic: ["norm"], power_law: ["beta", "r"],
  two_level: ["weak_eigenvalue", "weak_weight"] };
const problemOf = at => ({ name: at.spectrum, d: at.d,
  ...Object.fromEntries(SHAPES_OF[at.spectrum].map(key => [key, at[key]])) });
const spectrumOf = remembered(problem => spectra[problem.name](problem));

/** The same as part of a setting; undefined for a spectrum that is not here. */
const settingOf = ({ name, ...block }) =>
  spectra[name] && { spectrum: name, ...Object.fromEntries(
    Object.entries(block).filter(([key]) => key in DEFAULTS)) };

const hasAll = (at, part) => Object.entries(part).every(([key, value]) => at[key] === value);
