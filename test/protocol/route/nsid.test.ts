import { describe } from 'vitest'
import { nsidMessage } from '../../../protocol/route/nsid.ts'
import { rows } from './rows.ts'

describe('nsidMessage', () => {
  rows(nsidMessage, [
    {
      fixture: 'tutorial/isolate-servers/ip-netns-list, the request',
      hex: '00000000 0800030006000000',
      value: { header: { family: 'unspec' }, fd: 6 },
    },
    {
      fixture: 'tutorial/isolate-servers/ip-netns-list, the reply',
      hex: '00000000 08000100ffffffff',
      value: { header: { family: 'unspec' }, nsid: -1 },
    },
  ])
})
