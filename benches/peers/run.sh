#!/usr/bin/env bash
# The same fleet planned by residua and scored by peers in Python; see README.md.
#
#     bash benches/peers/run.sh [ROWS] [KINDS] [--repeat 5] [--threads 1 2] [--only NAME ...]
#     bash benches/peers/run.sh --check
#
# RESIDUA is the program (default target/release/residua, built beforehand), RESIDUA_PEER_ROWS how many rows the slow
# peers score. The environment is made once, in PEERS_VENV or target/peers, and made again when a pin changes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
environment=${PEERS_VENV:-$root/target/peers}
pins=$(cksum < "$here/requirements.txt")

if [ ! -f "$environment/pins" ] || [ "$(cat "$environment/pins")" != "$pins" ]; then
    echo "making $environment (800 MB)" >&2
    if command -v uv > /dev/null; then
        uv venv --quiet --clear "$environment"
        uv pip install --quiet --only-binary :all: --python "$environment/bin/python" -r "$here/requirements.txt" >&2
    else
        python3 -m venv --clear "$environment"
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
            -r "$here/requirements.txt" >&2
    fi
    echo "$pins" > "$environment/pins"
fi

# Compiled modules stay out of the tree, and are made before anything is measured.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX=$environment/pycache PYTHONHASHSEED=0
if ! "$environment/bin/python" -c 'import lightgbm' 2> /dev/null; then
    echo "LightGBM does not load: its wheel wants the system's OpenMP (Debian: apt-get install libgomp1)" >&2
    exit 1
fi
(cd "$here" && "$environment/bin/python" -c 'import numpy_closed_form, pandas_lightgbm, polars, sklearn_quantile')

# OpenMP's threads sleep while they wait; spinning would count as the boosters' processor time.
export OMP_WAIT_POLICY=PASSIVE
export RESIDUA=${RESIDUA:-$root/target/release/residua}
if [ "${1:-}" = --check ]; then
    exec "$environment/bin/python" "$here/check.py"
fi
exec "$environment/bin/python" "$here/run.py" "$@"
