import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { type BenchArguments, readArguments, USAGE } from './arguments.ts'
import { GROWTHS } from './growth/growth.ts'
import { runGrowth } from './growth/run-growth.ts'
import { aimsTable, growthTables, markdownTables } from './markdown-table.ts'
import { type Machine, machineText, publish, type ResultFile } from './publish.ts'
import type { WorkloadResult } from './result.ts'
import { runBench } from './run-bench.ts'
import { FULL, QUICK } from './scale.ts'
import { WORKLOADS } from './workloads.ts'

// The runner starts this in the root of the workspace.
const root = process.cwd()
const testFolder = join(root, 'test')
const say = (text: string): void => console.error(text)

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  only: BenchArguments['only'],
): readonly T[] {
  // W2 is W2a and W2b, and W1 is not W10.
  const is = (name: string, wanted: string) => name.toUpperCase().replace(/[A-Z]$/, '') === wanted
  const found = all.filter(
    ({ name }) => !only || only.some((wanted) => name.toUpperCase() === wanted || is(name, wanted)),
  )
  if (found.length === 0) throw new Error(`there is no workload ${only?.join(', ')}`)
  return found
}

function run({
  what,
  only,
  runs,
  inFlight,
  profile,
  size,
  compression,
}: BenchArguments): Promise<WorkloadResult[]> {
  if (what === 'growth')
    return runGrowth({ testFolder, growths: chosen(GROWTHS, only), writes: 50, runs, say })
  const full = size === 'quick' ? QUICK : FULL
  const scale = inFlight === undefined ? full : { ...full, insertsInFlight: inFlight }
  return runBench({ testFolder, workloads: chosen(WORKLOADS, only), scale, runs, profile, compression, say })
}

function machineNow(): Machine {
  const load = loadavg().map((mean) => Number(mean.toFixed(1)))
  return { cpus: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version, load }
}

async function main(args: string[]): Promise<void> {
  const asked = readArguments(args)
  if (asked.publish) {
    await publish(root, asked.publish)
    return
  }
  const { what, size, compression, json } = asked
  const results = await run(asked)
  const machine = machineNow()
  console.log(
    what === 'growth' ? growthTables(results) : `${markdownTables(results)}\n\n${aimsTable(results)}`,
  )
  console.log(`\n${machineText(machine)}.`)
  if (json === undefined) return
  const file: ResultFile = { at: new Date().toISOString(), machine, size, compression, what, results }
  await writeFile(json, `${JSON.stringify(file, null, 2)}\n`)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  console.error(`\n${USAGE}`)
  // A client of a workload that failed would go on dialling.
  process.exit(1)
})
