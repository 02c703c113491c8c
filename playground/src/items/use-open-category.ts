import { useCallback, useSyncExternalStore } from 'react'

const NAME = 'category'

/** The address with another category open, or with none. */
export function withCategory(address: string, category: string | undefined): string {
  const url = new URL(address)
  if (category === undefined) url.searchParams.delete(NAME)
  else url.searchParams.set(NAME, category)
  return url.href
}

const current = () => new URL(location.href).searchParams.get(NAME) ?? undefined

function subscribe(changed: () => void): () => void {
  addEventListener('popstate', changed)
  return () => removeEventListener('popstate', changed)
}

/** The category that the address names, so that Back closes it and a link leads to it. */
export function useOpenCategory(): [
  open: string | undefined,
  setOpen: (category: string | undefined) => void,
] {
  const open = useSyncExternalStore(subscribe, current)
  const setOpen = useCallback((category: string | undefined) => {
    history.pushState(null, '', withCategory(location.href, category))
    dispatchEvent(new PopStateEvent('popstate'))
  }, [])
  return [open, setOpen]
}
