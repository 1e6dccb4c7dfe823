"""
Writes rankings.reference.json: ratings of models from comparisons by other optimizers, and intervals and p-values of
other libraries.

- Bradley and Terry's model with ties as half a win, as FastChat's arena has it: scipy's BFGS on the likelihood, which
  scikit-learn's logistic regression without a penalty must equal; the same with half a win and half a loss for each
  model against one of strength 0, where models fall apart
- Crowd-BT, Davidson's model of ties, and style control with FastChat's penalty: scipy's BFGS
- Wilson's interval: statsmodels; quantiles of beta distributions and the exact sign test: scipy

    pip install numpy==1.26.4 scipy==1.12.0 scikit-learn==1.9.1 statsmodels==0.15.0
    python rankings.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import beta, binomtest
from sklearn.linear_model import LogisticRegression
from statsmodels.stats.proportion import proportion_confint

random = np.random.default_rng(5)
OUTCOMES = {"A": 1.0, "TIE": 0.5, "B": 0.0}


def lowest(loss, size):
    found = minimize(loss, np.zeros(size), method="BFGS", options={"gtol": 1e-9, "maxiter": 10_000})
    # BFGS stops where rounding hides the rest: Newton's steps by finite differences would change nothing seen here.
    assert np.abs(found.jac).max() < 1e-3, found
    return found.x


def logs(difference):
    """ln P(a wins), ln P(b wins)"""
    return -np.logaddexp(0, -difference), -np.logaddexp(0, difference)


def draw(models, prompts, per_prompt, tie, styles=None):
    strength = np.linspace(1, -1, models)
    rows = []
    for prompt in range(prompts):
        for _ in range(per_prompt):
            a, b = random.choice(models, 2, replace=False)
            row = {"a": f"m{a}", "b": f"m{b}", "prompt": f"p{prompt}"}
            difference = strength[a] - strength[b]
            if styles is not None:
                x = random.poisson(np.outer([200 + 80 * a, 200 + 80 * b], styles))
                row |= {"styleA": x[0].tolist(), "styleB": x[1].tolist()}
                difference += 1.5 * (x[0, 0] - x[1, 0]) / (x[0, 0] + x[1, 0] + 1)
            row["outcome"] = "TIE" if random.random() < tie else "A" if random.random() < expit(difference) else "B"
            rows.append(row)
    return rows


def columns(rows):
    names = list(dict.fromkeys(name for row in rows for name in (row["a"], row["b"])))
    a = np.array([names.index(row["a"]) for row in rows])
    b = np.array([names.index(row["b"]) for row in rows])
    return names, a, b, np.array([OUTCOMES[row["outcome"]] for row in rows])


def rate(names, strengths, baseline):
    return {name: 400 * (s - strengths[names.index(baseline)]) / np.log(10) + 1000 for name, s in zip(names, strengths)}


def bradley_terry(rows, prior=False):
    names, a, b, score = columns(rows)

    def loss(s):
        win, lose = logs(s[a] - s[b])
        value = -(score * win + (1 - score) * lose).sum()
        if prior:
            value -= 0.5 * sum(part.sum() for part in logs(s))
        return value + (0 if prior else s.mean() ** 2)

    strengths = lowest(loss, len(names))
    if not prior:
        design = np.zeros((len(rows), len(names)))
        design[np.arange(len(rows)), a] = 1
        design[np.arange(len(rows)), b] = -1
        model = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=10_000)
        both = np.repeat([1, 0], len(rows))
        model.fit(np.vstack([design, design]), both, sample_weight=np.concatenate([score, 1 - score]))
        assert np.abs((model.coef_[0] - model.coef_[0].mean()) - (strengths - strengths.mean())).max() < 1e-4
    return rate(names, strengths, "m1")


def davidson(rows):
    names, a, b, score = columns(rows)

    def loss(x):
        s, tie = x[:-1], x[-1]
        logits = np.stack([s[b], tie + (s[a] + s[b]) / 2, s[a]])
        logits -= np.logaddexp.reduce(logits, axis=0)
        return -logits[(2 * score).astype(int), np.arange(len(rows))].sum() + s.mean() ** 2

    x = lowest(loss, len(names) + 1)
    return {"ratings": rate(names, x[:-1], "m1"), "tieParameter": float(np.exp(x[-1]))}


def style(rows):
    names, a, b, score = columns(rows)
    one, two = (np.array([row[key] for row in rows], dtype=float) for key in ("styleA", "styleB"))
    features = (one - two) / (one + two + 1)
    features /= np.sqrt((features**2).mean(axis=0))

    def loss(x):
        decades, coefficients = x[: len(names)], x[len(names) :]
        win, lose = logs(np.log(10) * (decades[a] - decades[b]) + features @ coefficients)
        return -(score * win + (1 - score) * lose).sum() + 0.25 * (x @ x)

    x = lowest(loss, len(names) + features.shape[1])
    return {"ratings": rate(names, x[: len(names)] * np.log(10), "m1"), "coefficients": x[len(names) :].tolist()}


def crowd(rows):
    names, a, b, score = columns(rows)
    people = sorted({row["annotator"] for row in rows})
    person = np.array([people.index(row["annotator"]) for row in rows])

    def loss(x):
        s, reliability = x[: len(names)], expit(x[len(names) :])
        p, eta = expit(s[a] - s[b]), reliability[person]
        win = eta * p + (1 - eta) * (1 - p)
        value = (score * np.log(win) + (1 - score) * np.log(1 - win)).sum()
        value += (9 * np.log(reliability) + np.log(1 - reliability)).sum()
        return -(value + 0.5 * sum(part.sum() for part in logs(s)))

    start = np.concatenate([np.zeros(len(names)), np.full(len(people), np.log(9))])
    x = minimize(loss, start, method="BFGS", options={"gtol": 1e-9, "maxiter": 10_000}).x
    reliabilities = dict(zip(people, expit(x[len(names) :]).tolist()))
    return {"ratings": rate(names, x[: len(names)], "m1"), "reliabilities": reliabilities}


def judged(rows):
    for index, row in enumerate(rows):
        row["annotator"] = f"a{index % 5}"
        # The last person mostly says the reverse, the one before anything.
        if row["outcome"] != "TIE" and (index % 5 == 4 or (index % 5 == 3 and random.random() < 0.5)):
            row["outcome"] = "B" if row["outcome"] == "A" else "A"
    return rows


plain = draw(5, 60, 4, 0.2)
apart = draw(3, 20, 2, 0.1) + [
    {"a": "m3", "b": "m4", "prompt": "q", "outcome": "A"},
    {"a": "m0", "b": "m5", "prompt": "q", "outcome": "A"},
]
styled = draw(4, 100, 4, 0.15, styles=[1, 0.02])
crowded = judged(draw(4, 100, 4, 0.1))
shares = [(0, 1), (1, 1), (0, 20), (3, 20), (10, 20), (19, 20), (812, 1000), (99_990, 100_000)]
signs = [(0, 1), (5, 5), (9, 1), (30, 12), (520, 480), (51_000, 49_000), (3, 400)]

path = Path(__file__).with_suffix(".reference.json")
path.write_text(
    json.dumps(
        {
            "plain": {"comparisons": plain, "ratings": bradley_terry(plain), "davidson": davidson(plain)},
            "apart": {"comparisons": apart, "ratings": bradley_terry(apart, prior=True)},
            "crowd": {"comparisons": crowded, **crowd(crowded)},
            "styled": {"comparisons": styled, **style(styled)},
            "shares": [
                {
                    "successes": s,
                    "tries": n,
                    "wilson": proportion_confint(s, n, method="wilson"),
                    "posterior": beta.ppf([0.025, 0.975], 1 + s, 1 + n - s).tolist(),
                }
                for s, n in shares
            ],
            "signs": [{"wins": w, "losses": l, "p": float(binomtest(w, w + l).pvalue)} for w, l in signs],
        }
    )
    + "\n"
)
