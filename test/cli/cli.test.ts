import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { InputError, UsageError } from '../../src/cli/command.ts'
import { decode } from '../../src/cli/decode.ts'
import { encode } from '../../src/cli/encode.ts'
import { run, shell } from './run.ts'

// Each process starts in half a second, in several on a loaded machine.
vi.setConfig({ testTimeout: 60_000 })

// RTM_GETLINK with NLM_F_DUMP: nlmsghdr and ifinfomsg.
const getlink = '2000000012000103010000000000000000000000000000000000000000000000'
const spaced = getlink.replace(/(.{8})/g, '$1 ').trim()
// RTM_NEWLINK: IFLA_IFNAME 'lo', attribute 8000 (nested flag, unknown to all), IFLA_MTU of 2 bytes.
const odd = [
  '3c00000010000500020000000300000000000000010000000000000000000000',
  '07000300 6c6f0000',
  '0900409f aabbccdd ee000000',
  '06000400 dc050000',
]
  .join('')
  .replaceAll(' ', '')

describe('netlink-ts', () => {
  test('--help names the commands, --version is that of the package', () => {
    const { status, out } = run(['--help'])
    expect(status).toBe(0)
    expect(out.join('\n')).toMatch(/decode .*\n.*encode /)
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(run(['--version']).out).toEqual([version])
  })

  test('without a command: exit status 2 and a hint', () => {
    const { status, out, err } = run([])
    expect({ status, out }).toEqual({ status: 2, out: [] })
    expect(err).toBe('netlink-ts: a command is missing\nTry netlink-ts --help.\n')
    expect(run(['frobnicate']).err).toMatch(/no command 'frobnicate'/)
  })

  test.each([
    [[getlink], /--protocol is missing/],
    [['--protocol', 'ipx', getlink], /one of route, .*'ipx'/],
    [['--protocol', 'route', '--nonsense'], /--nonsense/],
  ])('decode %j is refused before anything is read', async (args, message) => {
    const failure = decode.run(args)
    await expect(failure).rejects.toThrow(message)
    await expect(failure).rejects.toThrow(UsageError)
  })

  test('start-up loads no package but the one that is part of the build', () => {
    expect(packagesOf(new URL('../../src/cli/main.ts', import.meta.url))).toEqual(['buffer-layout'])
  })
})

