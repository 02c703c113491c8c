/** How many messages are shown: the newest, of however many there are. */
export const SHOWN = 100

export const EMPTY = 'Nothing has been said here.'
/** Before the room has answered nobody knows that it is empty. */
export const LOADING = 'Opening the room…'
