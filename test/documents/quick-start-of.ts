import { readDocument } from './code-blocks.ts'

export const FRAMEWORKS = ['react', 'vue', 'solid', 'svelte'] as const
export type Framework = (typeof FRAMEWORKS)[number]

export interface QuickStart {
  /** What is typed into a shell. */
  readonly commands: string
  /** Path to text, of every block that begins with its path. */
  readonly files: ReadonlyMap<string, string>
}

const BLOCK = /^```(\w+)\n([\s\S]*?)^```$/gm

/** The blocks of a part of an adapter's README, from its heading to the next one. */
function blocksOf(framework: Framework, heading: string): readonly [language: string, code: string][] {
  const part = readDocument(`adapters/${framework}/README.md`)
    .split(`\n## ${heading}\n`)[1]
    ?.split('\n## ')[0]
  if (part === undefined) throw new Error(`the README of ${framework} has no "${heading}"`)
  return [...part.matchAll(BLOCK)].map(([, language = '', code = '']) => [language, code])
}

/** The files of a part of an adapter's README. A block without its path is an error: nobody would check it. */
export function filesOf(framework: Framework, heading: string): Map<string, string> {
  return new Map(
    blocksOf(framework, heading)
      .filter(([language]) => language !== 'sh')
      .map(([, code]) => {
        const path = /^(?:\/\/|<!--) ([\w./+-]+\.\w+)/.exec(code)?.[1]
        if (path === undefined)
          throw new Error(`a block of ${framework} does not begin with its path: ${code}`)
        return [path, code]
      }),
  )
}

export function quickStartOf(framework: Framework): QuickStart {
  const shell = blocksOf(framework, 'Quick start').filter(([language]) => language === 'sh')
  return {
    commands: shell.map(([, code]) => code).join(''),
    files: filesOf(framework, 'Quick start'),
  }
}