/** Follows the imports of a source file to the packages it ends at. */
function packagesOf(start: URL): string[] {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const follow = (file: URL): void => {
    if (seen.has(file.href)) return
    seen.add(file.href)
    for (const [, type, name = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\b( type\b)?[^']*?\bfrom '([^']+)'/gms,
    )) {
      if (type) continue
      if (name.startsWith('.')) follow(new URL(name, file))
      else if (!name.startsWith('node:')) packages.add(name)
    }
  }
  follow(start)
  expect(seen.size).toBeGreaterThan(10)
  return [...packages].sort()
}

describe('netlink-ts decode', () => {
  test('arguments: whole datagrams, with spaces, or in pieces', () => {
    const plain = run(['decode', '--protocol', 'route', getlink])
    expect(plain).toMatchObject({ status: 0, err: '' })
    expect(plain.out[0]).toBe('    0  RTM_GETLINK flags request,dump seq 1 portid 0 length 32')
    expect(run(['decode', '--protocol', 'route', spaced]).out).toEqual(plain.out)
    expect(run(['decode', '--protocol', 'route', ...spaced.split(' ')]).out).toEqual(plain.out)
    expect(run(['decode', '--protocol', 'route', getlink, spaced]).out).toEqual([...plain.out, ...plain.out])
  })

  test('names, values, offsets; what is unknown or malformed is visible', () => {
    const { status, out, err } = run(['decode', '--protocol', 'route'], `\n${odd}\n\n`)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toContain('    0  RTM_NEWLINK flags request,ack seq 2 portid 3 length 60')
    expect(out).toContain('   20      index: 1')
    expect(out).toContain('   32    IFLA_IFNAME ifname: "lo"')
    expect(out).toContain('   40    unknown attribute 8000 nested: aabbccddee')
    expect(out.find((line) => line.includes('IFLA_MTU'))).toMatch(
      /^ {3}52 {4}IFLA_MTU mtu: malformed, u32 takes 4 .*: dc05$/,
    )
  })

  test('several messages on a line, slack behind them', () => {
    const { status, out } = run(['decode', '--protocol', 'route', '--json'], `${getlink}${odd}${'00'.repeat(40)}\n`)
    expect(status).toBe(0)
    expect(out.map((line) => (JSON.parse(line) as { type: unknown }).type)).toEqual(['RTM_GETLINK', 'RTM_NEWLINK'])
  })

  test('bad input: the line is named, exit status 1', () => {
    const noHex = run(['decode', '--protocol', 'route'], `${getlink}\nxyz\n`)
    expect(noHex.status).toBe(1)
    expect(noHex.err).toBe("netlink-ts decode: line 2: 'x' is no hex digit\n")
    expect(run(['decode', '--protocol', 'route', '2000000']).err).toMatch(/argument 1: an odd number of hex digits/)
  })

  test('a cut message is shown, given back by encode, and exit status 1', () => {
    const cut = getlink.slice(0, 40)
    const { status, out, err } = run(['decode', '--protocol', 'route', '--json', cut])
    expect(status).toBe(1)
    expect(err).toMatch(/argument 1: message of 32 bytes, 20 are left/)
    expect(run(['encode', ...out])).toEqual({ status: 0, out: [cut], err: '' })
    expect(run(['decode', '--protocol', 'route', cut]).out[0]).toContain(
      `broken: message of 32 bytes, 20 are left: ${cut}`,
    )
  })

  test('--strict ends at the first malformed attribute, naming it', () => {
    const { status, out, err } = run(['decode', '--protocol', 'route', '--strict', getlink, odd])
    expect(status).toBe(1)
    expect(out[0]).toContain('RTM_GETLINK')
    expect(err).toMatch(/^netlink-ts decode: argument 2: .*mtu: u32 takes 4 bytes, got 2 \(at byte 56\)\n$/)
  })

  test('an error shows errno, the kernel’s words, and the property at its offset', () => {
    // A refused RTM_NEWLINK whose IFLA_MTU stands at byte 32 of the request.
    const request = '2800000010000500070000000000000000000000000000000000000000000000 0800040001000000'.replaceAll(
      ' ',
      '',
    )
    const text = '6d747520746f6f20736d616c6c00'
    const error = `eaffffff${request}1200010${'0'}${text}00000800020020000000`
    const length = (16 + error.length / 2).toString(16).padStart(2, '0')
    const { out, err } = run(['decode', '--protocol', 'route', `${length}00000002000002 0700000000000000 ${error}`])
    expect(err).toBe('')
    expect(out).toContain('   16    EINVAL "mtu too small" at mtu (IFLA_MTU)')
  })

  test('a reader that goes away ends it quietly', () => {
    const { status, out, err } = shell(
      `for i in {1..20000}; do echo ${getlink}; done | $NETLINK_TS decode --protocol route | head -n 2`,
    )
    expect(out).toHaveLength(2)
    expect(err).toBe('')
    // 141: the loop of the shell, ended by the closed pipe.
    expect([0, 141]).toContain(status)
  })
})

describe('netlink-ts encode', () => {
  test('gives the bytes of decode --json, from stdin and from arguments', () => {
    const { out } = run(['decode', '--protocol', 'route', '--json'], `${getlink}\n${odd}\n`)
    expect(run(['encode'], out.join('\n')).out).toEqual([getlink, odd])
    expect(run(['encode', ...out]).out).toEqual([getlink, odd])
  })

  test('--protocol serves messages without one; what a message leaves out is zero', () => {
    const json = JSON.stringify({ type: 'RTM_GETLINK', flags: ['request', 'dump'], seq: 1, portid: 0, body: {} })
    expect(run(['encode', '--protocol', 'route', json]).out).toEqual([getlink])
    expect(run(['encode', json])).toMatchObject({ status: 1, out: [] })
  })

  test('--big-endian goes both ways', () => {
    const { out } = run(['decode', '--protocol', 'route', '--json', getlink])
    const big = run(['encode', '--big-endian', ...out]).out
    expect(big).toEqual(['0000002000120301000000010000000000000000000000000000000000000000'])
    expect(run(['decode', '--protocol', 'route', '--json', '--big-endian', ...big]).out).toEqual(out)
  })

  test.each([
    ['{', /argument 1: .*JSON/],
    ['7', /argument 1: must be an object/],
    ['{"protocol":"route","type":"RTM_NOPE","flags":[],"seq":0,"portid":0,"body":{}}', /argument 1: type: .*RTM_NOPE/],
    [
      '{"protocol":"route","type":"RTM_NEWLINK","flags":[],"seq":0,"portid":0,"body":{"mtu":"many"}}',
      /argument 1: body\.mtu: must be an integer/,
    ],
    [
      '{"protocol":"route","type":"RTM_NEWLINK","flags":["loud"],"seq":0,"portid":0,"body":{}}',
      /argument 1: flags: must hold only/,
    ],
    ['{"protocol":"route","type":"RTM_NEWLINK","flags":[],"seq":-1,"portid":0,"body":{}}', /argument 1: seq: must be/],
    ['{"protocol":"route","type":"RTM_NEWLINK","seq":0,"portid":0,"body":{}}', /argument 1: flags: must be an array/],
  ])('%s: the argument and the path are named', async (line, message) => {
    const failure = encode.run([line])
    await expect(failure).rejects.toThrow(message)
    await expect(failure).rejects.toThrow(InputError)
  })

  test('bad input: the line is named, exit status 1, and what came before is there', () => {
    const json = JSON.stringify({ protocol: 'xfrm', type: 16, flags: [], seq: 0, portid: 0, body: '' })
    const { status, out, err } = run(['encode'], `${json}\n\n{\n`)
    expect({ status, out }).toEqual({ status: 1, out: ['10000000100000000000000000000000'] })
    expect(err).toMatch(/^netlink-ts encode: line 3: .*JSON.*\n$/)
  })
})
