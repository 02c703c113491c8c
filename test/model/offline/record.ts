import { writeFileSync } from 'node:fs'
import type { Counterexample } from './counterexample.ts'

/** Writes one part of the counterexamples as it was just found; the formatter does the rest. */
export const record = (part: string, found: ReadonlyMap<string, Counterexample>): void => {
  const entries = [...found].map(([name, example]) => `${literal(name)}: ${literal(example)}`)
  const text = [
    `import type { Counterexample } from '../counterexample.ts'`,
    '',
    '// Recorded: see README.md.',
    `export const ${part}: Readonly<Record<string, Counterexample>> = {`,
    `${entries.join(',\n')},`,
    '}',
    '',
  ].join('\n')
  writeFileSync(new URL(`./counterexamples/${part}.ts`, import.meta.url), text)
}
const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{ ${Object.entries(value)
    .map(([name, x]) => `${literal(name)}: ${literal(x)}`)
    .join(', ')} }`
}
