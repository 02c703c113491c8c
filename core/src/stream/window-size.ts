/**
 * How many rows a window of `limit` wanted rows holds. Some more than wanted, so that a row that leaves is replaced without a question;
 * never more than twice as many, so that rows that move in at the top do not add up.
 */
const slackOf = (limit: number): number => Math.max(1, Math.ceil(limit / 2))

/** What is asked for, and what a window is cut down to. */
export const targetSize = (limit: number): number => limit + slackOf(limit)

/** Half of the slack is used up: time to ask for more, while every wanted row is still held. */
export const isShort = (held: number, limit: number): boolean => held < limit + Math.floor(slackOf(limit) / 2)

/** More than twice what is wanted. */
export const isLong = (held: number, limit: number): boolean =>
  held > (limit >= 2 ? 2 * limit : targetSize(limit))
