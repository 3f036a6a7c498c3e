import { describe, expect, test } from 'vitest'
import { operationOf } from '../../../protocol/netlink/header.ts'
import { messageFlags, operation } from '../../../protocol/netlink/operation.ts'
import { protocols } from '../../../protocol/protocols.ts'
import { EncodeError } from '../../../protocol/wire/codec.ts'
import { bytes } from '../../../protocol/wire/leaf.ts'
import { decode, encode, refusal } from '../wire/tools.ts'

test.each([
  ['RTM_NEWLINK', 'new'],
  ['RTM_SETLINK', 'new'],
  ['RTM_GETLINK', 'get'],
  ['RTM_DELLINK', 'del'],
  ['NFT_MSG_NEWTABLE', 'new'],
  ['CTRL_CMD_GETFAMILY', 'get'],
  ['NFNL_MSG_BATCH_BEGIN', 'other'],
])('%s is a %s operation', (name, kind) => {
  expect(operation('test', name, 99, bytes()).kind).toBe(kind)
})

describe('flags', () => {
  test('one bit has another name in each kind', () => {
    const named = Object.entries(messageFlags).map(([kind, codec]) => [kind, decode(codec, '0001')])
    expect(Object.fromEntries(named)).toEqual({
      get: ['root'],
      new: ['replace'],
      del: ['nonrec'],
      ack: ['capped'],
      other: [0x100],
    })
  })

  test('every combination of bits comes back, in every kind', () => {
    for (const codec of Object.values(messageFlags)) {
      for (let bits = 0; bits < 0x10000; bits += 7) {
        const given = Buffer.from([bits & 0xff, bits >> 8]).toString('hex')
        if (encode(codec, decode(codec, given)) !== given) throw new Error(`${codec.type} ${given}`)
      }
    }
  })
})

describe('operationOf', () => {
  test('by number and by name; control messages in every protocol', () => {
    expect(operationOf(protocols.route, 16, 0)).toMatchObject({ name: 'RTM_NEWLINK', type: 16, kind: 'new' })
    expect(operationOf(protocols.route, 'RTM_NEWLINK', 0)).toMatchObject({ name: 'RTM_NEWLINK', type: 16 })
    for (const protocol of Object.values(protocols)) {
      expect(operationOf(protocol, 2, 0)).toMatchObject({ name: 'NLMSG_ERROR', kind: 'ack' })
      expect(operationOf(protocol, 'NLMSG_DONE', 0)).toMatchObject({ type: 3, kind: 'ack' })
    }
  })
  test('an unknown number is one, an unknown name is refused', () => {
    expect(operationOf(protocols.xfrm, 0xfff0, 0)).toMatchObject({ name: 0xfff0, kind: 'other' })
    for (const name of ['RTM_NOPE', 'toString', '']) {
      expect(refusal(() => operationOf(protocols.route, name, 0))).toBeInstanceOf(EncodeError)
    }
  })
})
