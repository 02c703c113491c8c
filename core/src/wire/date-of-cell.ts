const WITHOUT_ZONE = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/

/**
 * The date that a cell says, which may be invalid. Text without a time zone is UTC, as SQLite writes it (`CURRENT_TIMESTAMP`): to JavaScript it is the
 * time of whoever reads it, and a filter would say one thing on the server and another one in a browser.
 */
export const dateOfCell = (cell: number | string): Date =>
  new Date(typeof cell === 'string' && WITHOUT_ZONE.test(cell) ? `${cell.replace(' ', 'T')}Z` : cell)
