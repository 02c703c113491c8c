import { oneOf, seededRandom } from '../seeded-random.ts'
import type { Item } from './registry.ts'

/** What each category sells. Every kind comes in every make from every place: 8 × 5 × 10 = 400 items. */
const KINDS = {
  Apples: ['Bramley', 'Boskoop', 'Cox', 'Elstar', 'Gravenstein', 'Jonagold', 'Pippin', 'Russet'],
  Bread: [
    'Baguette',
    'Brioche',
    'Ciabatta',
    'Focaccia',
    'Pumpernickel',
    'Rye loaf',
    'Sourdough',
    'Spelt loaf',
  ],
  Cheese: ['Brie', 'Cheddar', 'Comté', 'Feta', 'Gouda', 'Gruyère', 'Pecorino', 'Stilton'],
  Chocolate: [
    'Almond bar',
    'Bitter bar',
    'Buttons',
    'Drinking powder',
    'Milk bar',
    'Nougat',
    'Praline',
    'Truffle',
  ],
  Coffee: ['Arabica', 'Bourbon', 'Decaf', 'Espresso roast', 'Filter roast', 'Geisha', 'Mocha', 'Robusta'],
  Flowers: ['Anemone', 'Dahlia', 'Foxglove', 'Iris', 'Peony', 'Poppy', 'Ranunculus', 'Tulip'],
  Honey: ['Acacia', 'Buckwheat', 'Chestnut', 'Clover', 'Forest', 'Heather', 'Linden', 'Thyme'],
  Pasta: ['Bucatini', 'Farfalle', 'Fusilli', 'Linguine', 'Orecchiette', 'Penne', 'Rigatoni', 'Tagliatelle'],
  Spices: ['Cardamom', 'Cinnamon', 'Cumin', 'Fennel', 'Nutmeg', 'Paprika', 'Saffron', 'Turmeric'],
  Tea: ['Assam', 'Darjeeling', 'Earl Grey', 'Genmaicha', 'Keemun', 'Oolong', 'Rooibos', 'Sencha'],
  Vegetables: ['Beetroot', 'Celeriac', 'Chard', 'Fennel', 'Kale', 'Leek', 'Parsnip', 'Pumpkin'],
  Vinegar: ['Balsamic', 'Cider', 'Malt', 'Quince', 'Raspberry', 'Rice', 'Sherry', 'Tarragon'],
} as const

const MAKES = ['Early', 'Plain', 'Small-batch', 'Sunday', 'Winter']
const PLACES = ['Arles', 'Bath', 'Cork', 'Delft', 'Évora', 'Gent', 'Lucca', 'Malmö', 'Parma', 'Tartu']
const ARRIVES = [
  'Comes by rail, in paper sacks.',
  'Comes on Tuesdays, when the ferry runs.',
  'Comes in wooden boxes that go back.',
  'Comes wrapped in last week’s newspaper.',
]
const KEEPS = [
  'Keeps for two weeks in a cool larder.',
  'Keeps a year, and is better for it.',
  'Keeps three days, if it has to.',
  'Keeps as long as the jar stays shut.',
]
const SERVED = [
  'Best on the day itself.',
  'Best shared, on a bench, out of the wind.',
  'Best with butter and a little salt.',
  'Best left alone for an hour first.',
  'Best bought by the dozen.',
]

const idOf = (name: string): string => name.toLowerCase()

export const seedCategories = (): { readonly id: string; readonly name: string }[] =>
  Object.keys(KINDS).map((name) => ({ id: idOf(name), name }))

/** The items of a new shop: the same in every one. */
export function seedItems(): Item[] {
  const random = seededRandom(12)
  const items: Item[] = []
  for (const [category, kinds] of Object.entries(KINDS))
    for (const kind of kinds)
      for (const place of PLACES)
        for (const make of MAKES)
          items.push({
            id: `i${String(items.length + 1).padStart(4, '0')}`,
            category: idOf(category),
            name: `${make} ${kind} from ${place}`,
            description: [ARRIVES, KEEPS, SERVED].map((list) => oneOf(list, random)).join(' '),
          })
  return items
}
