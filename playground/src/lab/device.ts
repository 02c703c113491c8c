/** What tells this browser from others, and the family name of everybody in it. */
export interface Device {
  readonly id: string
  readonly family: string
}

const KEY = 'durable-sync-lab:device'
const FAMILIES = ['Badger', 'Curlew', 'Finch', 'Heron', 'Lynx', 'Marten', 'Otter', 'Plover', 'Stoat', 'Wren']

/** The same one for as long as the browser keeps its local storage; where it forbids that, a new one for every page. */
export function thisDevice(): Device {
  const known = read()
  if (known) return known
  const [first = 0, second = 0] = crypto.getRandomValues(new Uint32Array(2))
  const device = {
    id: first.toString(36).padStart(7, '0'),
    family: FAMILIES[second % FAMILIES.length] ?? '',
  }
  try {
    localStorage.setItem(KEY, JSON.stringify(device))
    // Several panes are born at once: whoever was last has the word.
    return read() ?? device
  } catch {
    return device
  }
}

function read(): Device | undefined {
  try {
    const { id, family }: Partial<Device> = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof id === 'string' && typeof family === 'string' ? { id, family } : undefined
  } catch {
    return undefined
  }
}
