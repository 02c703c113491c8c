/** What this page is good for. */
export function ThingsToTry() {
  return (
    <footer className="things-to-try">
      Stop the server in its terminal with <kbd>Ctrl</kbd>&thinsp;<kbd>C</kbd>, keep writing here, reload, and
      start it again with <code>npm start</code>.
    </footer>
  )
}
