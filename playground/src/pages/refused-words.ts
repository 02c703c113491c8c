import type { FailedOp, FailedWrite } from '@durable-sync/core'

/** What was refused, as whoever wrote it thinks of it. */
export const refusedWords = ({ ops }: FailedWrite): string => ops.map(wordsOf).join(', ')

function wordsOf({ collection, key, values, previous }: FailedOp): string {
  switch (collection) {
    case 'messages':
      return `“${String(values?.content)}”`
    case 'people':
      return `The name ${String(values?.name)}`
    case 'tasks':
      return `${titleOf(previous, `Task ${key}`)} ${changeOf(values)}`
    case 'items':
      return `${titleOf(previous, `Item ${key}`)} to ${String(values?.category)}`
    default:
      return `${collection} ${key}`
  }
}

const titleOf = (row: FailedOp['previous'], otherwise: string): string => {
  const title = row?.title ?? row?.name
  return typeof title === 'string' ? `“${title}”` : otherwise
}

const changeOf = (values: FailedOp['values']): string =>
  typeof values?.status === 'string' ? `to ${values.status}` : `to ${String(values?.votes)} votes`

/** Why, in the words of the server's author. The library's own messages end in a link for developers. */
export const refusedReason = ({ message }: FailedWrite): string => message.replace(/ \(https?:\/\/\S+\)$/, '')
