import { useState } from 'react'
import { FRAMEWORK_NAMES, FRAMEWORKS, type Framework, paneAddress } from '../lab/pane.ts'
import { sourceOf } from '../lab/source-of.ts'
import type { Where } from './where.ts'

/** The same page in four frameworks. Where there is room for one only, one is chosen. */
export function Panes(where: Where) {
  const [shown, setShown] = useState<Framework>('react')
  return (
    <section aria-label="Panes">
      <fieldset className="chooser">
        <legend className="visually-hidden">Framework to show</legend>
        {FRAMEWORKS.map((framework) => (
          <label key={framework}>
            <input
              type="radio"
              name="framework"
              checked={shown === framework}
              onChange={() => setShown(framework)}
            />
            {FRAMEWORK_NAMES[framework]}
          </label>
        ))}
      </fieldset>
      <div className="panes">
        {FRAMEWORKS.map((framework) => (
          <Pane key={framework} framework={framework} where={where} isShown={shown === framework} />
        ))}
      </div>
    </section>
  )
}

interface PaneProps {
  readonly framework: Framework
  readonly where: Where
  readonly isShown: boolean
}

function Pane({ framework, where, isShown }: PaneProps) {
  const address = paneAddress({ ...where, framework })
  const name = FRAMEWORK_NAMES[framework]
  const source = sourceOf(framework, where.page)
  return (
    <article className="frame" data-shown={isShown} aria-labelledby={`pane-${framework}`}>
      <header>
        <h2 id={`pane-${framework}`}>{name}</h2>
        <a href={address} target="_blank" rel="noopener" aria-label={`Open alone: ${name}`}>
          Open alone
        </a>
        <a href={`/source/${source}`} className="source" data-testid={`source-${framework}`}>
          <code>{`playground/${source}`}</code>
        </a>
      </header>
      <iframe
        key={address}
        title={`${name} ${where.page}`}
        src={address}
        loading="lazy"
        data-testid={`pane-${framework}`}
      />
    </article>
  )
}
