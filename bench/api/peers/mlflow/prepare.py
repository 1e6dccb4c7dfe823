"""Makes MLflow's tables in an empty database. Arguments: its URL, and a folder for artifacts."""

import sys

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

SqlAlchemyStore(sys.argv[1], sys.argv[2])
