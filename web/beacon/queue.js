// Events that are not acknowledged yet. A copy lies in localStorage under a key of this page's own. A page that ends, or that has not
// renewed its lease, leaves a queue that any other page of the site adopts. Two pages may adopt the same one: ids stay the same, so
// the server counts once.
//
// Bounds: 200 events, 128 KB of text, 7 days; the oldest go first. One event may have 59 KB.
import { newID, now, get, put, stored } from './page.js'
import { mayStore } from './consent.js'

const mine = 'q.' + newID()
const lease = 18e4 // ms; hidden pages' timers run once a minute
const oldest = 6048e5 // ms
let released // the page has gone: others may take what is left
let list = [] // {e: event, v: visitor it was first sent for}
const inFlight = new Set()

// Bytes of a value's JSON.
export const size = (value) => new Blob([JSON.stringify(value)]).size
export const waiting = () => list.length - inFlight.size

export const persist = () => {
  let text = JSON.stringify(list)
  while (list.length > 200 || text.length > 131072) {
    inFlight.delete(list.shift())
    text = JSON.stringify(list)
  }
  if (mayStore()) put(mine, list.length && { t: released ? 0 : now(), q: list })
}

export const release = () => {
  released = 1
  persist()
}

export const add = (event) => {
  if (size(event) < 5.9e4) list.push({ e: event })
  persist()
}

export const clear = () => {
  list = []
  inFlight.clear()
  put(mine)
}

// take marks the next events for one body of at most 20 events and room bytes as being in flight. All are of one visitor: the one
// they were sent for before, else the current one.
export const take = (visitor, room = 6e4) => {
  const batch = []
  let bytes = 500 // what stands around the events
  for (const entry of list) {
    if (inFlight.has(entry)) continue
    const v = entry.v || visitor
    bytes += size(entry.e) + 1
    if (batch.length == 20 || bytes > room || (batch[0] && batch[0].v != v)) break
    entry.v = v
    batch.push(entry)
    inFlight.add(entry)
  }
  persist()
  return batch
}

// settle ends a flight; done events leave the queue.
export const settle = (batch, done) => {
  for (const entry of batch) inFlight.delete(entry)
  if (done) list = list.filter((entry) => !batch.includes(entry))
  persist()
}

// adopt also renews this page's own lease.
export const adopt = () => {
  if (mayStore()) for (const name of stored()) {
    if (!name.startsWith('q.') || name == mine) continue
    const left = get(name)
    if (left && left.t > now() - lease) continue
    put(name)
    if (left) list = left.q.filter((entry) => entry.e.ts > now() - oldest).concat(list)
  }
  persist()
}

// revive is for a page that comes back from the browser's cache: others may have adopted what it left.
export const revive = () => {
  const left = get(mine)
  released = 0
  inFlight.clear()
  list = left ? left.q : []
  adopt()
}
