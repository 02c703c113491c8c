import { readFile, writeFile } from 'node:fs/promises'
import { aimsTable, growthTables, markdownTables } from './markdown-table.ts'
import type { WorkloadResult } from './result.ts'

/** The machine that results were found on. `load`: the load average at the end of the run, over 1, 5 and 15 minutes. */
export interface Machine {
  readonly cpus: number
  readonly cpu: string
  readonly node: string
  readonly load: readonly number[]
}

/** What `--json` writes. */
export interface ResultFile {
  /** When the run ended, in ISO 8601. */
  readonly at: string
  readonly machine: Machine
  readonly size: 'full' | 'quick'
  readonly compression: 'none' | 'deflate'
  readonly what: 'workloads' | 'growth'
  readonly results: readonly WorkloadResult[]
}

export const machineText = ({ cpus, cpu, node, load }: Machine): string =>
  `${cpus} × ${cpu}, Node ${node}, load average ${load.join(', ')}`

/** Puts text between the marks `<!-- name -->` and `<!-- /name -->` of a document. */
export function fillBlock(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the document has no part between ${begin} and ${end}`)
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`
}

const headOf = ({ at, machine, compression, size }: ResultFile): string =>
  [
    `Measured on ${at.slice(0, 10)}: ${machineText(machine)} at the end of the run,`,
    `${compression === 'none' ? 'no compression' : 'compression offered'}${size === 'quick' ? ', **a tenth of everything**' : ''}.`,
  ].join(' ')

/** The document with these results in it: those of workloads between the marks `bench`, those of growth between `growth`. */
export function withResults(document: string, file: ResultFile): string {
  const { what, results } = file
  const text =
    what === 'growth'
      ? [headOf(file), growthTables(results)]
      : [headOf(file), aimsTable(results), markdownTables(results)]
  return fillBlock(document, what === 'growth' ? 'growth' : 'bench', text.join('\n\n'))
}

/** One file of each kind: what several runs found, in the order of the files. The machine is that of the last. */
export function merged(files: readonly ResultFile[]): ResultFile[] {
  const kinds = new Map<ResultFile['what'], ResultFile>()
  for (const file of files) {
    const results = new Map(kinds.get(file.what)?.results.map((result) => [result.name, result]))
    for (const result of file.results) results.set(result.name, result)
    kinds.set(file.what, { ...file, results: [...results.values()] })
  }
  return [...kinds.values()]
}

export async function publish(document: string, paths: readonly string[]): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => JSON.parse(await readFile(path, 'utf8')) as ResultFile),
  )
  const text = merged(files).reduce(withResults, await readFile(document, 'utf8'))
  await writeFile(document, text)
}
