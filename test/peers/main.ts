import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { readArguments } from '../bench/arguments.ts'
import { markdownTables } from '../bench/markdown-table.ts'
import { FULL, QUICK, type Scale } from '../bench/scale.ts'
import { bundleSize } from './bundle-size.ts'
import { checkFigures, TINY } from './check.ts'
import { checkStorage } from './check-storage.ts'
import { CONTESTANTS } from './contestants.ts'
import { type PeersOptions, runPeers, runWithoutServers } from './run-peers.ts'
import { NOTES, WORKLOADS } from './workloads.ts'

const USAGE = `npm start -- [options]
  --only W2,W4   only these workloads (W2 is W2a and W2b)
  --runs 5       measurements of each side that are kept; one more is dropped
  --quick        a tenth of everything
  --deflate      sockets offer compression, as browsers do
  --json <file>  writes the results there, too`

/** Yjs needs more than 2 s for a row that has to be stored before the next. */
const ALONE = 20
const SCALES: Readonly<Record<'full' | 'quick', Scale>> = {
  full: { ...FULL, storedAlone: ALONE },
  quick: QUICK,
}

async function main(given: string[]): Promise<void> {
  const isCheck = given.includes('--check')
  const { only, runs, json, size, compression } = readArguments(given.filter((one) => one !== '--check'))
  const wanted = ({ name }: { readonly name: string }) =>
    !only || only.some((start) => name.toUpperCase().startsWith(start))
  const options: PeersOptions = {
    // This runs as `dist/main.mjs`.
    testFolder: fileURLToPath(new URL('../..', import.meta.url)),
    workloads: WORKLOADS.filter(wanted),
    scale: isCheck ? TINY : SCALES[size],
    runs: isCheck ? 1 : runs,
    compression,
    say: (text) => console.error(text),
  }
  if (options.workloads.length === 0 && !wanted(bundleSize)) throw new Error(`no workload is ${only}`)
  const results = await runPeers(options)
  if (wanted(bundleSize)) results.push(await runWithoutServers(bundleSize, options))
  if (isCheck) {
    checkFigures(results)
    for (const contestant of CONTESTANTS) await checkStorage(contestant, options.testFolder)
  }
  const load = loadavg().map((mean) => Number(mean.toFixed(1)))
  const machine = { cpus: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version, load }
  console.log(markdownTables(results))
  console.log(`\n${NOTES}`)
  console.log(`\n${machine.cpus} × ${machine.cpu}, Node ${machine.node}, load average ${load.join(', ')}.`)
  if (json !== undefined)
    await writeFile(
      json,
      `${JSON.stringify({ at: new Date().toISOString(), machine, size, compression, what: 'peers', results }, null, 2)}\n`,
    )
}

// Every provider of Yjs listens for the end of the process.
process.setMaxListeners(0)
main(process.argv.slice(2)).then(
  // Clients of peers leave timers behind.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    console.error(`\n${USAGE}`)
    process.exit(1)
  },
)
