import type { Counterexample } from '../counterexample.ts'

// Recorded: see README.md.
export const writes: Readonly<Record<string, Counterexample>> = {
  'emptyReceiptFrame off': {
    off: { emptyReceiptFrame: false },
    scenario: 'rejected',
    breaks: 'G',
    says: 'nothing left to do, yet the write never settles',
    trace: [{ do: 'mutate' }, { do: 'to server', frame: 'mutation', size: 'whole' }],
  },
  'resend off': {
    off: { resend: false },
    scenario: 'rejected',
    breaks: 'G',
    says: 'nothing left to do, yet the write never settles',
    trace: [
      { do: 'drop' },
      { do: 'connect' },
      { do: 'to server', frame: 'hello', size: 'whole' },
      { do: 'to client', frame: 'welcome' },
      { do: 'mutate' },
      { do: 'to client', frame: 'changes' },
    ],
  },
  'replay off': {
    off: { replay: false },
    scenario: 'ownElsewhere',
    breaks: 'E',
    says: 'the mutation is in the history twice',
    trace: [
      { do: 'mutate' },
      { do: 'drop' },
      { do: 'connect' },
      { do: 'to server', frame: 'hello', size: 'whole' },
      { do: 'to client', frame: 'welcome' },
      { do: 'to client', frame: 'changes' },
      { do: 'to server', frame: 'mutation', size: 'whole' },
      { do: 'to server, late', frame: 'mutation' },
    ],
  },
  'heldWhileJoining off': {
    off: { heldWhileJoining: false },
    scenario: 'ownElsewhere',
    breaks: 'V',
    says: 'the confirmed write is taken off, the row shown is 2',
    trace: [
      { do: 'mutate' },
      { do: 'to server', frame: 'mutation', size: 'whole' },
      { do: 'mount', table: 'B' },
      { do: 'to client', frame: 'changes' },
    ],
  },
}
