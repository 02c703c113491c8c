import { useEffect } from 'react'
import { useReadable } from '../frame/use-readable.ts'
import { createBot } from './bot.ts'
import { say } from './room.ts'

const bot = createBot(say)
/** The panes are loaded first, so that one sees it begin. */
const BEGIN_AFTER_MS = 2_000

/** A bot, so that there is life without a click. */
export function Robin() {
  const state = useReadable(bot.state)
  useEffect(() => {
    const begin = setTimeout(() => {
      if (!document.hidden) bot.wake()
    }, BEGIN_AFTER_MS)
    const look = () => {
      if (document.hidden) bot.rest()
    }
    document.addEventListener('visibilitychange', look)
    return () => {
      clearTimeout(begin)
      document.removeEventListener('visibilitychange', look)
      bot.rest()
    }
  }, [])
  return (
    <section className="card" aria-labelledby="bot">
      <h2 id="bot">Robin, a bot</h2>
      <p role="status" data-testid="bot" data-state={state}>
        {state === 'writing'
          ? 'Writes to the chat every 3 seconds, for a minute.'
          : 'Rests, so the object can sleep.'}
      </p>
      <button
        type="button"
        data-testid="bot-switch"
        onClick={() => (state === 'writing' ? bot.rest() : bot.wake())}
      >
        {state === 'writing' ? 'Send Robin to rest' : 'Wake Robin'}
      </button>
      <p className="small">It is a client of its own in this page, and stops when the page is hidden.</p>
    </section>
  )
}
