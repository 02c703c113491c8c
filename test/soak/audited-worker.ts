import { TABLES } from '../worker/tables.ts'
import { AUDIT_TABLES } from './audit.ts'

// Before any room is constructed: its constructor makes these tables too, also after its storage was wiped.
const tables = TABLES as string[]
tables.push(...AUDIT_TABLES)

export { default, Lobby, NoClaims, NoTable, Room, SessionDO } from '../worker/entry.ts'
