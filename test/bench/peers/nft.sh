#!/bin/sh
# nft.sh rules|set N: what nft.ts does, as `nft -f` reads it. On standard output.
set -eu
what=$1 n=$2
address='function address(i) { return sprintf("10.%d.%d.%d", i / 65536, i / 256 % 256, i % 256) }'
echo 'add table ip t'
if [ "$what" = rules ]; then
  printf 'add chain ip t a\nadd chain ip t b\n'
  awk "$address"' BEGIN { for (i = 0; i < '"$n"'; i++)
    printf "add rule ip t %s ip saddr %s counter accept\n", i % 2 ? "b" : "a", address(i) }'
else
  echo 'add set ip t s { type ipv4_addr; }'
  awk "$address"' BEGIN { printf "add element ip t s { "; for (i = 0; i < '"$n"'; i++) printf "%s%s", i ? ", " : "", address(i); print " }" }'
fi
