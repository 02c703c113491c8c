import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export const readDocument = (name: string): string => readFileSync(join(root, name), 'utf8')

export interface CodeBlock {
  /** From the block's first line: `// name.ts`. */
  readonly file: string
  readonly code: string
}

/** The TypeScript of a document that names its file. A block without a name is an error: nobody would check it. */
export function codeBlocks(document: string): CodeBlock[] {
  return [...readDocument(document).matchAll(/^```tsx?\n([\s\S]*?)^```$/gm)].map(([, code = '']) => {
    const file = /^\/\/ ([\w-]+\.tsx?)\n/.exec(code)?.[1]
    if (!file)
      throw new Error(`a block of ${document} does not start with its file name: ${code.slice(0, 60)}`)
    return { file, code }
  })
}
