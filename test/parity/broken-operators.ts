import type { SourcePatch } from '../soak/source-patch.ts'
import type { Operator } from './predicates.ts'

/** An operator that is wrong in one place: a mistake that somebody might make. */
export interface Break {
  readonly name: string
  /** Where it is to be found. */
  readonly op: Operator
  readonly file: string
  readonly find: string
  readonly put: string
  /** It comes before what is found instead of in its place. */
  readonly isStatement?: boolean
}

const isOn = (name: string): string => `globalThis.brokenOperator === ${JSON.stringify(name)}`

/** One module has all of them: each is on while the switch has its name. */
export function switched(breaks: readonly Break[]): SourcePatch[] {
  const places = new Map<string, Break[]>()
  for (const each of breaks) {
    const place = `${each.file} ${each.find}`
    places.set(place, [...(places.get(place) ?? []), each])
  }
  return [...places.values()].flatMap((at) => {
    const [first] = at
    if (!first) return []
    const { file, find, name, put, isStatement } = first
    if (isStatement) return [{ file, find, put: `if (${isOn(name)}) ${put}\n${find}` }]
    const cases = at.map((each) => `${isOn(each.name)} ? (${each.put}) : `)
    return [{ file, find, put: `(${cases.join('')}(${find}))` }]
  })
}

const stored = 'server/src/stored-column.ts'
const compared = 'server/src/comparison-sql.ts'
const compiler = 'server/src/predicate-sql.ts'

const OPPOSITES = { gt: '>=', gte: '>', lt: '<=', lte: '<' } as const

/** Of the conditions that SQL is given. */
export const SQL_BREAKS: readonly Break[] = [
  {
    name: 'eq of text follows the collation of the column',
    op: 'eq',
    file: stored,
    find: `condition(\`\${this.#ref} = ? COLLATE BINARY\`, value)`,
    put: `condition(\`\${this.#ref} = ?\`, value)`,
  },
  {
    name: 'eq of a number finds integers that are no numbers',
    op: 'eq',
    file: stored,
    find: 'Number.isInteger(value) && !Number.isSafeInteger(value)',
    put: 'false',
  },
  {
    name: 'eq converts text that looks like a number',
    op: 'eq',
    file: stored,
    find: 'this.#convertsText ? allOf([this.isText, each]) : each',
    put: 'each',
  },
  {
    name: 'eq of a boolean is a comparison with a number',
    op: 'eq',
    file: compared,
    find: 'this.#stored.equalsNumber(Number(literal))',
    put: 'this.#stored.equalsNumber(2 - Number(literal))',
  },
  ...(['gt', 'gte', 'lt', 'lte'] as const).map((op) => ({
    name: `${op} is wrong about what is equal`,
    op,
    file: stored,
    find: `condition(\`\${this.#ref} \${SIGNS[op]} ?\`, value)`,
    put: `condition(\`\${this.#ref} \${op === '${op}' ? '${OPPOSITES[op]}' : SIGNS[op]} ?\`, value)`,
  })),
  {
    name: 'gt finds text above every number',
    op: 'gt',
    file: stored,
    find: `op === 'lt' || op === 'lte' ? each : allOf([each, condition(\`\${this.#ref} < ''\`)])`,
    put: 'each',
  },
  {
    name: 'lt orders text above the surrogates as SQLite does',
    op: 'lt',
    file: stored,
    find: 'orderedPrefix(value)',
    put: 'value',
  },
  {
    name: 'like is that of SQLite',
    op: 'like',
    file: stored,
    find: 'readPattern(pattern)',
    put: `{ ...readPattern(pattern), is: 'part' }`,
  },
  {
    name: 'ilike minds the case',
    op: 'ilike',
    file: compared,
    find: 'roughly(this.#stored.isText)',
    put: 'this.#stored.like(pattern)',
  },
  {
    name: 'in forgets texts with U+0000',
    op: 'in',
    file: stored,
    find: 'whole.length === stored.length',
    put: 'true',
  },
  {
    name: 'in forgets integers that are no numbers',
    op: 'in',
    file: stored,
    find: 'isStored(value) && !(big && isSafe(value))',
    put: 'isSafe(value)',
  },
  {
    name: 'isNull forgets documents that say null',
    op: 'isNull',
    file: compared,
    find: 'roughly(anyOf([isNull, isText]))',
    put: 'isNull',
  },
  {
    name: 'isUndefined takes null for undefined',
    op: 'isUndefined',
    file: compared,
    find: 'is ? NEVER : ALWAYS',
    put: 'is ? this.#isNull : this.#isNotNull',
  },
  {
    name: 'and stays and when it is negated',
    op: 'and',
    file: compiler,
    find: 'is ? allOf : anyOf',
    put: 'allOf',
  },
  {
    name: 'or stays or when it is negated',
    op: 'or',
    file: compiler,
    find: 'is ? anyOf : allOf',
    put: 'anyOf',
  },
  {
    name: 'not is lost',
    op: 'not',
    file: compiler,
    find: 'this.where(predicate.of, !is)',
    put: 'this.where(predicate.of, is)',
  },
]

export const LAW = 'core/src/wire/row-matcher.ts'

/** Of the law of membership. */
export const LAW_BREAKS: readonly Break[] = [
  { name: 'eq converts', op: 'eq', find: 'actual === literal', put: 'actual == literal' },
  { name: 'gt takes what is equal', op: 'gt', find: 'sign > 0', put: 'sign > -1' },
  { name: 'gte leaves out what is equal', op: 'gte', find: 'sign >= 0', put: 'sign > 0.5' },
  { name: 'lt takes what is equal', op: 'lt', find: 'sign < 0', put: 'sign < 1' },
  { name: 'lte leaves out what is equal', op: 'lte', find: 'sign <= 0', put: 'sign < -0.5' },
  {
    name: 'like does not mind the case',
    op: 'like',
    find: 'fold ? actual.toLowerCase() : actual',
    put: 'actual.toLowerCase()',
  },
  { name: 'ilike minds it', op: 'ilike', find: 'fold ? literal.toLowerCase() : literal', put: 'literal' },
  {
    name: 'in converts',
    op: 'in',
    find: 'plainOnes.has(actual)',
    put: '[...plainOnes].some((each) => each == actual)',
  },
  { name: 'isNull is unknown of null', op: 'isNull', find: 'value(cells) === null', put: 'null' },
  {
    name: 'isUndefined takes null for undefined',
    op: 'isUndefined',
    find: `return () => false\n      case 'in':`,
    put: 'return (cells) => this.#value(predicate.column)(cells) === null',
    isStatement: true,
  },
  { name: 'and forgets what is unknown', op: 'and', find: 'all = null', put: '0' },
  { name: 'or forgets what is unknown', op: 'or', find: 'any = null', put: '0' },
  { name: 'not makes unknown true', op: 'not', find: 'verdict === null ? null : !verdict', put: '!verdict' },
].map((each) => ({ ...each, op: each.op as Operator, file: LAW }))
