"""A process of LensKit that trains a pass of its ALS whenever it is told to.

    PYTHON_WITH_LENSKIT lenskit_als.py FACTORS < RATINGS.npz_AND_LINES

LensKit 2026.4 needs Python 3.12.5 or later, so it lives in an environment of its own; `peers.py`
starts it. The ratings come on standard input as a line with the number of bytes and an .npz with
`users`, `movies` and `values`. Then each line trains one pass and is answered by its seconds.
"""

from __future__ import annotations

import io
import sys
import time

import numpy as np
import pandas as pd
from lenskit.als import BiasedMFScorer
from lenskit.data import from_interactions_df
from lenskit.training import TrainingOptions


def main() -> None:
    """Answer every line with the seconds of a pass."""
    told = sys.stdin.buffer
    arrays = np.load(io.BytesIO(told.read(int(told.readline()))))
    names = {"users": "user_id", "movies": "item_id", "values": "rating"}
    table = pd.DataFrame({name: arrays[key] for key, name in names.items()})
    scorer = BiasedMFScorer(features=int(sys.argv[1]), regularization=0.1)
    trainer = scorer.create_trainer(from_interactions_df(table), TrainingOptions(rng=0))
    for _ in told:
        started = time.perf_counter()
        trainer.train_epoch()
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main()
