import type { AnySyncClient } from '@durable-sync/core'
import { button, element } from './element.ts'
import { line } from './lab-line.ts'
import { pane, paneAddress } from './pane.ts'
import type { Part } from './part.ts'

const DELAYS_MS = [0, 200, 1_000]

/** Ways to make the client's life hard. What is done to the line is done to all tabs of this person: any of them may have the socket. */
export function faultControls(client: AnySyncClient, refuseNextWrite?: () => Promise<unknown>): Part {
  const said = element('p', { class: 'lab-said', role: 'status' })
  const say = (words: string) => {
    said.textContent = words
  }
  const offline = button('Offline', 'lab-offline', () => line.turn(line.get().is === 'on' ? 'off' : 'on'))
  offline.setAttribute('role', 'switch')
  const kill = button('Kill socket', 'lab-kill', () => {
    line.cut()
    say('The socket was killed.')
  })
  const restart = button('Restart the object', 'lab-restart', () => void restartObject().then(say))
  const delay = delayChoice()
  const refuse = refuseNextWrite && refusal(client, refuseNextWrite, say)
  const show = () => {
    const { is, delayMs } = line.get()
    offline.setAttribute('aria-checked', String(is === 'off'))
    delay.choice.value = String(delayMs)
    kill.disabled = client.status.get().state !== 'connected'
  }
  const stops = [line.subscribe(show), client.status.subscribe(show), refuse?.stop ?? (() => {})]
  show()
  const node = element(
    'div',
    { class: 'lab-faults', role: 'group', 'aria-label': 'Make it hard' },
    offline,
    kill,
    ...(refuse ? [refuse.node] : []),
    restart,
    delay.node,
    secondClient(),
    said,
  )
  return { node, stop: () => stops.forEach((stop) => void stop()) }
}

function refusal(client: AnySyncClient, ask: () => Promise<unknown>, say: (words: string) => void): Part {
  let refusedBefore: number | undefined
  const node = button('Reject next write', 'lab-refuse', async () => {
    const before = client.failedWrites.get().count
    try {
      await ask()
      refusedBefore = before
      say('The server will refuse the next write, once.')
    } catch (error) {
      say(error instanceof Error ? error.message : String(error))
    }
    show()
  })
  const show = () => {
    if (refusedBefore !== undefined && client.failedWrites.get().count > refusedBefore) {
      refusedBefore = undefined
      say('It was refused.')
    }
    node.setAttribute('aria-pressed', String(refusedBefore !== undefined))
    node.disabled = client.status.get().state !== 'connected'
  }
  const stops = [client.status.subscribe(show), client.failedWrites.subscribe(show)]
  show()
  return { node, stop: () => stops.forEach((stop) => void stop()) }
}

function delayChoice() {
  const options = DELAYS_MS.map((ms) => element('option', { value: String(ms) }, `${ms} ms`))
  const choice = element('select', { 'data-testid': 'lab-delay' }, ...options)
  choice.addEventListener('change', () => line.delay(Number(choice.value)))
  return { choice, node: element('label', {}, 'Latency, each way ', choice) }
}

function secondClient(): HTMLElement {
  const href = paneAddress({ ...pane, seat: pane.seat + 1 })
  const attributes = { href, target: '_blank', rel: 'noopener', 'data-testid': 'lab-second' }
  return element('a', attributes, 'Second client')
}

/** It ends as in a crash: all sockets close without a word, and whoever comes next starts it again. */
async function restartObject(): Promise<string> {
  const { page, room } = pane
  try {
    const answer = await fetch(`/lab/restart?${new URLSearchParams({ page, room })}`, { method: 'POST' })
    return answer.ok ? 'The object was restarted.' : `The server answered ${answer.status}.`
  } catch {
    return 'There is no server.'
  }
}
