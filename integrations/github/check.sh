#!/usr/bin/env bash
# The step of action.yml: judges, annotates the run and tells the exit code. Its inputs come as
# BFG_SCENARIOS and BFG_REQUIRE (one a line), BFG_POLICIES_FROM, BFG_SARIF and BFG_AT.
set -euo pipefail

arguments=(check --format github)
while IFS= read -r board; do
  if [ -n "$board" ]; then arguments+=(--require "$board"); fi
done <<<"${BFG_REQUIRE:-}"
if [ -n "${BFG_POLICIES_FROM:-}" ]; then arguments+=(--policies-from "$BFG_POLICIES_FROM"); fi
if [ -n "${BFG_SARIF:-}" ]; then arguments+=(--output "sarif=$BFG_SARIF"); fi
if [ -n "${BFG_AT:-}" ]; then arguments+=(--at "$BFG_AT"); fi
arguments+=(--) # what follows is no option, whatever it begins with
while IFS= read -r scenario; do
  if [ -n "$scenario" ]; then arguments+=("$scenario"); fi
done <<<"${BFG_SCENARIOS:-}"

code=0
bfg-policy "${arguments[@]}" || code=$?
echo "exit-code=$code" >>"$GITHUB_OUTPUT"
exit "$code"
