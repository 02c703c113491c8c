import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}
declare const axe: {
  run(context: object, options: object): Promise<{ readonly violations: readonly Finding[] }>
}

/** `all` of its rules, or only those of `colors`: between a light and a dark page nothing else differs. */
export type Rules = 'all' | 'colors'

/** What axe-core calls serious or critical on a page, without its frames, in words. */
export async function seriousFindings(page: Page, rules: Rules = 'all'): Promise<string[]> {
  // Past the page's policy for scripts, as devtools are.
  await page.evaluate(source)
  const violations = await page.evaluate(async (rules) => {
    const only = rules === 'all' ? {} : { runOnly: ['color-contrast', 'link-in-text-block'] }
    const options = { iframes: false, resultTypes: ['violations'], ...only }
    const found = await axe.run({ exclude: [['iframe']] }, options)
    return found.violations
  }, rules)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    )
}
