#!/usr/bin/env bash
# NumPy 2.4.6: np.unique of integers that are all different takes several times as long as the same
# call with return_index=True, which returns the same values and more.
#
# Without any return_… argument np.unique puts integers into a hash table since 2.3; with one it
# still sorts them. The table pays where few values repeat often, and costs where most values differ,
# as in a column of ids or line numbers: np.setdiff1d and np.union1d, which call it, slow down alike.
# Who wants the distinct values of such a column is faster with return_index=True or np.sort.
#
# Seen (300,000 distinct integers in random order, best of 5):
#   plain / with return_index: 8.4
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "numpy==2.4.6"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import time

import numpy as np


def best(work):
    spans = []
    for _ in range(5):
        before = time.process_time()
        work()
        spans.append(time.process_time() - before)
    return min(spans)


ids = np.random.default_rng(0).permutation(300_000)
assert np.array_equal(np.unique(ids), np.unique(ids, return_index=True)[0])
plain = best(lambda: np.unique(ids))
more = best(lambda: np.unique(ids, return_index=True))
print(f"numpy {np.__version__}: plain / with return_index: {plain / more:.1f}")
sys.exit(plain < 2 * more)
PYTHON
