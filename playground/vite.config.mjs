import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import react from '@vitejs/plugin-react'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import solid from 'vite-plugin-solid'
import { clientConditions, singleCopies } from '../vite.shared.ts'
import { PAGE_PATHS } from './host/page-paths.mjs'
import { sourceTexts } from './host/source-texts.mjs'

const root = import.meta.dirname
const inSolid = /\/src\/solid\/.*\.tsx$/
const documents = [...new Set(Object.values(PAGE_PATHS))]

/** The pages. Their Worker is bundled and served by `start.mjs`, which also builds this. */
export default defineConfig({
  root,
  // React and Solid both own .tsx, so each is told which files are its own.
  plugins: [
    react({ include: /\.tsx$/, exclude: inSolid }),
    solid({ include: inSolid }),
    vue(),
    svelte({ configFile: false }),
    sourceTexts(root),
  ],
  resolve: { conditions: clientConditions, dedupe: singleCopies },
  build: {
    rolldownOptions: {
      input: documents.map((name) => join(root, name)),
      // Four compilers take their time, and whoever starts the playground need not hear of it.
      checks: { pluginTimings: false },
    },
    // It is served from this machine to this machine.
    chunkSizeWarningLimit: 2_000,
  },
})
