/** Has the browser keep the page itself, so that it opens without a server. What is in it is kept by the client's storage. */
export async function keepPage(): Promise<void> {
  try {
    await navigator.serviceWorker?.register('/service-worker.js')
  } catch {
    // No server, or a browser that forbids it: the page works, as long as somebody serves it.
  }
}
