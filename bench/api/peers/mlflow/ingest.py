"""
MLflow's log_batch straight into PostgreSQL, without HTTP: its largest batches, one after the other.

Argument: the database's URL. Each line of standard input is a number of seconds to log for; each is answered with a
line of JSON: points and seconds.
"""

import json
import math
import sys
import time

from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

# MLflow refuses more in one batch.
BATCH = 1000
KEYS = ["train/loss", "train/learningRate", "train/gradientNorm", "train/examplesPerSecond"]

client = MlflowClient(tracking_uri=sys.argv[1])
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    run_id = client.create_run("0").info.run_id
    step, points = 0, 0
    begin = time.perf_counter()
    while time.perf_counter() - begin < float(line):
        now = int(time.time() * 1000)
        metrics = []
        while len(metrics) < BATCH:
            step += 1
            metrics.extend(Metric(key, math.sin(step + i), now, step) for i, key in enumerate(KEYS))
        client.log_batch(run_id, metrics=metrics)
        points += len(metrics)
    print(json.dumps({"points": points, "seconds": time.perf_counter() - begin}), flush=True)
