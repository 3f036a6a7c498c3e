/** The least of ARP and ICMP that makes `ping` content. */

/** The Ethernet frame that says that whatever address is asked for is at `mac`; undefined where nobody asks. RFC 826. */
export function answerArp(frame: Buffer, mac: string): Buffer | undefined {
  if (frame.length < 42 || frame.readUInt16BE(12) !== 0x0806 || frame.readUInt16BE(20) !== 1) return undefined
  const own = Buffer.from(mac.replaceAll(':', ''), 'hex')
  const answer = Buffer.from(frame)
  const asker = frame.subarray(22, 32)
  answer.set(asker.subarray(0, 6), 0)
  answer.set(own, 6)
  answer.writeUInt16BE(2, 20)
  answer.set(own, 22)
  answer.set(frame.subarray(38, 42), 28)
  answer.set(asker, 32)
  return answer
}

/** The packet that answers an ICMP echo request, whose IPv4 header is at `at`. RFC 792. */
export function answerEcho(packet: Buffer, at: number): Buffer | undefined {
  if (packet.length < at + 28 || packet[at] !== 0x45 || packet[at + 9] !== 1 || packet[at + 20] !== 8) return undefined
  const answer = Buffer.from(packet)
  if (at === 14) {
    answer.set(packet.subarray(6, 12), 0)
    answer.set(packet.subarray(0, 6), 6)
  }
  // Swapping the addresses leaves the header's sum as it is; the type is part of the ICMP sum.
  answer.set(packet.subarray(at + 16, at + 20), at + 12)
  answer.set(packet.subarray(at + 12, at + 16), at + 16)
  answer[at + 20] = 0
  const sum = packet.readUInt16BE(at + 22) + 0x0800
  answer.writeUInt16BE((sum & 0xffff) + (sum >> 16), at + 22)
  return answer
}
