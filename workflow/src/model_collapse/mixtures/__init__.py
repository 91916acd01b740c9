"""Fits to several groups of rows: remedies against collapse, their theory and their simulation.

Its public names can be imported from here too, as ``__init__.pyi`` lists them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
