import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REFUSAL_CODES, REJECTION_CODES } from '@durable-sync/core/wire'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { readDocument, root } from './code-blocks.ts'

const documented = [...readDocument('ERRORS.md').matchAll(/^<a id="([a-z-]+)"><\/a>\*\*`\1`\*\*/gm)].map(
  ([, code = '']) => code,
)

const sources = [
  'core/src',
  'server/src',
  'adapters/react/src',
  'adapters/vue/src',
  'adapters/solid/src',
  'adapters/svelte/src',
].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$|testing|fake|fixture/.test(name))
    .map((name) => readFileSync(join(root, folder, name), 'utf8')),
)

const CODE = /^[a-z]+(?:-[a-z]+)*$/

/** Codes that an error is made with: `new XError('code', …)`, and properties called `code`. */
function codesIn(text: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && /(?:Error|Rejection)$/.test(node.expression.getText(file))) {
      const [first] = node.arguments ?? []
      if (first && ts.isStringLiteral(first) && CODE.test(first.text)) found.push(first.text)
    }
    if (
      ts.isPropertyAssignment(node) &&
      node.name.getText(file) === 'code' &&
      ts.isStringLiteral(node.initializer)
    )
      found.push(node.initializer.text)
    if (
      ts.isPropertyDeclaration(node) &&
      node.name.getText(file) === 'code' &&
      node.initializer &&
      ts.isStringLiteral(node.initializer)
    )
      found.push(node.initializer.text)
    ts.forEachChild(node, visit)
  }
  const file = ts.createSourceFile('source.ts', text, ts.ScriptTarget.ES2022)
  visit(file)
  return found
}

test('every code that an error is made with is explained in ERRORS.md', () => {
  const used = new Set([...sources.flatMap(codesIn), ...REFUSAL_CODES, ...REJECTION_CODES])
  expect(used.size).toBeGreaterThan(60)
  expect([...used].filter((code) => !documented.includes(code)).sort()).toEqual([])
})

test('every code in ERRORS.md exists, once', () => {
  expect(documented.filter((code) => !sources.some((text) => text.includes(`'${code}'`)))).toEqual([])
  expect(documented.length).toBe(new Set(documented).size)
})
