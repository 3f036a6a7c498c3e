/** README.md as a program: each of its blocks of TypeScript a function, on the lines that it has in README.md. */

/** What blocks may take as given; some of it only in words. */
const given = `
import { Namespace, Netlink, NetlinkError, Sandbox, Tun, type NftStatement } from 'netlink-ts'
declare const nl: Netlink, inside: Netlink, ns: Namespace, ns1: Namespace, pid: number, prefixes: string[]
declare const filter: { readonly family: 'inet'; readonly table: 'filter' }
declare const answerTo: (frame: Uint8Array) => Uint8Array
`

export interface Block {
  /** The function's name is this with 'line' before it. */
  line: number
  /** The heading above: 'write a firewall?' */
  heading: string
}

/** `modules` says where the packages are that are imported. */
export function program(readme: string, modules: Record<string, string>): { text: string; blocks: Block[] } {
  const blocks: Block[] = []
  const imports = new Map<string, Set<string>>()
  let heading = ''
  let inside = false
  const importing = (line: string): string => {
    const [, names, module = ''] = /^import \{ (.*) \} from '(.*)'$/.exec(line) ?? []
    if (names === undefined) return line
    const known = imports.get(module) ?? new Set()
    imports.set(module, known)
    for (const name of names.split(', ')) known.add(name)
    return ''
  }
  const lines = readme.split('\n').map((line, i) => {
    if (!inside) {
      heading = /^### \.\.\. (.*)/.exec(line)?.[1] ?? heading
      if (line !== '```ts') return ''
      inside = true
      blocks.push({ line: i + 1, heading })
      return `export async function line${i + 1}() {`
    }
    inside = line !== '```'
    // A statement that is left to the reader
    return inside ? importing(line).replace(/\) \.\.\.(?=\s|$)/, ') {}') : '}'
  })
  const before = given.split('\n').map(importing)
  const specifiers = Array.from(imports, ([module, names]) => {
    const path = modules[module]
    if (path === undefined) throw new Error(`README.md imports ${module}`)
    return `import { ${[...names].join(', ')} } from '${path}'`
  })
  // README.md begins with its title.
  lines[0] = [...specifiers, ...before].filter((line) => line !== '').join('; ')
  return { text: lines.join('\n'), blocks }
}
