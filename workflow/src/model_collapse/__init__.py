"""Regression on self-labelled data: asymptotic theory and simulation side by side.

One module per concept; imports go one way only::

    arguments: the numbers that public functions are given
    seeds -> spectra, protocol -> equivalents -> theory, exponents -> scaling, filters
             spectra, protocol -> designs -> chain -> decomposition -> simulated_laws
    spectra, protocol -> unions -> union_fits -> union_moments -> limits, tuning
               unions, chain -> union_draws
               unions -> remedies, which protocols offers with theory and simulation
    pixels, protocol, spectra -> kernels; unions, kernels -> kernel_unions
    spectra, tables -> estimate
    theory -> intercepts
    kernels, theory, union_moments -> kernel_theory
    backends, networks -> network_chain -> random_features
    images, slopes

Equation and theorem numbers are those of the final paper (NeurIPS 2024) unless "v1" is said.
Conventions everywhere: the ridge λ multiplies ‖w‖² against a *mean* squared loss (scikit-learn's
``alpha`` is λT); vectors live in the eigenbasis of Σ; the test error is ‖ŵ − w0‖²_Σ.
"""
