type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const nested = (depth: number, text: string) =>
  `${text.repeat(depth)}0${text === '[' ? ']'.repeat(depth) : '}'.repeat(depth)}`

/** JSON texts that stand where something else should. */
const STRANGE = [
  'null',
  'true',
  '0',
  '-0',
  '-1',
  '0.5',
  '1e308',
  '1e999',
  '-1e999',
  '9007199254740993',
  '4294967296',
  '2147483648',
  '1e-320',
  '""',
  '"0"',
  '"null"',
  '"__proto__"',
  '"constructor"',
  '"hello"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u0000"',
  '"ﬃ😀́"',
  '"\\u202e"',
  `"${'x'.repeat(129)}"`,
  `"${'€'.repeat(5000)}"`,
  `"'; DROP TABLE samples; --"`,
  '"\\"); --"',
  '"%s%n"',
  '"0.0.0"',
  '[]',
  '[[]]',
  '{}',
  '[null]',
  '{"__proto__":{"type":"hello"}}',
  '{"constructor":{"prototype":1}}',
  '{"toString":1}',
  '{"then":1}',
  '{"int":"99999999999999999999"}',
  '{"int":"1"}',
  '{"hex":"0"}',
  '{"hex":"zz"}',
  '{"date":1e16}',
  '{"date":8640000000000001}',
  '{"num":"NaN"}',
  '{"json":null}',
  '{"int":"1","hex":"00"}',
  '{"op":"always"}',
  '{"op":"not","of":{}}',
  nested(70, '['),
  nested(5000, '['),
  nested(70, '{"of":'),
  nested(5000, '{"op":"not","of":'),
  `[${'0,'.repeat(3000)}0]`,
].map((text) => `\u0001${text}\u0001`)

const STRANGE_TEXTS = STRANGE.filter((text) => text[1] === '"' && text.length < 200)
const STRANGE_NUMBERS = STRANGE.filter((text) => /^.-?\d/.test(text))
const STRANGE_OBJECTS = STRANGE.filter((text) => text[1] === '{')

/** Of the same type, so that the frame is one after all and its contents are looked at. */
function alike(value: Json): readonly string[] {
  if (typeof value === 'string') return STRANGE_TEXTS
  if (typeof value === 'number') return STRANGE_NUMBERS
  return typeof value === 'object' ? STRANGE_OBJECTS : STRANGE
}

/** Every place in a value, as what to call to put something else there. */
function places(value: Json, found: { readonly at: Json; readonly name: string | number }[] = []) {
  if (typeof value !== 'object' || value === null) return found
  for (const name of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    found.push({ at: value, name })
    places((value as Record<string | number, Json>)[name] ?? null, found)
  }
  return found
}

/** JSON in which a strange text stands raw, as `JSON.stringify` would never write it. */
const written = (value: Json): string =>
  JSON.stringify(value).replace(
    /"\\u0001((?:[^\\]|\\.)*?)\\u0001"/g,
    (_, inner: string) => JSON.parse(`"${inner}"`) as string,
  )

export type Mutant = { readonly text: string } | { readonly bytes: Uint8Array }

/** A frame that is nearly one of `frames`. */
export function mutant(frames: readonly string[], random: () => number): Mutant {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const text = pick(frames)
  const kind = random()
  if (kind < 0.05) return { bytes: new TextEncoder().encode(text) }
  if (kind < 0.1) return { text: text.slice(0, Math.floor(random() * text.length)) }
  if (kind < 0.15) {
    const at = Math.floor(random() * text.length)
    return {
      text: `${text.slice(0, at)}${pick(['"', '}', ',', '\\', '\u0000', '😀', '\ud800', '[', ' '])}${text.slice(at + 1)}`,
    }
  }
  if (kind < 0.18) return { text: pick(STRANGE).slice(1, -1) }
  if (kind < 0.22)
    return {
      text: text.replace(
        '{',
        `{${pick(['"__proto__":{"type":"leave","sub":1},', '"type":"hello",', '"x":'.concat(nested(3000, '['), ',')])}`,
      ),
    }
  return { text: written(changed(JSON.parse(text) as Json, frames, random, pick)) }
}

/** One to three fields dropped, doubled, swapped for one of another frame, renamed, or made strange. */
function changed(
  value: Json,
  frames: readonly string[],
  random: () => number,
  pick: <T>(from: readonly T[]) => T,
): Json {
  for (let i = Math.ceil(random() * 3); i > 0; i--) {
    const all = places(value)
    if (all.length === 0) return value
    const { at, name } = pick(all)
    const holder = at as Record<string | number, Json>
    const what = random()
    if (what < 0.3) holder[name] = pick(alike(holder[name] ?? null))
    else if (what < 0.45) holder[name] = pick(STRANGE)
    else if (what < 0.6) {
      const other = JSON.parse(pick(frames)) as Json
      const from = pick(places(other))
      holder[name] = (from.at as Record<string | number, Json>)[from.name] ?? null
    } else if (what < 0.75) {
      if (Array.isArray(at)) at.splice(Number(name), 1)
      else delete holder[name]
    } else if (what < 0.9) {
      if (Array.isArray(at)) for (let k = 0; k < 50; k++) at.push(structuredClone(at[Number(name)] ?? null))
      else holder[`${name}2`] = structuredClone(holder[name] ?? null)
    } else if (typeof holder[name] === 'number')
      holder[name] = (holder[name] as number) + Math.floor(random() * 5) - 2
    else holder[name] = pick(STRANGE)
  }
  return value
}
