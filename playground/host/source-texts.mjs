import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a reader of a pane is shown: the pages, their rooms, and what the objects let them do. */
const FOLDERS = [
  'src/react',
  'src/vue',
  'src/solid',
  'src/svelte',
  'src/joined',
  'src/lab',
  'worker/chat',
  'worker/board',
  'worker/items',
  'worker/desk',
]
const isShown = (name) => /\.(ts|tsx|vue|svelte)$/.test(name) && !name.includes('.test.')

/** A plugin of Vite: puts sources into the built page as they are, below `source/`, so that a link to them works offline too. */
export const sourceTexts = (root) => ({
  name: 'source-texts',
  apply: 'build',
  generateBundle() {
    for (const folder of FOLDERS)
      for (const name of readdirSync(join(root, folder)).filter(isShown))
        this.emitFile({
          type: 'asset',
          fileName: `source/${folder}/${name}`,
          source: readFileSync(join(root, folder, name)),
        })
  },
})
