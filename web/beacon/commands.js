// window.beckon(name, …): the page may call it before the script is there; the calls wait in its q.
//
//   window.beckon = window.beckon || function () { (beckon.q = beckon.q || []).push(arguments) }
import { win, doc, options, key, on, safe } from './page.js'
import { consent, onConsent, heedOtherTabs } from './consent.js'
import { track, identify, start, consentChanged } from './track.js'
import { readDataLayer } from './datalayer.js'
import { watchMarks } from './marks.js'
import { listen } from './listeners.js'
import { recommendations, prices } from './ask.js'

const run = (more) => {
  const commands = { track, identify, consent: (o) => consent(o), on: listen, recommendations, prices, ...more }
  const before = win.beckon?.q || []
  const beckon = (win.beckon = safe((name, ...args) => commands[name]?.(...args)))
  beckon.here = 1
  onConsent(consentChanged)
  on(win, 'storage', heedOtherTabs)
  // Consent that the page has said already holds from the first event on.
  for (const call of before) if (call[0] == 'consent') beckon(...call)
  safe(start)()
  safe(readDataLayer)()
  for (const call of before) if (call[0] != 'consent') beckon(...call)
  const ready = safe(() => {
    watchMarks()
    more?.ready()
  })
  if (doc.readyState == 'loading') on(doc, 'DOMContentLoaded', ready)
  else ready()
}

// A page that the browser only prepares counts when it is shown. A script that stands twice in a page runs once.
export const main = safe((more) => {
  if (!key || win.beckon?.here) return
  if (doc.prerendering) on(doc, 'prerenderingchange', () => run(more))
  else run(more)
})
