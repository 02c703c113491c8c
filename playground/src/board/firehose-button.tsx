import { useLiveQuery } from '@tanstack/react-db'
import { useCallback } from 'react'
import { useSampled } from '../counters/use-sampled.ts'
import { reasonOf } from '../frame/reason-of.ts'
import { client, firehose } from './board.ts'

export interface FirehoseButtonProps {
  readonly tell: (words: string) => void
}

/** Makes the board change a hundred tasks a second, for everybody, for a minute. */
export function FirehoseButton({ tell }: FirehoseButtonProps) {
  const { data } = useLiveQuery({
    queryKey: ['firehose'],
    query: (q) => q.from({ firehose }),
  })
  const now = useSampled(useCallback(() => Date.now(), []))
  const left = Math.ceil(((data.at(0)?.until ?? 0) - now) / 1000)
  const call = async (command: () => Promise<unknown>, done: string) => {
    try {
      await command()
      tell(done)
    } catch (error) {
      tell(reasonOf(error))
    }
  }
  return left > 0 ? (
    <button
      type="button"
      className="firehose"
      data-testid="firehose"
      data-open="true"
      title="Stop the firehose"
      onClick={() => call(() => client.call.closeFirehose(), 'The board is quiet again.')}
    >
      Stop <span className="seconds">{left} s</span>
    </button>
  ) : (
    <button
      type="button"
      className="firehose"
      data-testid="firehose"
      data-open="false"
      title="A hundred changes a second, for a minute"
      onClick={() => call(() => client.call.openFirehose(), 'A hundred changes a second, for a minute.')}
    >
      Firehose
    </button>
  )
}
