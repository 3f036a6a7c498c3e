#!/usr/bin/env bash
# dist/: declarations from the compiler, JavaScript from the bundler. Node's ESM loader takes 0.5 to 0.8 ms a module, of which there are more
# than a hundred: in few files, with buffer-layout among them, an import takes 26 ms instead of 70.
#   ./build.sh                     as it is shipped
#   ./build.sh FOLDER ENTRY...     JavaScript alone, into FOLDER, with programs of others (the benchmark's) beside it
set -eu
cd "$(dirname "$0")"
PATH=$PWD/node_modules/.bin:$PATH
out=${1:-dist}
rm -rf "$out"
[ $# -gt 0 ] || tsc -p tsconfig.build.json
options=(--bundle --format=esm --platform=node --target=node20 --external:koffi --external:execa --external:unix-dgram
  "--outdir=$out" --outbase=. --log-level=warning)
# All entry points and the command share their code: an EncodeError of the one is one of the other.
esbuild "${options[@]}" --splitting '--chunk-names=src/[name]-[hash]' src/index.ts src/nft/build/index.ts protocol/index.ts \
  src/cli/main.ts "${@:2}"
# What runs in a thread and in a process of its own stands beside the code that starts it.
esbuild "${options[@]}" '--entry-names=src/[name]' src/namespace/creator-worker.ts src/helper/entry.ts
# Its licence asks to go with it.
cp node_modules/buffer-layout/LICENSE "$out/protocol/buffer-layout.LICENSE"
