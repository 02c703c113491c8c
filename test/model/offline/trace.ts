import type { Action } from './model.ts'

/** A trace for people: one numbered line an action. */
export const describeTrace = (trace: readonly Action[]): string =>
  trace.map((action, i) => `${i + 1}. ${describeAction(action)}`).join('\n')

const describeAction = (action: Action): string => {
  switch (action.do) {
    case 'write':
      return `tab ${action.tab} writes row ${action.key}${action.rejected ? ', which will be rejected' : ''}`
    case 'discard':
      return `tab ${action.tab} takes write ${action.write} back`
    case 'power loss':
      return `power loss, the last ${action.transactions} transactions are gone`
    case 'restore':
      return `restore to the moment after ${action.to} decisions`
    case 'other writes':
      return `another client writes row ${action.key}`
    case 'retire':
      return `tab ${action.tab} retires client id ${action.cid}`
    case 'to tab':
      return `${action.frame} to tab ${action.tab}`
    case 'to server':
    case 'to server, late':
      return `${action.frame}${action.cid > 0 ? ` of client id ${action.cid}` : ''} of tab ${action.tab} ${action.do}`
    case 'ninety days':
    case 'sign in':
      return action.do
    default:
      return `tab ${action.tab}: ${action.do}`
  }
}
