const FRAMEWORKS = ['react', 'vue', 'solid', 'svelte']
const PAGES = ['chat', 'board', 'items']

/** Which document is at which address. The Worker and the service worker are built with it; the script of a document looks at the path. */
export const PAGE_PATHS = {
  '/': 'index.html',
  '/joined': 'joined.html',
  ...Object.fromEntries(PAGES.map((page) => [`/${page}`, 'app.html'])),
  ...Object.fromEntries(
    FRAMEWORKS.flatMap((framework) => PAGES.map((page) => [`/${framework}/${page}`, `${framework}.html`])),
  ),
}
