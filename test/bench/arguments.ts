import { parseArgs } from 'node:util'

export interface BenchArguments {
  /** Names of workloads, such as W1; undefined means all. */
  readonly only: readonly string[] | undefined
  readonly runs: number
  /** Inserts of W2a that may be unconfirmed at one time; undefined means the scale's own number. */
  readonly inFlight: number | undefined
  /** Where to write the results as JSON. */
  readonly json: string | undefined
  readonly size: 'full' | 'quick'
  readonly compression: 'none' | 'deflate'
  /** A folder for CPU profiles. */
  readonly profile: string | undefined
  /** What is run: the workloads, or how cost grows. */
  readonly what: 'workloads' | 'growth'
  /** Results that were written before. They are put into the documents, and nothing is run. */
  readonly publish: readonly string[] | undefined
}

export const USAGE = `npm run bench -- [options]
  --only W1,W4   only these workloads (W2 is W2a and W2b)
  --runs 5       measurements of each side that are kept; one more is dropped
  --quick        a tenth of everything
  --in-flight 50 inserts of W2a that may be unconfirmed at one time, instead of 150
  --deflate      sockets offer compression, as browsers do
  --json <file>  writes the results there, too
  --growth       how the cost of a write grows, instead of the workloads
  --profile <folder>  one more round with profilers at work; writes CPU profiles of the clients and of the object there
  --publish <files>   puts results that --json wrote, a.json,b.json, into the documents, and runs nothing`

/** @throws Error that says what is wrong. */
export function readArguments(args: string[]): BenchArguments {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '5' },
      json: { type: 'string' },
      'in-flight': { type: 'string' },
      quick: { type: 'boolean', default: false },
      deflate: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      profile: { type: 'string' },
      publish: { type: 'string' },
    },
  })
  const atLeastOne = (option: 'runs' | 'in-flight', text: string): number => {
    const number = Number(text)
    if (Number.isInteger(number) && number > 0) return number
    throw new Error(`--${option} ${text} is not a number from 1 on`)
  }
  const inFlight = values['in-flight']
  return {
    only: values.only?.split(',').map((name) => name.trim().toUpperCase()),
    runs: atLeastOne('runs', values.runs),
    inFlight: inFlight === undefined ? undefined : atLeastOne('in-flight', inFlight),
    json: values.json,
    size: values.quick ? 'quick' : 'full',
    compression: values.deflate ? 'deflate' : 'none',
    profile: values.profile,
    what: values.growth ? 'growth' : 'workloads',
    publish: values.publish?.split(','),
  }
}
