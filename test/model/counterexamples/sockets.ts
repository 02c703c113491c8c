import type { Counterexample } from '../counterexample.ts'

// Recorded: see README.md.
export const sockets: Readonly<Record<string, Counterexample>> = {
  'positionKept: attachment of the hello': {
    off: { positionKept: 'attachment of the hello' },
    scenario: 'reloadRestore',
    breaks: 'C',
    says: 'quiet, B0 is null, the server has 2',
    trace: [
      { do: 'write', table: 'B', key: 0, value: 'gone' },
      { do: 'flush', size: 'whole' },
      { do: 'to client', frame: 'changes' },
      { do: 'restore', to: 2, moment: 'last' },
    ],
  },
  'positionKept: table': {
    off: { positionKept: 'table' },
    scenario: 'reloadRestore',
    breaks: 'C',
    says: 'quiet, B0 is null, the server has 2',
    trace: [
      { do: 'write', table: 'B', key: 0, value: 'gone' },
      { do: 'flush', size: 'whole' },
      { do: 'to client', frame: 'changes' },
      { do: 'restore', to: 2, moment: 'last' },
    ],
  },
  'positionKept: nowhere': {
    off: { positionKept: 'nowhere' },
    scenario: 'wipe',
    breaks: 'C',
    says: 'quiet, A0 is 1, the server has 3',
    trace: [{ do: 'write', table: 'A', key: 0, value: 'on' }, { do: 'evict' }],
  },
  'subscriptionsStamped off': {
    off: { subscriptionsStamped: false },
    scenario: 'reloadRestore',
    breaks: 'C',
    says: 'quiet, B0 is 2, the server has null',
    trace: [
      { do: 'restore', to: 2, moment: 'first' },
      { do: 'write', table: 'B', key: 0, value: 'gone' },
    ],
  },
  'oldSocket: frames apply': {
    off: { oldSocket: 'frames apply' },
    scenario: 'reload',
    breaks: 'N',
    says: 'A0 at 4 is 1, not one of [3]',
    trace: [
      { do: 'write', table: 'A', key: 0, value: 'on' },
      { do: 'write', table: 'B', key: 0, value: 'gone' },
      { do: 'flush', size: 'cut' },
      { do: 'to client', frame: 'changes' },
      { do: 'drop' },
      { do: 'connect' },
      { do: 'to server', frame: 'hello', size: 'whole' },
      { do: 'to client', frame: 'welcome' },
      { do: 'to client, late', frame: 'changes' },
    ],
  },
  'oldSocket: receipts settle': {
    off: { oldSocket: 'receipts settle' },
    scenario: 'receipts',
    breaks: 'V',
    says: 'the confirmed write is taken off, the row shown is 1',
    trace: [
      { do: 'mutate' },
      { do: 'to server', frame: 'mutation', size: 'whole' },
      { do: 'drop' },
      { do: 'to client, late', frame: 'changes' },
    ],
  },
  'oldSocket: frames apply, gap off': {
    off: { oldSocket: 'frames apply', gap: false },
    scenario: 'reload',
    breaks: 'C',
    says: 'quiet, A0 is 3, the server has 4',
    trace: [
      { do: 'write', table: 'A', key: 0, value: 'on' },
      { do: 'flush', size: 'whole' },
      { do: 'write', table: 'A', key: 0, value: 'on' },
      { do: 'drop' },
      { do: 'connect' },
      { do: 'to server', frame: 'hello', size: 'whole' },
      { do: 'to client', frame: 'welcome' },
      { do: 'to client', frame: 'changes' },
      { do: 'to client, late', frame: 'changes' },
    ],
  },
}
