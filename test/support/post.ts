import { request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly text: string
}

/** One request on a connection of its own: `fetch` keeps connections, and they would outlive a server that a test restarts. */
export function post(port: number, path: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (bytes: Buffer) => chunks.push(bytes))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
