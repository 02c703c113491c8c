import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('a task that is handed in during another runs after it, in order', () => {
  const log: string[] = []
  const turns = new Turns(() => {})
  turns.run(() => {
    turns.run(() => {
      turns.run(() => log.push('c'))
      log.push('b')
    })
    log.push('a')
  })
  expect(log).toEqual(['a', 'b', 'c'])
})

test('a task that throws is reported and does not stop the others', () => {
  const errors: unknown[] = []
  const log: string[] = []
  const turns = new Turns((error) => errors.push(error))
  turns.run(() => {
    turns.run(() => log.push('after'))
    throw new Error('broken')
  })
  turns.run(() => log.push('later'))
  expect(errors).toMatchObject([{ message: 'broken' }])
  expect(log).toEqual(['after', 'later'])
})
