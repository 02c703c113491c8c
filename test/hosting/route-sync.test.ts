import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RawClient } from '../support/raw-client.ts'
import { Site } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await Site.start()
})
afterAll(() => site.stop())

/** The close that a browser sees, and the frame that says why. */
async function refusal(client: RawClient): Promise<{ code: number; message: string }> {
  const goodbye = await client.next('goodbye')
  const closed = await client.ended()
  expect(closed.code).toBe(goodbye.code)
  return { code: goodbye.code, message: goodbye.message }
}

const from = (origin: string) => ({ headers: { origin } })

test('a request without an Origin is no browser and is let through [I1]', async () => {
  const { welcome } = await (await site.connect('/sync/origins')).enter()
  expect(welcome.principal).toBe('alice')
})

test('by default only pages of the Worker’s own origin may connect [I1]', async () => {
  await (await site.connect('/sync/origins', undefined, from(site.origin))).enter()
  for (const origin of ['https://evil.example', site.origin.replace('http:', 'https:'), 'null']) {
    const { code, message } = await refusal(await site.connect('/sync/origins', undefined, from(origin)))
    expect(code).toBe(4403)
    expect(message).toContain(origin)
    expect(message).toContain('origins')
  }
})

test('a list of origins replaces the default, whole origins only [I1]', async () => {
  for (const origin of ['https://app.example', 'https://beta.example'])
    await (await site.connect('/listed/a', undefined, from(origin))).enter()
  for (const origin of [
    site.origin,
    'https://app.example.evil',
    'https://app.example:8443',
    'http://app.example',
  ])
    expect((await refusal(await site.connect('/listed/a', undefined, from(origin)))).code).toBe(4403)
})

test('a function decides about origins [I1]', async () => {
  await (await site.connect('/asked/a', undefined, from('https://any.example'))).enter()
  const refused = await site.connect('/asked/a', undefined, from('https://any.other'))
  expect((await refusal(refused)).code).toBe(4403)
})

test('a foreign page is refused before anybody is authenticated [I1]', async () => {
  const refused = await site.connect('/sync/origins', null, from('https://evil.example'))
  expect((await refusal(refused)).code).toBe(4403)
})

test('without its binding every upgrade is closed with what to do, which the log says as well [I1]', async () => {
  const { code, message } = await refusal(await site.connect('/unbound/a'))
  expect([code, message]).toEqual([
    4500,
    expect.stringMatching(/`namespace` is undefined.*durable_objects.*wrangler/),
  ])
  expect((await site.get('/unbound/a')).status).toBe(500)
  expect(site.output.join('\n')).toContain('(namespace-missing)')
})

test('a room name is one path segment of plain characters, and any other is closed for good with what to do [I1]', async () => {
  for (const name of ['a', 'A-b_c.d~9', 'x'.repeat(128), 'with-slash/'])
    await (await site.connect(`/sync/${name}`)).enter()
  for (const name of ['a/b', 'a%20b', 'a%2Fb', 'ü', 'x'.repeat(129), '%00', 'a/../b/c', 'a;b']) {
    const { code, message } = await refusal(await site.connect(`/sync/${name}`))
    expect([code, message]).toEqual([4400, expect.stringContaining('1 to 128 of the characters')])
  }
  await expect(site.connect('/sync/')).rejects.toMatchObject({ status: 404 })
})

test('the last segment may end in a slash and names the same room [I1]', async () => {
  const one = await site.connect('/sync/slash')
  const two = await site.connect('/sync/slash/', { userId: 'bob' })
  expect((await one.enter()).welcome.object).toBe((await two.enter()).welcome.object)
})

test('claims that a client forges in the header are thrown away [I1]', async () => {
  const forged = { headers: { 'x-claims': JSON.stringify({ userId: 'admin' }) } }
  const { welcome } = await (await site.connect('/sync/forged', { userId: 'mallory' }, forged)).enter()
  expect(welcome.principal).toBe('mallory')
  expect((await refusal(await site.connect('/sync/forged', null, forged))).code).toBe(4401)
})

test('claims with any characters reach the object as they were [I1]', async () => {
  const userId = 'Zoë 😀 \u0000 "\\" 日本'
  const headers = { 'x-test-claims': JSON.stringify({ userId }).replace(/[^ -~]/g, escaped) }
  const { welcome } = await (await site.connect('/sync/claims', null, { headers })).enter()
  expect(welcome.principal).toBe(userId)
})

const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

test('whoever is not authenticated is closed with 4401, in whatever way the Worker says so [I1]', async () => {
  for (const path of ['/sync/nobody', '/throwing/a', '/undefined/a', '/slow/a'])
    expect((await refusal(await site.connect(path, null))).code, path).toBe(4401)
})

test('what authenticate threw stays in the server’s log [I4]', async () => {
  const { message } = await refusal(await site.connect('/throwing/b', null))
  expect(message).toBe('not authenticated')
  expect(site.output.join('\n')).toContain('the session store is down')
})

test('authenticate is told the room and may take its time [I1]', async () => {
  await (await site.connect('/slow/public')).enter()
  expect((await refusal(await site.connect('/slow/private'))).code).toBe(4401)
})

test('a room that is not open to somebody who is known is closed with 4403, for which nobody asks for new credentials [I1]', async () => {
  await (await site.connect('/members/ours')).enter()
  const { code, message } = await refusal(await site.connect('/members/others'))
  expect([code, message]).toEqual([4403, 'this room is not open to you'])
  expect((await site.get('/members/others')).status).toBe(403)
})

test('a plain GET is answered 401, 403 or 426 [I1]', async () => {
  const claims = { 'x-test-claims': JSON.stringify({ userId: 'alice' }) }
  expect((await site.get('/sync/plain')).status).toBe(401)
  expect((await site.get('/sync/plain', { ...claims, origin: 'https://evil.example' })).status).toBe(403)
  expect((await site.get('/sync/plain', claims)).status).toBe(426)
})

test('a path that is not sync’s is left to the Worker [K1]', async () => {
  expect(await site.get('/elsewhere')).toMatchObject({ status: 404, text: 'the fixture has no such path' })
})
