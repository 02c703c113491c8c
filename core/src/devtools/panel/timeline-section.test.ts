// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { todo } from '../../client/testing/todo-room.ts'
import { drawn, recordedRoom, shownPanel } from '../testing/shown-panel.ts'

const opened: { close(): Promise<void> }[] = []
beforeEach(() => void vi.useFakeTimers())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()))
  document.body.replaceChildren()
  vi.useRealTimers()
})

async function connected() {
  const room = recordedRoom()
  opened.push(room.client)
  room.todos.subscribeChanges(() => {})
  await drawn()
  const panel = shownPanel(room)
  const whats = () => panel.all('.timeline .what').map(({ textContent }) => textContent)
  const kinds = () => new Set(panel.all('.timeline li').map((item) => item.getAttribute('data-kind')))
  return { ...room, ...panel, whats, kinds }
}

/** Somebody else writes. */
async function announce({ server }: Awaited<ReturnType<typeof connected>>, id: string) {
  server.put('todos', { id, title: id, done: 0 })
  server.flush()
  await drawn()
}

test('what has happened is in order, the newest first, and new things come on top', async () => {
  const panel = await connected()
  const before = panel.whats()
  expect(before.filter((what) => /^(hello|welcome|changes|join|chunk|joined)$/.test(what ?? ''))).toEqual([
    ...['joined', 'chunk', 'join', 'changes', 'welcome', 'hello'],
  ])
  await announce(panel, 'c')
  expect(panel.whats()).toEqual(['position', 'changes', ...before])
})

test('a frame says when, in which direction, and how large it was; the rest say what happened', async () => {
  const panel = await connected()
  const lines = panel.items('Timeline')
  const { length } = JSON.stringify(panel.server.heard.at(-1))
  expect(lines.find((line) => line.includes(' join '))).toMatch(
    new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d\\d\\d ↑ out join ${length} B$`),
  )
  expect(lines.find((line) => line.includes('↓ in joined'))).toBeDefined()
  const ends = lines.map((line) => line.slice('00:00:00.000 '.length))
  expect(ends).toContain('todos subscription 1 joined, 2 rows')
  expect(ends).toContain('session greeting → live (welcomed, socket 1)')
  expect(ends.some((end) => end.startsWith('status connected'))).toBe(true)
})

test('a frame unfolds to its text, and stays unfolded and focused while others come', async () => {
  const panel = await connected()
  const [details] = panel.all<HTMLDetailsElement>('details')
  const summary = details?.querySelector('summary')
  summary?.setAttribute('tabindex', '0')
  summary?.focus()
  if (details) details.open = true
  await drawn()
  expect(JSON.parse(details?.querySelector('pre')?.textContent ?? '')).toMatchObject({ type: 'joined' })
  await announce(panel, 'c')
  expect(details?.isConnected).toBe(true)
  expect(details?.open).toBe(true)
  expect(panel.root.activeElement).toBe(summary)
  if (details) details.open = false
  await drawn()
  expect(details?.querySelector('pre')).toBeNull()
})

test('credentials are never shown', async () => {
  const panel = await connected()
  panel.client.resume({ token: 'open-sesame' })
  await drawn()
  const details = panel.all<HTMLDetailsElement>('details').find((each) => panel.textOf(each).includes('auth'))
  if (details) details.open = true
  await drawn()
  expect(details?.querySelector('pre')?.textContent).toBe('Not shown: it holds credentials.')
  expect(panel.root.textContent).not.toContain('open-sesame')
})

test('only the chosen kinds are shown', async () => {
  const panel = await connected()
  panel.todos.insert(todo('c'))
  await drawn()
  expect(panel.kinds()).toEqual(new Set(['in', 'out', 'writes', 'rows', 'connection']))
  for (const label of ['Frames in', 'Frames out', 'Rows', 'Connection']) panel.check(label)
  expect(panel.kinds()).toEqual(new Set(['writes']))
  expect(panel.whats()).toEqual([
    ...['write #1 confirmed', 'write #1 sent', 'write #1 stored', 'write #1 queued'],
  ])
  panel.check('Frames in')
  expect(panel.kinds()).toEqual(new Set(['in', 'writes']))
})

test('it stands still while it is paused, and goes on with everything', async () => {
  const panel = await connected()
  const before = panel.whats()
  panel.press('Pause')
  await announce(panel, 'c')
  expect(panel.whats()).toEqual(before)
  const [pause] = panel.all('button[aria-pressed]')
  expect(pause?.getAttribute('aria-pressed')).toBe('true')
  expect(panel.textOf(panel.section('Timeline').querySelector('h4'))).toContain('paused, 2 newer')
  panel.press('Pause')
  expect(panel.whats()).toEqual(['position', 'changes', ...before])
})

test('it can be cleared', async () => {
  const panel = await connected()
  panel.press('Clear')
  expect(panel.whats()).toEqual([])
  await announce(panel, 'c')
  expect(panel.whats()).toEqual(['position', 'changes'])
})

test('it holds the last 200 frames, however many there were', async () => {
  const panel = await connected()
  for (const label of ['Frames out', 'Rows', 'Writes', 'Connection']) panel.check(label)
  for (let n = 0; n < 250; n++) {
    panel.server.put('todos', { id: 'c', title: String(n), done: 0 })
    panel.server.flush()
  }
  await drawn()
  expect(panel.whats()).toHaveLength(200)
  const [newest] = panel.all<HTMLDetailsElement>('details')
  if (newest) newest.open = true
  await drawn()
  expect(newest?.querySelector('pre')?.textContent).toContain('"249"')
})
