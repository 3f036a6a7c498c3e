/** `netlink-ts encode`: JSON to bytes. */
import { encodeMessage } from '../../protocol/netlink/message.ts'
import { messageFromJson, protocolOf, protocols } from '../../protocol/protocols.ts'
import { hex, Sink } from '../../protocol/wire/bytes.ts'
import { isFields } from '../../protocol/wire/codec.ts'
import { at, type Command, InputError, type Line, lines, parse, print, protocolName } from './command.ts'

const help = `Usage: netlink-ts encode [--protocol PROTOCOL] [--big-endian] [JSON...]

Prints one line of hex for each message in JSON, or in the lines of standard input: what netlink-ts decode --json printed,
or something in its form (docs/json.md).

  --protocol    ${Object.keys(protocols).join(', ')}: of messages that have no "protocol"
  --big-endian  write the bytes of a big-endian machine

Exit status: 0; 1 for input that is no message; 2 for a command line that cannot be meant.`

export const encode: Command = {
  summary: 'turn messages in JSON into hex',
  help,
  async run(args) {
    const { options, positionals } = parse(args, { protocol: 'string', 'big-endian': 'boolean' })
    const protocol = options.protocol === undefined ? undefined : protocolName(options.protocol)
    for await (const line of lines(positionals)) {
      const json = parseJson(line)
      const given = isFields(json) ? { protocol, ...json } : json
      const sink = new Sink(options['big-endian'] ? false : undefined)
      at(line.where, () => {
        const message = messageFromJson(given)
        encodeMessage(protocolOf(message.protocol), message, sink)
      })
      await print(hex(sink.finish()))
    }
    return 0
  },
}

function parseJson({ where, text }: Line): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(`${where}: ${error.message}`)
    throw error
  }
}
