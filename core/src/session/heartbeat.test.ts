import { describe, expect, test } from 'vitest'
import { Heartbeat } from './heartbeat.ts'
import { DEFAULT_TIMINGS } from './session-timings.ts'
import { FakeEnvironment } from './testing/fake-environment.ts'

function start() {
  const environment = new FakeEnvironment()
  const log: string[] = []
  let takes = true
  const heartbeat = new Heartbeat({
    environment,
    timings: DEFAULT_TIMINGS,
    ping: () => {
      log.push('ping')
      return takes
    },
    dead: () => log.push('dead'),
  })
  heartbeat.start()
  const stall = () => {
    takes = false
  }
  return { environment, heartbeat, log, stall }
}

describe('the heartbeat', () => {
  test('pings into silence, and a busy socket costs one timer', () => {
    const { environment, heartbeat, log } = start()
    for (let i = 0; i < 40; i++) {
      environment.advance(500)
      heartbeat.heard()
      expect(environment.timers).toBe(1)
    }
    expect(log).toEqual([])
    environment.advance(24_999)
    expect(log).toEqual([])
    environment.advance(1)
    expect(log).toEqual(['ping'])
  })

  test.each([1000, 20_000])(
    'pings every 45 s although something arrives every %i ms, or the server would take the socket for dead [R24]',
    (every) => {
      const { environment, heartbeat, log } = start()
      const pings: number[] = []
      for (let second = 1; second <= 200; second++) {
        environment.advance(1000)
        if (log.splice(0).includes('ping')) {
          pings.push(second)
          heartbeat.heard()
        }
        if ((second * 1000) % every === 0) heartbeat.heard()
      }
      expect(pings).toEqual([45, 90, 135, 180])
    },
  )

  test('pings a busy socket in time on a page whose timers have stopped [R24]', () => {
    const { environment, heartbeat, log } = start()
    for (let i = 0; i < 44; i++) {
      environment.sleep(1000)
      heartbeat.heard()
    }
    expect(log).toEqual([])
    environment.skip(1000)
    heartbeat.heard()
    expect(log).toEqual(['ping'])
  })

  test('spreads the pings of many clients by a tenth', () => {
    for (const [chance, silence] of [
      [0, 22_500],
      [1, 27_500],
    ] as const) {
      const { environment, heartbeat, log } = start()
      environment.chance = chance
      heartbeat.start()
      environment.advance(silence - 1)
      expect(log).toEqual([])
      environment.advance(1)
      expect(log).toEqual(['ping'])
    }
  })

  test('lives on for whatever arrives in time, and dies once when nothing does', () => {
    const { environment, heartbeat, log } = start()
    environment.advance(25_000 + 9_999)
    heartbeat.heard()
    environment.advance(25_000 + 10_000)
    expect(log).toEqual(['ping', 'ping', 'dead'])
    expect(environment.timers).toBe(0)
  })

  test('dies at once when the socket does not take the ping', () => {
    const { environment, log, stall } = start()
    stall()
    environment.advance(25_000)
    expect(log).toEqual(['ping', 'dead'])
  })

  test('asks also after the clock was set back', () => {
    const fake = new FakeEnvironment()
    let behind = 0
    const pings: number[] = []
    const heartbeat = new Heartbeat({
      environment: { ...fake, now: () => fake.now() - behind },
      timings: DEFAULT_TIMINGS,
      ping: () => pings.push(fake.now()) > 0,
      dead: () => {},
    })
    const start = fake.now()
    heartbeat.start()
    fake.advance(1000)
    behind = 3_600_000
    fake.advance(60_000)
    expect(pings.map((at) => at - start)).toEqual([50_000])
  })

  test('asks with little patience after a sleep, and never kills on a timer that is itself late', () => {
    const { environment, heartbeat, log } = start()
    environment.sleep(3_600_000)
    expect(log).toEqual(['ping'])
    environment.sleep(60_000)
    expect(log).toEqual(['ping'])
    heartbeat.heard()
    environment.sleep(60_000)
    environment.sleep(60_000)
    environment.advance(1000)
    expect(log).toEqual(['ping', 'ping', 'dead'])
  })

  test('does not ping again for a doubt while a nearer deadline is running', () => {
    const { environment, heartbeat, log } = start()
    heartbeat.doubt()
    environment.advance(1000)
    heartbeat.doubt()
    environment.advance(2000)
    expect(log).toEqual(['ping', 'dead'])
  })

  test('shortens the wait for a pong when a doubt comes up', () => {
    const { environment, heartbeat, log } = start()
    environment.advance(26_000)
    heartbeat.doubt()
    environment.advance(3000)
    expect(log).toEqual(['ping', 'ping', 'dead'])
  })

  test('is silent when it is stopped', () => {
    const { environment, heartbeat, log } = start()
    heartbeat.stop()
    heartbeat.doubt()
    heartbeat.heard()
    environment.advance(100_000)
    expect(log).toEqual([])
    expect(environment.timers).toBe(0)
  })
})
