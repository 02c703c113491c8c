/** What a page showed over time. */
export interface ScreenRecord {
  /** Content to id, of every message as it was first drawn. */
  readonly ids: Record<string, string>
  /** Every state that the connection line named, in order. */
  readonly states: string[]
  /** What must never be seen, in words. */
  readonly faults: string[]
}

declare global {
  interface Window {
    screenRecord: ScreenRecord
  }
}

/**
 * Runs in the page, before the page's own code: looks at every change of the screen, as somebody would who never blinks. A message that
 * was drawn stays, in its place, and once confirmed it stays confirmed; only the oldest may go, when there are more than a page of them.
 */
export function recordScreen(): void {
  const PAGE = 200
  const record: ScreenRecord = { ids: {}, states: [], faults: [] }
  window.screenRecord = record
  let before: string[] = []
  const confirmed = new Set<string>()

  const lookAtMessage = ({ dataset, textContent }: HTMLElement) => {
    const { id = '', state = '' } = dataset
    const known = record.ids[textContent]
    if (known === undefined) record.ids[textContent] = id
    else if (known !== id) record.faults.push(`${textContent} is there twice, as ${known} and ${id}`)
    if (state === 'confirmed') confirmed.add(id)
    else if (confirmed.has(id)) record.faults.push(`${textContent} was confirmed and is ${state} again`)
  }

  const look = () => {
    const status = document.querySelector<HTMLElement>('[data-testid=status]')?.dataset.state
    // The tabs of a browser agree on who has the socket, and then one of them connects.
    const agreeing = status === 'idle' && record.states.length === 0
    if (status !== undefined && !agreeing && status !== record.states.at(-1)) record.states.push(status)
    const messages = [...document.querySelectorAll<HTMLElement>('[data-testid=message]')]
    for (const message of messages) lookAtMessage(message)
    const now = messages.map(({ dataset }) => dataset.id ?? '')
    const there = new Set(now)
    if (there.size < now.length) record.faults.push('an id is drawn twice')
    const stayed = before.filter((id) => there.has(id))
    const gone = before.length - stayed.length
    if (gone > 0 && (now.length < PAGE || before.slice(gone).join() !== stayed.join()))
      record.faults.push(`gone: ${before.filter((id) => !there.has(id)).join(' ')}`)
    const old = new Set(before)
    if (now.filter((id) => old.has(id)).join() !== stayed.join())
      record.faults.push('messages changed places')
    before = now
  }
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ['data-state', 'data-id'],
  })
}
