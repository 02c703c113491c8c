import { Dice } from '../../soak/dice.ts'
import type { TanStack } from '../tanstack-versions.ts'
import { ItemWorld } from './item-world.ts'

const ACTIONS = {
  write: 14,
  commit: 3,
  'roll back': 1,
  discard: 1,
  remote: 8,
  move: 20,
  wait: 4,
  offline: 2,
  online: 3,
  cut: 2,
  swallow: 2,
  hold: 2,
  release: 2,
  copy: 1,
  restore: 1,
  prune: 1,
  reload: 1.5,
  kill: 1,
  show: 1,
  calm: 3,
} as const

export interface Run {
  readonly problems: readonly string[]
  readonly diary: readonly string[]
  readonly events: number
}

/** One schedule, always the same for the same seed: until something is wrong, or to its end. */
export async function runSchedule(
  seed: number,
  steps: number,
  options: { readonly db: TanStack; readonly settleOn: 'device' | 'server' },
): Promise<Run> {
  const dice = new Dice(seed)
  const world = new ItemWorld({ ...options, dice })
  for (let i = dice.between(0, 4); i > 0; i--) world.remoteWrite()
  for (let i = 0; i < steps && world.problems.length === 0; i++) await step(world, dice)
  if (world.problems.length === 0) await finish(world)
  const { problems, diary, events } = world
  await world.close()
  return { problems, diary, events }
}

async function step(world: ItemWorld, dice: Dice): Promise<void> {
  const { page } = world
  const action = dice.weighted(ACTIONS)
  if (action !== 'write' && action !== 'move' && action !== 'remote') world.note(action)
  switch (action) {
    case 'write':
      world.write()
      if (dice.chance(0.3)) world.write()
      break
    case 'commit':
      world.commitOpen()
      break
    case 'roll back':
      world.rollBackOpen()
      break
    case 'discard':
      world.discard()
      break
    case 'remote':
      world.remoteWrite()
      break
    case 'move':
      for (let i = dice.between(1, 8); i > 0; i--) await move(world, dice)
      return
    case 'wait':
      page.environment.advance(dice.pick([1, 20, 60, 200]))
      break
    case 'offline':
      page.pipe.network = 'down'
      page.pipe.cut()
      break
    case 'online':
      page.pipe.network = 'up'
      page.environment.advance(100)
      break
    case 'cut':
      page.pipe.cut()
      break
    case 'swallow':
      page.pipe.swallow()
      break
    case 'hold':
      page.pipe.pushes = 'held'
      break
    case 'release':
      page.pipe.pushes = 'pass'
      break
    case 'copy':
      world.copy()
      break
    case 'restore':
      world.restore()
      break
    case 'prune':
      world.object.prune()
      break
    case 'reload':
      await world.reload('orderly')
      break
    case 'kill':
      await world.reload('killed')
      break
    case 'show':
      if (world.hidden.length > 0) world.show(dice.pick(world.hidden), 'later')
      break
    case 'calm':
      await world.calm()
      if (page.client.status.get().state === 'connected') world.arrived()
      break
    default:
      action satisfies never
  }
  if (dice.chance(0.5)) await world.rest()
}

async function move(world: ItemWorld, dice: Dice): Promise<void> {
  const { page, device } = world
  const way = dice.pick(['up', 'down', 'device'])
  if (way === 'up') world.note(`up ${page.pipe.moveUp()}`)
  else if (way === 'down') world.note(`down ${page.pipe.moveDown()}`)
  else world.note(`device ${await device.move()}`)
  if (dice.chance(0.7)) await world.rest()
}

/** The network is there, nothing is held up, and time passes. */
async function finish(world: ItemWorld): Promise<void> {
  const { page } = world
  world.note('the end')
  world.commitOpen()
  page.pipe.network = 'up'
  page.pipe.pushes = 'pass'
  for (let i = 0; i < 12; i++) {
    await world.calm()
    page.environment.advance(i < 4 ? 1000 : 20_000)
    if (
      i > 1 &&
      page.client.pendingWrites.get().count === 0 &&
      page.client.status.get().state === 'connected'
    )
      break
  }
  await world.calm()
  world.checkEnd()
}
