/**
 * The version of the frames in this folder. A change to any frame fails `frame-hash.test.ts` until this number is raised and its
 * history line is written below.
 *
 * 1  the first protocol: one ordered stream per object, joins by pull, (cid, n) writes, filters, windows, in-band auth, ephemeral.
 *    Not released yet, so it may still be completed: `page` names its place, order terms say how text sorts, blocks have `gone`,
 *    a push says once what its writes have in common, receipts of writes that were committed one after another are
 *    one, and the welcome says how many writes a push may have.
 */
export const PROTOCOL_VERSION = 1

/** The oldest version that this side still understands. A hello outside `[MIN_SUPPORTED_VERSION, PROTOCOL_VERSION]` is closed 4400. */
export const MIN_SUPPORTED_VERSION = 1
