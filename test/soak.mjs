// `npm run soak`: a thousand random schedules, every rule switched off in turn, and the long runs of the model, of churn, of flicker, of the offline model's counterexamples, and of kills, and every workload of the bench, small.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const env = { ...process.env, DURABLE_SYNC_SOAK: '1' }
let status = 0
// One after another: each of them takes every core that there is.
for (const folder of [
  'test/soak',
  'test/model',
  'test/client/firehose',
  'test/client/flicker',
  'test/client/replayed-offline-counterexamples',
  'kills.test.ts',
  'test/bench/bench.test.ts',
]) {
  const run = spawnSync(process.execPath, [vitest, 'run', folder], { cwd: root, stdio: 'inherit', env })
  status ||= run.status ?? 1
}
process.exit(status)
