"""Points of experiments: the columns that name them in every csv of results, and those of risks."""

import numpy as np
import pandas as pd

POINT = ["experiment", "generation", "samples", "ridge_rule", "ridge"]
SIMULATED = [*POINT, "risk", "risk_se", "replicates"]
PREDICTED = [*POINT, "risk", "bias", "variance", "collapse"]
FEW_SAMPLES = 10  # up to this T the high-dimensional limit is off by a finite-size bias

NETWORK_POINT = ["experiment", "width", "method", "generation"]
NETWORK = [*NETWORK_POINT, "risk", "risk_se", "replicates"]
KNEE = 4  # the generation up to which the paper calls growth linear, and superlinear from then on


def distinct(points: pd.DataFrame) -> np.ndarray:
    """Which points are not a repetition of an earlier one: booleans, (points,).

    Rules that meet in one λ, or generations on one shared noiseless design, give one number.
    """
    same = points[["experiment", "samples"]].assign(risk=points["risk"].map("{:.9g}".format))
    return ~same.duplicated().to_numpy()
