#!/usr/bin/env bash
# Gates this repository in CI: exact counters and virtual times against the committed baseline and, where the base of the
# change is known, host time of the kernels against a build of that base.
#
#   bench/gate/ci.sh [BASE_REF] [-- flags of seatrial gate]
#
# Needs npm ci and npm run build. BASE_REF also comes from GATE_BASE; a shallow clone that does not have it is told as "new".
# Reports go to GATE_REPORTS (default results/gate). Exit code: that of `seatrial gate`, the worse one of both.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3

base="${GATE_BASE:-}"
if [ $# -gt 0 ] && [ "$1" != "--" ]; then base="$1"; shift; fi
if [ "${1:-}" = "--" ]; then shift; fi

reports="${GATE_REPORTS:-results/gate}"
mkdir -p "$reports" || exit 3
gate=(node dist/bench/cli/main.js gate)

"${gate[@]}" --strict --require-baseline --no-results \
  --report "junit=$reports/counters.xml" --report "markdown=$reports/counters.md" "$@"
code=$?

if [ -n "$base" ] && [ "$code" -lt 2 ]; then
  "${gate[@]}" kernels --against "$base" --no-results \
    --report "junit=$reports/kernels.xml" --report "markdown=$reports/kernels.md" "$@"
  kernels=$?
  # 3 before 2 before 1 before 4 before 0.
  for worst in 3 2 1 4; do
    if [ "$code" -eq "$worst" ] || [ "$kernels" -eq "$worst" ]; then code=$worst; break; fi
  done
fi
exit "$code"
