#!/usr/bin/env bash
# Under a full Debian kernel, in a throw-away virtual machine: link kinds, flowtables and queues that a machine's own kernel may lack.
#   bash test/vm.sh                   a few tests in one bundled program, about a minute
#   bash test/vm.sh FILE...           kernel tests, emulated: 20 times slower than outside
#   bash test/vm.sh -- COMMAND...     anything, as root
# The virtual machine is what VM_RUN names, or the shared vm/run beside the checkout.
set -eu -o pipefail
cd "$(dirname "$0")/.."
run=${VM_RUN:-../shared/vm/run}

# As test/reporter.ts does: what .ci/run adds up.
count() {
  [ -z "${TEST_COUNTS:-}" ] || echo "$1" >>"$TEST_COUNTS"
}
unless() {
  "$@" && return
  echo "no virtual machine, so nothing is tested in one: $* failed"
  echo '0 passed, 0 failed, 1 skipped'
  count '0 passed, 0 failed, 1 skipped'
  exit 0
}

unless test -x "$run"
unless "$run" --setup
case ${1:-} in
  '')
    program=$(mktemp -d)
    trap 'rm -rf "$program"' EXIT
    # As it is shipped: starting from TypeScript would take a minute there.
    ./build.sh "$program/dist" test/vm/smoke.ts
    ln -s "$PWD/node_modules" "$program/node_modules"
    status=0
    "$run" --timeout 600 -- node "$program/dist/test/vm/smoke.js" | tee "$program/output" || status=$?
    count "$(grep -x '[0-9]* passed, [0-9]* failed' "$program/output" || echo '0 passed, 1 failed')"
    exit "$status"
    ;;
  --) "$run" --timeout 0 "$@" ;;
  *) "$run" --timeout 0 -- npx vitest run --project kernel --testTimeout 600000 --hookTimeout 600000 "$@" ;;
esac
