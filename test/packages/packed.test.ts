import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeBlocks } from '../documents/code-blocks.ts'
import { RawClient } from '../support/raw-client.ts'
import { startWorker } from '../support/workerd.ts'
import { type Consumer, createConsumer } from './consumer.ts'

let consumer: Consumer
beforeAll(() => {
  consumer = createConsumer()
}, 120_000)
afterAll(() => consumer.remove())

const readme = (file: string) => codeBlocks('README.md').find((block) => block.file === file)?.code ?? ''

test('the packed packages load in Node, with everything that they import [K3]', () => {
  const names = [
    '@durable-sync/core',
    '@durable-sync/core/wire',
    '@durable-sync/server/registry',
    '@durable-sync/react',
  ]
  const script = names
    .map((name) => `console.log(Object.keys(await import('${name}')).length > 0)`)
    .join('\n')
  consumer.write('load.js', script)
  expect(consumer.node('load.js').trim().split('\n')).toEqual(names.map(() => 'true'))
})

test('the packed server boots in workerd and answers a hello [K3]', async () => {
  const entry = consumer.write('worker.ts', readme('worker.ts'))
  const outfile = join(consumer.folder, 'bundle.mjs')
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:*'],
    logLevel: 'silent',
  })
  const worker = await startWorker({ script: outfile, objects: { SESSION: 'SessionDO' } })
  try {
    const client = await RawClient.open(`ws://127.0.0.1:${worker.port}/sync/packed?token=ada`)
    const { welcome } = await client.enter({ cids: [], at: null, subs: [] })
    expect(welcome.principal).toBe('ada')
    client.drop()
  } finally {
    await worker.stop()
  }
})

const compilerOptions = {
  target: 'ES2022',
  module: 'ESNext',
  moduleResolution: 'bundler',
  strict: true,
  noEmit: true,
}

test('the packed contract type-checks in a project of browser types alone, library files included [K3]', () => {
  consumer.copy('test/types/dom-only/contract.ts', 'contract.ts')
  const options = {
    ...compilerOptions,
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    types: [],
    skipLibCheck: false,
  }
  expect(consumer.typeCheck({ compilerOptions: options, files: ['contract.ts'] })).toBe('')
}, 60_000)

test('the packed server type-checks in a Worker project [K3]', () => {
  consumer.write('worker.ts', readme('worker.ts'))
  const options = {
    ...compilerOptions,
    lib: ['ES2023'],
    types: ['@cloudflare/workers-types/latest'],
    skipLibCheck: true,
  }
  expect(consumer.typeCheck({ compilerOptions: options, files: ['worker.ts'] })).toBe('')
}, 60_000)

test('a page bundles one copy of TanStack DB [K3, R22]', async () => {
  const entry = consumer.write('page.tsx', readme('chat.tsx'))
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    jsx: 'automatic',
    logLevel: 'silent',
    external: ['react', 'react/jsx-runtime', 'ulid'],
  })
  const copies = Object.keys(metafile.inputs).filter((input) =>
    /@tanstack\/db\/dist\/esm\/index\.js$/.test(input),
  )
  expect(copies).toHaveLength(1)
})
