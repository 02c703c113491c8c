import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { readArguments, USAGE } from './arguments.ts'
import { markdownTables } from './markdown-table.ts'
import { runBench } from './run-bench.ts'
import { FULL, QUICK } from './scale.ts'
import { WORKLOADS } from './workloads.ts'

async function main(args: string[]): Promise<void> {
  const { only, runs, json, size, compression } = readArguments(args)
  const workloads = WORKLOADS.filter(
    ({ name }) => !only || only.some((wanted) => name.toUpperCase().startsWith(wanted)),
  )
  if (workloads.length === 0) throw new Error(`there is no workload ${only?.join(', ')}`)
  const results = await runBench({
    // The runner starts this in the root of the workspace.
    testFolder: join(process.cwd(), 'test'),
    workloads,
    scale: size === 'quick' ? QUICK : FULL,
    runs,
    compression,
    say: (text) => console.error(text),
  })
  const load = loadavg().map((mean) => Number(mean.toFixed(1)))
  const machine = { cpus: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version, load }
  console.log(markdownTables(results))
  console.log(`\n${machine.cpus} × ${machine.cpu}, Node ${machine.node}, load average ${load.join(', ')}.`)
  if (json !== undefined)
    await writeFile(
      json,
      `${JSON.stringify({ at: new Date().toISOString(), machine, size, compression, results }, null, 2)}\n`,
    )
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  console.error(`\n${USAGE}`)
  // A client of a workload that failed would go on dialling.
  process.exit(1)
})
