#!/usr/bin/env bash
# Rival forecasters on the folds of `residua backtest`; see README.md.
#
#     bash benches/peers/accuracy/run.sh CELLS.csv PREDICTIONS.csv [--scores scores.csv] [--trials 24]
#         [--horizons 1,3,6,12] [--only NAME ...] [--keep FILE.npz]
#
# The environment is made once, in PEERS_VENV or target/peers-accuracy, and made again when a pin changes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=${PEERS_VENV:-$here/../../../target/peers-accuracy}
pins=$(cat "$here/requirements.txt" "$here/requirements-gpboost.txt" | cksum)

if [ ! -f "$environment/pins" ] || [ "$(cat "$environment/pins")" != "$pins" ]; then
    echo "making $environment (1.2 GB)" >&2
    if command -v uv >/dev/null; then
        uv venv --quiet --clear --python 3.11 "$environment"
        install() { uv pip install --quiet --python "$environment/bin/python" "$@"; }
    else
        python3 -m venv --clear "$environment"
        install() { "$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
    fi
    install -r "$here/requirements.txt" >&2
    # Not every platform has a wheel; without it its rows are missing and said to be.
    install --only-binary :all: --no-deps -r "$here/requirements-gpboost.txt" >&2 || echo "GPBoost cannot be installed here" >&2
    echo "$pins" >"$environment/pins"
fi

export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONHASHSEED=0
exec nice -n 10 "$environment/bin/python" "$here/compare.py" "$@"
