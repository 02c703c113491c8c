import type { Month } from './bill.ts'

/** An application whose bill is worked out. */
export interface Application {
  readonly name: string
  /** Every number of `month`, in words. */
  readonly assumes: readonly string[]
  readonly month: Month
}

const WORKDAYS = 22
const DAYS = 30
/** Bytes of storage for a row of the bench, with its entry in the log. */
const ROW_BYTES = 213
const gigabytes = (rows: number): number => (rows * ROW_BYTES) / 1e9

const chat = { people: 200, channels: 5, hours: 8, messages: 60, connects: 4, missed: 50 }
const board = {
  people: 500,
  hours: 8,
  inserts: 10,
  updates: 100,
  connects: 6,
  tables: 3,
  rows: 2000,
  missed: 100,
}
const page = { readers: 5000, hours: 12, minutes: 10, rows: 200, everySeconds: 10 }

const chatDays = chat.people * WORKDAYS
const boardDays = board.people * WORKDAYS
const pageHours = page.readers * page.hours * DAYS
const visits = pageHours * (60 / page.minutes)

const plain = (value: number): string => value.toLocaleString('en-US')

export const APPLICATIONS: readonly Application[] = [
  {
    name: 'A team chat',
    assumes: [
      `${chat.people} people, ${WORKDAYS} working days; every channel is an object, and everybody has ${chat.channels} of them open for ${chat.hours} hours a day.`,
      `Everybody writes ${chat.messages} messages a day, each alone in its turn, to about 40 others who are there.`,
      `Each channel is connected to ${chat.connects} times a day. Rows are kept on the device, and ${chat.missed} messages were missed each time.`,
      'All messages of one year are kept.',
    ],
    month: {
      inserts: chatDays * chat.messages,
      updates: 0,
      connects: chatDays * chat.channels * chat.connects,
      subscriptionsOfAClient: 1,
      loadedRows: 0,
      missedRows: chatDays * chat.channels * chat.connects * chat.missed,
      connectedHours: chatDays * chat.channels * chat.hours,
      heard: 'seldom',
      audience: 40,
      stored: gigabytes(chatDays * chat.messages * 12),
    },
  },
  {
    name: 'A task board',
    assumes: [
      `${board.people} people in 50 teams of ten, ${WORKDAYS} working days; every team has one object with ${board.tables} tables, open for ${board.hours} hours a day.`,
      `Everybody makes ${board.inserts} tasks and ${board.updates} edits a day, each alone in its turn.`,
      `Everybody connects ${board.connects} times a day: once with nothing kept, loading ${plain(board.rows)} rows, and otherwise missing ${board.missed} changes.`,
      'All tasks of one year are kept.',
    ],
    month: {
      inserts: boardDays * board.inserts,
      updates: boardDays * board.updates,
      connects: boardDays * board.connects,
      subscriptionsOfAClient: board.tables,
      loadedRows: boardDays * board.rows,
      missedRows: boardDays * (board.connects - 1) * board.missed,
      connectedHours: boardDays * board.hours,
      heard: 'seldom',
      audience: 10,
      stored: gigabytes(boardDays * board.inserts * 12),
    },
  },
  {
    name: `A public page with ${plain(page.readers)} readers`,
    assumes: [
      `One object. ${plain(page.readers)} readers are there at any time of ${page.hours} hours a day, ${DAYS} days; each stays ${page.minutes} minutes and keeps nothing: ${plain(visits)} visits.`,
      `Each visit loads ${page.rows} rows.`,
      `One row changes every ${page.everySeconds} seconds of these hours, and everybody gets it.`,
    ],
    month: {
      inserts: 0,
      updates: (page.hours * DAYS * 3600) / page.everySeconds,
      connects: visits,
      subscriptionsOfAClient: 1,
      loadedRows: visits * page.rows,
      missedRows: 0,
      connectedHours: pageHours,
      heard: 'often',
      audience: page.readers,
      stored: gigabytes(page.rows),
    },
  },
]
