// `npm start`: the pages, their Worker and their Durable Objects, from one process on one origin. This file needs nothing but Node, so
// that it works in a fresh clone; everything that needs a package is imported after the packages are there.
import { installPackages } from './host/install-packages.mjs'

installPackages()
const { serve } = await import('./host/serve.mjs')
await serve(process.argv.slice(2))
