/** Sets, maps, objects and chains that rules refer to, and those of them that the builder refers to. */
import { mapRef, setRef } from '../../../src/nft/build/index.ts'
import { sets } from './sets.ts'

/** In front of the chain for input of the family inet. */
export const named = `
  counter c1 { comment "all of it"; packets 3 bytes 180 }
  counter c2 { packets 0 bytes 0 }
  counter cnt { }
  counter hits { }
  quota q { over 10 mbytes }
  quota q1 { over 10 mbytes used 2 kbytes }
  quota q2 { 1000 bytes }
  quota daily { over 10 mbytes }
  limit l { rate 10/second }
  limit l1 { rate 10/second burst 20 packets }
  limit l2 { rate over 1 mbytes/minute burst 64 kbytes }
  limit slow { rate 10/second }
  ct helper ftp { type "ftp" protocol tcp; }
  ct helper ftp1 { type "ftp" protocol tcp; }
  ct timeout fast { protocol tcp; policy = { established: 100 }; }
  ct timeout t1 { protocol tcp; l3proto ip; policy = { established : 100, close : 4 }; }
  ct expectation e1 { protocol udp; dport 9876; timeout 2m; size 12; l3proto ip; }
  synproxy s1 { mss 1460; wscale 7; timestamp sack-perm }
  synproxy proxy { mss 1460; wscale 7; }
  set addresses { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.1 } }
  set s { type ipv4_addr; flags interval; }
  set dyn { type ipv4_addr; size 65535; flags dynamic,timeout; }
  set pairs { type ipv4_addr . inet_service; size 65535; flags dynamic; }
  set marks { type mark; flags interval; }
  set seen { type ipv4_addr; size 1000; flags dynamic,timeout; }
  set both { type ipv4_addr . inet_service; size 1000; flags dynamic; }
  map vm { type inet_service : verdict; }
  map learnt { type ipv4_addr : inet_service; size 65535; flags dynamic,timeout; }
  map ports { type ipv4_addr : inet_service; size 1000; flags dynamic,timeout; }
  map verdicts { type inet_service : verdict; flags interval; }
  map tomark { type inet_service : mark; }
  chain o { }
  chain other { }
  chain third {
    counter
  }
  ${sets.join('\n  ')}
`

/** In front of the chain for destination NAT. */
export const maps = `
  map m { type inet_service : ipv4_addr; }
  map backends { type inet_service : ipv4_addr; }
  map targets { type inet_service : inet_service; }
`

export const blocked = setRef<'ipv4_addr'>('s')
export const dyn = setRef<'ipv4_addr'>('dyn')
export const pairs = setRef({ name: 'pairs', type: ['ipv4_addr', 'inet_service'] })
export const backends = mapRef({ name: 'm', type: 'inet_service', map: 'ipv4_addr' })
export const policy = mapRef<'inet_service', 'verdict'>('vm')
export const learnt = mapRef<'ipv4_addr', 'inet_service'>('learnt')
export const ports = mapRef<'ipv4_addr', 'inet_service'>('ports')
export const moved = mapRef<'ipv4_addr', 'ipv4_addr'>('m10')
