/** What a client knows of what is kept of its room. */
export type Knows = 'nothing yet' | 'unreadable' | 'all'
