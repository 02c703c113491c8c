import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aimsTable, growthTables, markdownTables } from './markdown-table.ts'
import { peersTable } from './peers-table.ts'
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
  /** `peers` is what `test/peers` writes. */
  readonly what: 'workloads' | 'growth' | 'peers'
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

/** A part of a document, relative to the root of the workspace. */
interface Part {
  readonly document: string
  /** The name of the marks around it. */
  readonly block: string
  readonly text: (results: readonly WorkloadResult[]) => string
}

const PAGE = 'PERFORMANCE.md'

/** Where results of each kind go. */
export const PARTS: Readonly<Record<ResultFile['what'], readonly Part[]>> = {
  workloads: [
    { document: PAGE, block: 'bench', text: (found) => `${aimsTable(found)}\n\n${markdownTables(found)}` },
  ],
  growth: [{ document: PAGE, block: 'growth', text: growthTables }],
  peers: [
    { document: PAGE, block: 'peers', text: peersTable },
    { document: 'test/peers/README.md', block: 'peers', text: markdownTables },
  ],
}

/** The document with these results between the marks of the part. */
export const withResults = (document: string, file: ResultFile, { block, text }: Part): string =>
  fillBlock(document, block, `${headOf(file)}\n\n${text(file.results)}`)

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

/** Puts results that were written before, by the paths of their files, into the documents of the workspace. */
export async function publish(root: string, paths: readonly string[]): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => JSON.parse(await readFile(path, 'utf8')) as ResultFile),
  )
  for (const file of merged(files))
    for (const part of PARTS[file.what]) {
      const path = join(root, part.document)
      await writeFile(path, withResults(await readFile(path, 'utf8'), file, part))
    }
}
