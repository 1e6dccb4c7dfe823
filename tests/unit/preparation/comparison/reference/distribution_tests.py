"""Writes distribution-tests.reference.json: SciPy's tests of whether two samples have one distribution.

pip install numpy==2.4.6 scipy==1.17.1, then: python distribution_tests.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats

random = np.random.default_rng(5)


def chi_squared(table):
    result = stats.chi2_contingency(np.array(table), correction=False)
    v = stats.contingency.association(np.array(table), method="cramer")
    return {"table": table, "statistic": result.statistic, "degrees": int(result.dof), "p": result.pvalue, "cramersV": float(v)}


def kolmogorov(one, two):
    result = stats.ks_2samp(one, two)
    n, m = len(one), len(two)
    return {
        "one": one,
        "two": two,
        "statistic": float(result.statistic),
        "p": float(stats.kstwobign.sf(np.sqrt(n * m / (n + m)) * result.statistic)),
    }


integers = lambda mean, size: random.poisson(mean, size).tolist()
Path(__file__).with_name("distribution-tests.reference.json").write_text(
    json.dumps(
        {
            "chiSquared": [
                chi_squared([[10, 20, 30], [6, 9, 17]]),
                chi_squared([[500, 300, 200], [300, 300, 400]]),
                chi_squared([[12, 5], [3, 9]]),
                chi_squared([[10000, 1, 7], [10100, 3, 2]]),
                chi_squared([[100, 0, 50, 3], [0, 120, 44, 3]]),
            ],
            "kolmogorovSmirnov": [
                kolmogorov(integers(20, 60), integers(21, 45)),
                kolmogorov(integers(20, 80), integers(30, 80)),
                kolmogorov(integers(5, 40), integers(5, 90)),
                kolmogorov([1, 2, 3, 4], [1, 2, 3, 4]),
            ],
            "kolmogorovTails": [{"at": x, "p": float(stats.kstwobign.sf(x))} for x in [0.05, 0.2, 0.4, 0.7, 1.0, 1.36, 2.0, 3.5, 6.0]],
        }
    )
    + "\n"
)
