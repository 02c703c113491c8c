const HEADING = '## The fault list of offline work'

/** A test that holds a fault: part of its title. */
export interface Holder {
  readonly file: string
  readonly title: string
}

export interface Fault {
  readonly id: string
  readonly fault: string
  readonly holders: readonly Holder[]
  /** Why no test makes it happen; undefined when one does. */
  readonly because: string | undefined
}

const NOT_AUTOMATED = /^\*Not automated\*: (.+)$/
const HOLDER = /^`([^`]+)` “(.+)”$/

/**
 * The rows of the table under its heading.
 * @throws Error that quotes what can be read as nothing.
 */
export function faultList(document: string): Fault[] {
  const section = document.split(`\n${HEADING}\n`)[1]?.split(/\n## /)[0]
  if (section === undefined) throw new Error(`the document has no heading “${HEADING}”`)
  return section
    .split('\n')
    .filter((line) => line.startsWith('| F-'))
    .map(faultOf)
}

function faultOf(line: string): Fault {
  const [, id = '', fault = '', held = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
  const parts = held.split('<br>')
  const reasons = parts.flatMap((part) => NOT_AUTOMATED.exec(part)?.[1] ?? [])
  const holders = parts
    .filter((part) => !NOT_AUTOMATED.test(part))
    .map((part) => {
      const [, file, title] = HOLDER.exec(part) ?? []
      if (file === undefined || title === undefined)
        throw new Error(`${id}: no test and no reason: “${part}”`)
      return { file, title }
    })
  return { id, fault, holders, because: reasons[0] }
}
