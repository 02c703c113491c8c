import type { PageName } from '../frame/page-address.ts'
import type { Framework } from './pane.ts'

const capital = (page: PageName) => page.charAt(0).toUpperCase() + page.slice(1)

const FILES: Readonly<Record<Framework, (page: PageName) => string>> = {
  react: (page) => `${page}.tsx`,
  vue: (page) => `${capital(page)}Page.vue`,
  solid: (page) => `${page}.tsx`,
  svelte: (page) => `${capital(page)}.svelte`,
}

/** The file of a pane's page, from the playground's folder. */
export const sourceOf = (framework: Framework, page: PageName): string =>
  `src/${framework}/${FILES[framework](page)}`
