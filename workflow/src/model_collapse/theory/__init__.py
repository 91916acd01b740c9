"""Formulas in the limit of many dimensions, without anything random: the recursion, the paper's own
formulas, exponents, the best ridge, and gradient descent.

Its public names can be imported from here too, as ``__init__.pyi`` lists them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
