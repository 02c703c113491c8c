import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { root } from './code-blocks.ts'

export interface TestTitle {
  /** From the root, with slashes. */
  readonly file: string
  readonly title: string
  /** Behaviours and rules in brackets at its end: `[A1, R3]`. */
  readonly ids: readonly string[]
}

const FOLDERS = ['core/src', 'server/src', 'adapters', 'playground', 'test']

/** Every title of `test(…)`, `test.each(…)(…)` and `it(…)` in the repository. */
export function testTitles(): TestTitle[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.test\.(?:tsx?|mjs)$/.test(name) && !/node_modules|dist\//.test(name))
      .sort()
      .flatMap((name) => titlesIn(relative(root, join(root, folder, name)))),
  )
}

function titlesIn(path: string): TestTitle[] {
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ES2022)
  const found: TestTitle[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(?:test|it)\b/.test(node.expression.getText(source))) {
      const [first] = node.arguments
      if (first && ts.isStringLiteralLike(first)) found.push(titled(path, first.text))
      else if (first && ts.isTemplateExpression(first))
        found.push(titled(path, first.getText(source).slice(1, -1)))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function titled(path: string, title: string): TestTitle {
  const ids = /\[([A-Z]\d+(?:, [A-Z]\d+)*)\]$/.exec(title)?.[1]?.split(', ') ?? []
  return { file: path, title: title.replace(/ \[[A-Z]\d+(?:, [A-Z]\d+)*\]$/, ''), ids }
}
