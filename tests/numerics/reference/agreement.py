"""
Writes agreement.reference.json: coefficients of agreement that other implementations give for the same answers.

- Krippendorff's alpha: krippendorff (nominal, ordinal, interval; answers missing)
- Fleiss' kappa: statsmodels
- Cohen's kappa: scikit-learn (no weights, linear, quadratic) and statsmodels, which must agree
- Gwet's AC1: irrCAC (answers missing, with and without the list of labels)

    pip install krippendorff==0.9.0 statsmodels==0.15.0 scikit-learn==1.9.1 irrCAC==0.4.4
    python agreement.py
"""

import json
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

random = np.random.default_rng(11)


def draw(units, annotators, priors, accuracy, missing, near=False):
    """Labels of 0 to K − 1, [units, annotators], −1 where nobody answered."""
    count = len(priors)
    truth = random.choice(count, units, p=priors)
    answers = np.full((units, annotators), -1)
    for u in range(units):
        for a in range(annotators):
            if random.random() < missing:
                continue
            if random.random() < accuracy:
                answers[u, a] = truth[u]
            elif near:
                answers[u, a] = np.clip(truth[u] + random.choice([-1, 1]), 0, count - 1)
            else:
                answers[u, a] = random.integers(count)
    return answers


def alpha(table, level, values):
    data = np.where(table < 0, np.nan, np.array(values, dtype=float)[table]).T
    domain = sorted({v for v in data.ravel() if not np.isnan(v)})
    return float(krippendorff.alpha(data, level_of_measurement=level, value_domain=domain))


def ac1(table, labels):
    frame = pd.DataFrame(np.where(table < 0, np.nan, table.astype(float)))
    frame = frame.dropna(how="all")
    return float(CAC(frame, categories=labels, digits=15).gwet()["est"]["coefficient_value"])


def case(name, table, labels):
    values = list(range(labels))
    scale = [0.5 + 1.7 * v * v for v in values]
    result = {
        "name": name,
        "labels": labels,
        "scale": scale,
        "answers": table.tolist(),
        "alpha": {level: alpha(table, level, values) for level in ["nominal", "ordinal"]}
        | {"interval": alpha(table, "interval", scale)},
        "ac1": {"given": ac1(table, [float(v) for v in values]), "occurring": ac1(table, None)},
    }
    if (table >= 0).all():
        counts, _ = aggregate_raters(table, n_cat=labels)
        result["fleiss"] = float(fleiss_kappa(counts, method="fleiss"))
    both = table[(table[:, 0] >= 0) & (table[:, 1] >= 0)]
    cells = np.zeros((labels, labels))
    np.add.at(cells, (both[:, 0], both[:, 1]), 1)
    result["cohen"] = {}
    for weights, wt in [(None, None), ("linear", "linear"), ("quadratic", "quadratic")]:
        value = cohen_kappa_score(both[:, 0], both[:, 1], labels=values, weights=weights)
        assert abs(value - cohens_kappa(cells, wt=wt, return_results=False)) < 1e-12
        result["cohen"][weights or "none"] = float(value)
    return result


rare = np.zeros((200, 2), dtype=int)
rare[0, 0] = 1
rare[1, 1] = 1

two = draw(40, 3, [0.6, 0.4], 0.8, 0.2)
skipping = np.where(two == 1, 2, two)

cases = [
    case("complete, three labels", draw(60, 4, [0.5, 0.3, 0.2], 0.7, 0), 3),
    case("answers missing, four labels", draw(80, 6, [0.4, 0.3, 0.2, 0.1], 0.6, 0.5), 4),
    case("a scale of seven, answers missing", draw(50, 5, [1 / 7] * 7, 0.5, 0.4, near=True), 7),
    case("two people, worse than chance", np.array([[0, 1], [1, 0], [0, 1], [1, 0], [1, 1], [0, 1]]), 2),
    case("one label nearly always", rare, 2),
    case("a label that nobody chose", skipping, 3),
]
# The example of Krippendorff 2011: four coders, twelve units, answers missing.
rows = ["1 2 3 3 2 1 4 1 2 * * *", "1 2 3 3 2 2 4 1 2 5 * 3", "* 3 3 3 2 3 4 2 2 5 1 *", "1 2 3 3 2 4 4 1 2 5 1 *"]
table = np.array([[-1 if v == "*" else int(v) - 1 for v in row.split()] for row in rows]).T
cases.append(case("Krippendorff's example", table, 5))

path = Path(__file__).with_suffix(".reference.json")
path.write_text(json.dumps({"cases": cases}) + "\n")
