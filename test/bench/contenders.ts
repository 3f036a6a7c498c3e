/** Our programs in the form in which a harness with other peers takes them: contenders.local.json. */
import type { Tools } from './tools.ts'

type Entry = [name: string, argv: string[]]

/** By the harness's keys. Labs are not among them: it takes those from its own list only. */
export function forHarness({ ours }: Pick<Tools, 'ours'>): Record<string, Entry[]> {
  const entry = (name: string, program: string, ...args: string[]): Entry => [
    `netlink-ts, ${name}`,
    [process.execPath, `${ours}/ours/${program}.js`, ...args],
  ]
  return {
    w1: [
      entry('one Promise.all', 'route-add', 'all', '{n}', '{ifx}'),
      entry('nl.batch', 'route-add', 'batch', '{n}', '{ifx}'),
    ],
    w2: [
      entry('nl.route.list()', 'route-dump', 'list', '{n}'),
      entry('for await', 'route-dump', 'iterate', '{n}'),
      entry('messages', 'route-dump', 'message', '{n}'),
    ],
    w4: [entry('nl.subscribe', 'events')],
    w4p: [entry('nl.subscribe', 'events')],
    w5: [
      entry('nl.link.list()', 'link-dump', 'list', '{n}', '20'),
      entry('messages', 'link-dump', 'message', '{n}', '20'),
    ],
    w6r: [
      entry('blocking: true', 'one-shot', 'request', 'blocking', '20000'),
      entry('default', 'one-shot', 'request', 'default', '20000'),
    ],
    w8: [entry('nl.nft.batch', 'nft', 'rules', '{n}')],
    w8s: [entry('nl.nft.batch', 'nft', 'set', '{n}')],
    w7: [
      [
        'netlink-ts',
        [
          'bash',
          '-c',
          'for ((i = 0; i < 20; i++)); do "$@" > /dev/null || exit 1; done',
          'loop',
          process.execPath,
          `${ours}/ours/start-up.js`,
        ],
      ],
    ],
  }
}
