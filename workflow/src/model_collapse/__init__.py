"""Regression on self-labelled data: asymptotic theory and simulation side by side.

Every public name can be imported from here, ``from model_collapse import power_law, chain_risk``,
and its module is loaded at that moment; ``__init__.pyi`` lists them all. The rooms behind them,
with imports one way only::

    seeds, statistics              -> all that need them
    problem                        the problem: arguments, spectra, fits, estimates from data
    problem -> theory              formulas, nothing random
    problem -> simulation          random draws
    problem, theory, simulation -> mixtures     fits to several groups of rows
    problem, mixtures -> images    real data and kernels
    networks                       training

``spectra``, ``protocol``, ``equivalents``, ``chain``, ``protocols``, ``limits`` and ``tuning`` are
kept paths: earlier homes of the same names.

Equation and theorem numbers are those of the final paper (NeurIPS 2024) unless "v1" is said.
Conventions everywhere: the ridge λ multiplies ‖w‖² against a *mean* squared loss (scikit-learn's
``alpha`` is λT); vectors live in the eigenbasis of Σ; the test error is ‖ŵ − w0‖²_Σ.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
