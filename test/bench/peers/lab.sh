#!/bin/sh
# lab.sh long|short setup|teardown N: the steps of c/lab.c with iproute2, commands in batches: one for here, one for each namespace.
way=$1 phase=$2 n=$3
seq=$(seq 0 $((n - 1)))
set -e
if [ "$phase" = setup ]; then
  {
    echo "link add br0 up type bridge"
    echo "addr add 10.200.0.1/16 dev br0"
    for i in $seq; do
      echo "netns add lab$i"
      if [ "$way" = short ]; then echo "link add h$i up master br0 type veth peer name eth0 netns lab$i"
      else
        echo "link add h$i type veth peer name p$i"
        echo "link set p$i netns lab$i"
      fi
    done
  } | ip -batch -
  for i in $seq; do
    {
      if [ "$way" = long ]; then echo "link set p$i name eth0"; fi
      echo "link set eth0 up"
      echo "addr add 10.200.$((i / 250)).$((i % 250 + 2))/16 dev eth0"
      echo "route add default via 10.200.0.1 dev eth0"
    } | ip -n "lab$i" -batch -
  done
  if [ "$way" = long ]; then for i in $seq; do echo "link set h$i up master br0"; done | ip -batch -; fi
else
  for i in $seq; do
    if [ "$way" = long ]; then echo "link del h$i"; fi
    echo "netns del lab$i"
  done | ip -batch -
  ip link del br0
  if [ "$way" = short ]; then while ip -br link | grep -q '^h'; do sleep 0.002; done; fi
fi
