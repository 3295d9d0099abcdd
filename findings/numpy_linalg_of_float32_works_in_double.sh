#!/usr/bin/env bash
# numpy 2.3.5 and scipy 1.16.3: numpy.linalg.solve, inv and cholesky given float32 return float32,
# but work in double: the results are, bit for bit, those of the same matrices in float64, rounded.
# One would have expected LAPACK's single-precision routines, as scipy.linalg takes them: half the
# memory, about twice the speed, and single accuracy.
# It matters to whoever solves many small systems, as alternating least squares does: float32 saves
# nothing inside these calls (the systems are first copied as doubles), and errors that single
# precision would show never show.
#
# Output seen:
#   numpy 2.3.5, scipy 1.16.3: 200 systems of 12 equations, condition up to about 1e5
#   numpy.linalg.solve     equal to the rounded double result: 200 of 200
#   numpy.linalg.inv       equal to the rounded double result: 200 of 200
#   numpy.linalg.cholesky  equal to the rounded double result: 200 of 200
#   scipy.linalg.solve     equal to the rounded double result: 0 of 200
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q numpy==2.3.5 scipy==1.16.3
"$folder/env/bin/python" - <<'PYTHON'
import sys

import numpy as np
import scipy
import scipy.linalg

rng = np.random.default_rng(0)
print(f"numpy {np.__version__}, scipy {scipy.__version__}: 200 systems of 12 equations,", end=" ")
print("condition up to about 1e5")
X = rng.normal(size=(200, 12, 12)) * np.logspace(0, -1, 12)
A = (X @ X.transpose(0, 2, 1) + 1e-6 * np.eye(12)).astype(np.float32)
b = rng.normal(size=(200, 12, 1)).astype(np.float32)
A64, b64 = A.astype(np.float64), b.astype(np.float64)


def same(single, double):
    assert single.dtype == np.float32
    return int((single == double.astype(np.float32)).all(axis=(1, 2)).sum())


found = {
    "numpy.linalg.solve": same(np.linalg.solve(A, b), np.linalg.solve(A64, b64)),
    "numpy.linalg.inv": same(np.linalg.inv(A), np.linalg.inv(A64)),
    "numpy.linalg.cholesky": same(np.linalg.cholesky(A), np.linalg.cholesky(A64)),
    "scipy.linalg.solve": same(
        np.array([scipy.linalg.solve(one, y) for one, y in zip(A, b)]), np.linalg.solve(A64, b64)
    ),
}
for name, n in found.items():
    print(f"{name:<22} equal to the rounded double result: {n} of 200")
sys.exit(0 if list(found.values()) == [200, 200, 200, 0] else 1)
PYTHON
