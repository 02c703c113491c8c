/** The laws of the protocol, as `PROTOCOL.md` lists them. Tests name the rule in brackets; the list names the tests. */
export const INVARIANTS: readonly (readonly [rule: string, law: string])[] = [
  [
    'R1',
    'A position is valid iff the object is the same, `prunedThrough ≤ seq ≤ head`, and the era with the largest `first_seq ≤ seq` has its nonce; otherwise it is reset, as `pruned` below the floor and as `lineage` else. An era is recorded in the transaction of its first row. Compaction never costs a position; only pruning moves the floor, after every live socket was brought to the head, and what it leaves unneeded goes with a compaction; the newest row of the log is never deleted.',
  ],
  [
    'R2',
    'A socket’s position is in its attachment, rewritten in the turn that sends the frame which moves it, and so is each of its subscriptions, where a window ends included, or, of one for which there is no room, a mark of what the table must hold. On a wake every socket that is not at the head is flushed before anything is dispatched; one whose position is of another history is closed with 1012. A socket that nothing concerned gets an empty `changes` after 4,096 log rows, before its own receipt or join, and before a prune.',
  ],
  [
    'R3',
    'Only `changes` moves a position, and only `changes` carries receipts. A pass is read at the head in the turn that sends it, and applied whole, with position and receipts, in one turn at its last frame, or not at all. `from` other than my position is a gap: nothing is applied. A row goes to a socket once; one function places it, on both sides.',
  ],
  [
    'R4',
    'A join is pulled in requests that are complete in themselves. `p0` is fixed by the first answer; each request is valid only if `p0` and the position of the last page (`read`) are, and the shape is still the same; chunks move nothing; the end is one turn: flush, catch-up over `(p0, head]`, `joined` at the socket’s position. With `replace` the staged rows are the whole set. A window joins in one answer.',
  ],
  [
    'R5',
    '`at` covers exactly the joined subscriptions; the others join from a position of their own (`since`), which is never raised to that of others. Each gets a verdict, and a refusal of one touches no other. After a reset every subscription starts over; its rows stay visible until it has.',
  ],
  [
    'R6',
    'What is kept of a shape is its rows at one position, in the same records: a crash leaves an older whole, never a part. A change is kept only where it continues what is kept; all shapes of a frame, and the writes that it settles, in one transaction. A reset begins a new generation and clears what was behind the old position. Rows and position are taken from one place, what is shown or what is kept, never one from each.',
  ],
  [
    'R7',
    'Each `(cid, n)` is decided once, in the transaction of its write; what is decided is replayed, n + 1 is run, anything else is a gap. A client id belongs to one principal, is accepted only where it was declared, and belongs to the last socket that declared it. A newer socket of a client closes the older one. A retired client id runs nothing for seven days. Outcomes that say more than "committed" are kept until they were seen. A write gets its `(cid, n)` when it is kept on the device, before it is sent, and keeps both for ever: after a restore too, where a number whose write is gone is sent as `skip`. That it may have been sent is kept before it is. Writes of different client ids go one client id at a time, in the order in which they were kept.',
  ],
  [
    'R8',
    'Rows are held under a shape: schema, kinds and generation of the table, filter, read filter, order. Another shape restarts that subscription only. Expired claims are closed with 4401 on any message and before a flush; in-band credentials of another principal with 4403.',
  ],
  [
    'R9',
    'A turn runs everything that came in a tick, or a message that comes alone, in one transaction, with one flush. Each item is isolated, each client id has one lane, and permission that is awaited holds up only its own lane. A deferred violation rejects one item. A write that crashed the object three times is rejected unrun. A flush that fails ends the instance.',
  ],
  [
    'R10',
    'What is not answered for 30 s on a live socket is asked again on a new one. No write is ever settled by time.',
  ],
  ['R11', 'A reader for whom more than 4 MB wait is closed with 4429; everybody else goes on.'],
  [
    'R12',
    'A table that cannot be synced is logged with its fix; upgrades and sockets are closed with 4500 and the author’s own routes live on.',
  ],
  [
    'R13',
    'Whatever is sent has passed the read filter of its reader, on every path; a client’s filter only narrows it. Removals of a collection with a read filter are told by digests. New claims restart the subscriptions that they change.',
  ],
  [
    'R14',
    'Downwards rows are storage values, exact; kinds are applied by the receiver. Values that do not fit are refused by name, never converted silently. `sql` binds booleans, bigints and bytes exactly and refuses what has no storage form.',
  ],
  [
    'R15',
    'Keys are non-empty text, compared by code unit. Nothing uses rowid; a row whose key is not text is not part of the collection. One that is no UTF-8 is read as it can be spelt, and a page that ends at it goes on from its bytes.',
  ],
  [
    'R16',
    'Every change of a registered table is in the log, in the writer’s transaction: also rows that REPLACE evicts through any UNIQUE index, and both keys of a key update. Triggers are compared by text and made anew.',
  ],
  [
    'R17',
    'The principal is one text of the claims, the same over tokens and roles; without one the upgrade is refused. What is kept on a device belongs to one principal: after a welcome to another nothing is shown, sent or kept.',
  ],
  [
    'R18',
    'A handler resolves in the turn in which the frame with its receipt was committed to TanStack DB, and never waits for the commit’s own promise; with `settleOn: "device"` when the write is kept. A pending operation is shown in exactly one place: by its transaction, or in the rows, laid over the server’s row field by field. It ends with the rows of its receipt, and a row under it stays as long as it does.',
  ],
  [
    'R19',
    'A window shows `where AND place ≤ boundary`, so the first rows of its order are right at every moment; its boundary is fixed by the object in `joined` and in page answers. It holds at most twice the rows that are wanted. Ties cost nothing: a place has the key.',
  ],
  [
    'R20',
    'After a wipe or a restore every client ends equal to the server; nothing is applied twice in the history that survives; unconfirmed writes are applied once, rejected, or reported as unknown.',
  ],
  [
    'R22',
    'Core has neither a dependency nor a peer on `@tanstack/db`, and works with the oldest and the newest supported version.',
  ],
  [
    'R24',
    'One socket a client, and with storage one a browser, whatever happens to the tab that has it. Sockets whose browser has given no sign of life for 90 s are closed on a wake.',
  ],
  [
    'R25',
    'A mutation writes three rows on a WITHOUT ROWID table: row, log, client id. A batch of 50 writes 101, and so do 50 mutations of one client in one turn; a rejection two. It reads at most four, announced to however many: its own to change it and to send it, its log row, and once a turn the row that was announced last. A compaction comes when the log has grown by eight times what the last one left, or by twice that where it left thousands of entries. It reads each entry once, where there are more than 40,000 keys three or four times, and writes what stays once, at most a row for each that goes.',
  ],
  [
    'R26',
    'A flush reads each table once for all sockets at one position, matches a row once with each filter, and encodes it once for each set of filters; sockets without receipts share one text.',
  ],
  [
    'R27',
    'Writes through `sql` are announced by themselves, those through `ctx.storage.sql` with `flush()`. No turn runs inside a transaction of the author’s that awaits: its rows are told once it has committed. Sockets of the host are not touched, its auto-response pair is kept, and the mixin adds one member.',
  ],
  [
    'R28',
    'Every limit has a code, is told in the welcome, and is counted in UTF-8 bytes where it is one of bytes.',
  ],
]
