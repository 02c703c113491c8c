import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const DEFAULT_PORT = 5173
const DEFAULT_DATA = fileURLToPath(new URL('../.data', import.meta.url))

const USAGE = `npm start -- [--port N] [--data FOLDER]

  --port N       where the page is served, 5173 by default; PORT does the same
  --data FOLDER  where the rooms are kept, playground/.data by default`

/** What the command line and the environment ask for. Ends the process on a mistake, with the usage. */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: { port: { type: 'string' }, data: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help) {
      console.log(USAGE)
      process.exit(0)
    }
    const port = Number(values.port ?? process.env.PORT ?? DEFAULT_PORT)
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`${values.port ?? process.env.PORT} is not a port`)
    return { port, data: values.data ? resolve(values.data) : DEFAULT_DATA }
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`)
    process.exit(2)
  }
}
