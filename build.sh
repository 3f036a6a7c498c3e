#!/usr/bin/env bash
# dist/: declarations from the compiler, JavaScript from the bundler. Node's ESM loader takes 0.5 to 0.8 ms a module, of which there are more
# than a hundred: in few files, with buffer-layout among them, an import takes a third of the time.
#   ./build.sh                     as it is shipped
#   ./build.sh FOLDER ENTRY...     JavaScript alone, into FOLDER, with programs of others (the benchmark's) beside it
set -eu
cd "$(dirname "$0")"
PATH=$PWD/node_modules/.bin:$PATH
out=${1:-dist}
rm -rf "$out"
[ $# -gt 0 ] || tsc -p tsconfig.build.json
tsx bundle.ts "$out" "${@:2}"
# Its licence asks to go with it.
cp node_modules/buffer-layout/LICENSE "$out/protocol/buffer-layout.LICENSE"
