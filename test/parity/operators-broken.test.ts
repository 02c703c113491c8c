import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { rowMatcher } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientConditions, workerConditions } from '../../vite.shared.ts'
import { Dice } from '../soak/dice.ts'
import { patchedBundle } from '../soak/source-patch.ts'
import { type Break, LAW, LAW_BREAKS, SQL_BREAKS, switched } from './broken-operators.ts'
import { ParityCheck } from './parity-check.ts'
import { parityStatements } from './parity-table.ts'
import { PARITY_ENTRY, ParityWorld } from './parity-world.ts'
import {
  isLeafOperator,
  LEAF_OPERATORS,
  leafQuestions,
  type Operator,
  type Question,
  randomTree,
} from './predicates.ts'

const SEED = Number(process.env.PARITY_SEED ?? 1)
const ROOM = 'broken'
/** More are not asked. */
const ROUNDS = 12
const TREES = 50

interface Law {
  readonly rowMatcher: typeof rowMatcher
}

const here = globalThis as { brokenOperator?: string }

let directory: string
let world: ParityWorld
let law: Law
let rows: ParityCheck
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'durable-sync-parity-'))
  const made = async (name: string, bundle: Promise<string>) => {
    const path = join(directory, name)
    await writeFile(path, await bundle)
    return path
  }
  const worker = await made(
    'worker.mjs',
    patchedBundle({
      entry: PARITY_ENTRY,
      patches: switched(SQL_BREAKS),
      platform: 'browser',
      conditions: workerConditions,
    }),
  )
  const matcher = await made(
    'law.mjs',
    patchedBundle({
      entry: LAW,
      patches: switched(LAW_BREAKS),
      platform: 'node',
      conditions: clientConditions,
    }),
  )
  law = (await import(/* @vite-ignore */ pathToFileURL(matcher).href)) as Law
  world = await ParityWorld.start(worker)
  await world.ask(ROOM, 'exec', { statements: parityStatements(new Dice(SEED)) })
  rows = await ParityCheck.of(world, ROOM)
})
afterAll(async () => {
  await world.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Some questions about an operator, in an order that brings every column early. */
function questionsOf(dice: Dice, op: Operator): Question[] {
  if (isLeafOperator(op)) return dice.shuffled(leafQuestions(dice, op, 1))
  return Array.from({ length: TREES }, () => ({ predicate: randomTree(dice, 3), literal: 'various' }))
}

async function finds(op: Operator): Promise<boolean> {
  const dice = new Dice(SEED)
  const check = rows.again()
  for (let i = 0; i < ROUNDS; i++) if (await check.finds(questionsOf(dice, op), law.rowMatcher)) return true
  return false
}

test('every operator is broken at least once on either side', () => {
  for (const breaks of [SQL_BREAKS, LAW_BREAKS])
    expect(new Set(breaks.map(({ op }) => op))).toEqual(new Set([...LEAF_OPERATORS, 'and', 'or', 'not']))
})

test('the check finds nothing while nothing is broken', async () => {
  const dice = new Dice(SEED)
  for (const op of [...LEAF_OPERATORS, 'and', 'or', 'not'] as const) {
    const check = rows.again()
    await check.finds(questionsOf(dice, op).slice(0, 100), law.rowMatcher)
    expect(check.problems).toEqual([])
  }
})

const named = (breaks: readonly Break[]) => breaks.map(({ name, op }) => [name, op] as const)

test.each(named(SQL_BREAKS))('the check finds SQL in which %s', async (name, op) => {
  await world.ask(ROOM, 'break', { name })
  try {
    expect(await finds(op)).toBe(true)
  } finally {
    await world.ask(ROOM, 'break', { name: null })
  }
})

test.each(named(LAW_BREAKS))('the check finds a law in which %s', async (name, op) => {
  here.brokenOperator = name
  try {
    expect(await finds(op)).toBe(true)
  } finally {
    delete here.brokenOperator
  }
})
