import type { Action } from './model.ts'

/** A trace for people: one numbered line an action. */
export const describeTrace = (trace: readonly Action[]): string =>
  trace.map((action, i) => `${i + 1}. ${describeAction(action)}`).join('\n')

const describeAction = (action: Action): string => {
  switch (action.do) {
    case 'write':
      return `another client writes ${action.table}${action.key} = ${action.value}`
    case 'mutate':
      return 'the client mutates'
    case 'prune':
      return `prune through ${action.through}`
    case 'restore':
      return `restore to the ${action.moment} moment with head ${action.to}`
    case 'mount':
    case 'unmount':
      return `${action.do} ${action.table}`
    case 'reload':
      return `reload the page, mount ${action.mount}`
    case 'to client':
    case 'to client, late':
    case 'to server, late':
      return `${action.frame} ${action.do}`
    case 'to server':
      return `${action.frame} to server${action.size === 'cut' ? ', answered in part' : ''}`
    case 'flush':
      return `the server flushes${action.size === 'cut' ? ' in two frames' : ''}`
    default:
      return action.do
  }
}
