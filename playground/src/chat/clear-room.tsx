import { useEffect, useRef, useState } from 'react'
import { reasonOf } from '../frame/reason-of.ts'
import { client } from './room.ts'

type Step =
  | { readonly step: 'resting' }
  | { readonly step: 'asking' }
  | { readonly step: 'clearing' }
  | { readonly step: 'done'; readonly words: string }

const DONE_MS = 4_000

/** Empties the room for everybody, after asking once. */
export function ClearRoom() {
  const [state, setState] = useState<Step>({ step: 'resting' })
  const keep = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (state.step === 'asking') keep.current?.focus()
    if (state.step !== 'done') return
    const timer = setTimeout(() => setState({ step: 'resting' }), DONE_MS)
    return () => clearTimeout(timer)
  }, [state])

  const clear = async () => {
    setState({ step: 'clearing' })
    try {
      const { cleared } = await client.call.clearRoom()
      setState({ step: 'done', words: cleared === 1 ? 'Cleared one message' : `Cleared ${cleared} messages` })
    } catch (error) {
      setState({ step: 'done', words: reasonOf(error) })
    }
  }

  switch (state.step) {
    case 'resting':
      return (
        <button type="button" className="link" onClick={() => setState({ step: 'asking' })}>
          Clear room
        </button>
      )
    case 'asking':
      return (
        <fieldset className="asking">
          <legend>Clear it for everybody?</legend>
          <button type="button" className="link danger" onClick={clear}>
            Clear
          </button>
          <button ref={keep} type="button" className="link" onClick={() => setState({ step: 'resting' })}>
            Keep
          </button>
        </fieldset>
      )
    case 'clearing':
      return <span role="status">Clearing…</span>
    case 'done':
      return <span role="status">{state.words}</span>
  }
}
