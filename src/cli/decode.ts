/** `netlink-ts decode`: bytes to text or JSON. */
import { decodeMessages, messageToJson, protocols } from '../../protocol/protocols.ts'
import { describeDatagram } from '../print.ts'
import { at, type Command, lines, parse, print, protocolName, UsageError } from './command.ts'
import { bytesOf, joinPieces } from './hex.ts'

const help = `Usage: netlink-ts decode --protocol PROTOCOL [--json] [--strict] [--big-endian] [HEX...]

Prints the netlink messages in HEX, or in the lines of standard input. A line (or argument) is one datagram, or one
message of it; spaces, colons, commas and 0x between the bytes do no harm.

  --protocol    ${Object.keys(protocols).join(', ')}
  --json        one line of JSON a message (docs/json.md); netlink-ts encode turns them into the same bytes again
  --strict      end at the first malformed attribute; without it, what is malformed is shown as such
  --big-endian  the bytes come from a big-endian machine

Numbers at the left are offsets in the datagram. Exit status: 0; 1 for input that is no hex or no message; 2 for a
command line that cannot be meant.`

export const decode: Command = {
  summary: 'print netlink messages given in hex, as text or JSON',
  help,
  async run(args) {
    const { options, positionals } = parse(args, {
      protocol: 'string',
      json: 'boolean',
      strict: 'boolean',
      'big-endian': 'boolean',
    })
    if (options.protocol === undefined) throw new UsageError('--protocol is missing')
    const protocol = protocolName(options.protocol)
    const reading = {
      strict: options.strict === true,
      // Absent: the byte order of this machine.
      littleEndian: options['big-endian'] ? false : undefined,
    }
    let status = 0
    for await (const line of lines(joinPieces(positionals))) {
      const bytes = bytesOf(line)
      const messages = at(line.where, () => decodeMessages(protocol, bytes, reading))
      for (const message of messages) {
        if (!('error' in message)) continue
        // Shown (and given back by encode) like every other, but whoever looks at the status only must know.
        process.stderr.write(`netlink-ts decode: ${line.where}: ${message.error}\n`)
        status = 1
      }
      if (!options.json) await print(describeDatagram(protocols[protocol], bytes, messages, reading))
      else for (const message of messages) await print(JSON.stringify(messageToJson(message)))
    }
    return status
  },
}
