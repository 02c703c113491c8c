/** How many tasks a board is born with. */
export const TASK_COUNT = 5000
