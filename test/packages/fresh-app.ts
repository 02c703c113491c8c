import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { type Framework, quickStartOf } from '../documents/quick-start-of.ts'

/** What `vite@latest` of the READMEs was when this was written. */
const CREATE_VITE = 'vite@9.3.0'

/** An app that was made as the quick start of its adapter says, outside of this repository. */
export interface FreshApp {
  readonly framework: Framework
  readonly folder: string
  /** What Vite has built. */
  readonly dist: string
  /** Binding to class, as its `wrangler.jsonc` has them. */
  readonly objects: Readonly<Record<string, string>>
  readonly seconds: { readonly install: number; readonly build: number }
}

/** Without what this run has set: npm would believe that it works in this repository, and Vite that it does not build for production. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(?:NODE_ENV|VITE.*|npm_(?:config_local_prefix|package_.*|lifecycle_.*))$/.test(name),
  ),
)

/** What npm does beside its work: it asks the registry about weak points, and again for what it has already. Neither changes what is installed. */
const QUICKLY = {
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  npm_config_prefer_offline: 'true',
}

async function shell(script: string, cwd: string): Promise<void> {
  try {
    await promisify(execFile)('sh', ['-ec', script], {
      cwd,
      env: { ...environment, ...QUICKLY, CI: 'true', npm_config_yes: 'true' },
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${script}\n${stdout}\n${stderr}`, { cause: error })
  }
}

/** The commands as they stand, but for what would be another one tomorrow, and `wrangler`: its workerd is here already. */
const commandsOf = (framework: Framework): string =>
  quickStartOf(framework)
    .commands.replace('vite@latest', CREATE_VITE)
    .replace(/\bwrangler@[\d.]+ /, '')

async function timed(task: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await task()
  return (performance.now() - start) / 1000
}

/** Goes through the quick start in `beside`, which has a folder `tarballs`. @throws what any step of it printed, when it fails. */
export async function createFreshApp(framework: Framework, beside: string): Promise<FreshApp> {
  const folder = join(beside, 'my-app')
  const { files } = quickStartOf(framework)
  const install = await timed(() => shell(commandsOf(framework), beside))
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  // The check of the template that has one beside its build.
  const check = 'npm run build; npm run check --if-present; npx tsc -p tsconfig.worker.json'
  const built = await timed(() => shell(check.replaceAll(';', '\n'), folder))
  return {
    framework,
    folder,
    dist: join(folder, 'dist'),
    objects: objectsOf(readFileSync(join(folder, 'wrangler.jsonc'), 'utf8')),
    seconds: { install, build: built },
  }
}

interface WranglerConfig {
  readonly durable_objects: {
    readonly bindings: readonly { readonly name: string; readonly class_name: string }[]
  }
}

function objectsOf(config: string): Record<string, string> {
  const { durable_objects } = JSON.parse(config.replace(/^\/\/.*$/gm, '')) as WranglerConfig
  return Object.fromEntries(durable_objects.bindings.map(({ name, class_name }) => [name, class_name]))
}

/** The app's Worker, with the packed server in it. @returns the file. */
export async function bundleWorker({ folder }: FreshApp): Promise<string> {
  const outfile = join(folder, 'worker-bundle.mjs')
  await build({
    entryPoints: [join(folder, 'worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:*'],
    logLevel: 'silent',
  })
  return outfile
}
