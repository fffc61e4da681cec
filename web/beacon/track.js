// Making events: of the page, of its routes, and of what the page's own code tells.
import { win, doc, now, newID, on, later } from './page.js'
import { refused } from './consent.js'
import { add, adopt, clear, release, revive, waiting } from './queue.js'
import { schedule, flushAll, wake } from './send.js'
import { remember, forget } from './visitor.js'

const fields = /^(items|currency|value|transaction_id|search_term|placement|rec_id|user|user_hash)$/
const patient = /^(imp|hea|view_item_l|lea)/ // impression, heartbeat, view_item_list, leave: nobody waits for what they cause
let user
let page = '' // address of the page that was viewed last
let ref = doc.referrer
let shown = 0 // when this page view began
let acted // when the last event but a heartbeat was

// track queues one event. What is not a field of events goes into props.
export const track = (name, more) => {
  if (refused()) return
  const props = {}
  const event = { id: newID(), name, ts: now(), user, page: { url: location.href.slice(0, 2e3), ref, title: doc.title }, props }
  for (const k in more) (fields.test(k) ? event : props)[k] = more[k]
  event.items = event.items?.map((item) => (item.item_id ? item : { item_id: '' + item }))
  if (name != 'heartbeat') acted = event.ts
  add(event)
  schedule(patient.test(name) ? 2e3 : 40)
}

export const identify = (id, more) => {
  user = '' + id
  track('identify', { ...more, user })
}

const view = () => {
  page = location.href
  shown = now()
  track('page_view')
}

const seconds = () => ({ seconds: Math.round((now() - shown) / 1e3) })

// A new address is a new page view. The title mostly follows the address, so it gets a moment.
const routed = () => {
  if (location.href != page) {
    ref = page
    page = location.href
    later(view, 30)
  }
}

export const start = () => {
  adopt()
  view()
  for (const name of ['pushState', 'replaceState']) {
    const original = history[name]
    history[name] = function () {
      const result = original.apply(this, arguments)
      later(routed)
      return result
    }
  }
  on(win, 'popstate', routed)
  on(doc, 'visibilitychange', () => doc.hidden && flushAll())
  on(win, 'pagehide', () => {
    track('leave', seconds())
    release()
    flushAll(1)
  })
  on(win, 'pageshow', (event) => {
    if (event.persisted) {
      revive()
      view()
    }
  })
  on(win, 'online', wake)
  // A visible page beats until ten minutes after the last thing that happened on it. The same timer looks for
  // queues that nobody owns any more.
  setInterval(() => {
    adopt()
    if (!doc.hidden && now() - acted < 6e5) track('heartbeat', seconds())
    else if (waiting()) schedule(0)
  }, 2e4)
}

// consentChanged starts or ends what consent allows.
export const consentChanged = (granted) => {
  if (granted) {
    remember()
    adopt()
    schedule(0)
  } else {
    clear()
    forget()
  }
}
