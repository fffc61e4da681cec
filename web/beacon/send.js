// Sending: one body at a time while the page lives, everything at once when it goes. What the server has answered for leaves the
// queue; what it has not stays, with the same ids, for this page or the next.
import { key, api, now, later, put, get, newID, request } from './page.js'
import { mayStore, signals } from './consent.js'
import { session, known } from './visitor.js'
import { take, settle, waiting, size } from './queue.js'
import { tell } from './listeners.js'

let busy, timer, due, stopped
let failures = 0
let notBefore = get('w') || 0 // when the server, or the network's failures, let us try again

// Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
export const jitter = (n) => Math.random() * Math.min(3e4, 1e3 * 2 ** n)

// schedule sends within ms, unless an earlier time is set.
export const schedule = (ms) => {
  const at = Math.max(now() + ms, notBefore)
  if (timer && due <= at) return
  clearTimeout(timer)
  due = at
  timer = later(flush, at - now())
}

const backOff = (answer) => {
  const asked = answer && answer.headers.get('Retry-After') // seconds, or a date
  const wait = asked ? asked * 1e3 || Date.parse(asked) - now() || 1e3 : 200
  notBefore = now() + Math.min(wait, 36e5) + jitter(failures++)
  if (asked && mayStore()) put('w', notBefore)
}

// judge says whether an answer is final: then the events leave the queue.
const judge = (answer) => {
  const status = answer.status
  if (status == 401 || status == 403) stopped = 1
  else if (status == 408 || status == 429 || status >= 500) backOff(answer)
  else {
    failures = 0
    return 1
  }
}

// post sends one body. What goes by sendBeacon stays in the queue, since nobody tells whether it came.
const post = async (batch, hiding) => {
  const events = batch.map((entry) => entry.e)
  const began = now()
  const body = JSON.stringify({ sent_at: began, visitor: batch[0].v, consent: signals(), events })
  const path = 'events?k=' + key
  let done
  tell('sending', { began, events })
  try {
    // keepalive lets it outlive the page. Such bodies may have 64 KB together; only when the page goes is there more than one.
    if (hiding && !('keepalive' in Request.prototype)) await navigator.sendBeacon(api + path, body)
    else {
      const answer = await request(path, { method: 'POST', body, keepalive: true })
      done = judge(answer)
      tell('sent', { status: answer.status, began, ms: now() - began, events })
    }
  } catch (e) {
    backOff()
  }
  settle(batch, done)
}

const flush = async () => {
  timer = 0
  if (busy || stopped || !waiting() || !mayStore()) return
  if (notBefore > now()) return schedule(0)
  busy = 1
  try {
    const batch = take((await session()).v)
    if (batch[0]) await post(batch)
  } catch (answer) { // of the session, or the network's
    if (!answer.status) backOff()
    else if (judge(answer)) stopped = 1
  }
  busy = 0
  if (waiting()) schedule(0)
}

// flushAll sends what is not under way yet and waits for nothing: the page is hidden, or goes. A page
// that goes before its visitor is known sends under a name of its own.
export const flushAll = (goes) => {
  const visitor = known() || (goes && 'b_' + newID())
  if (visitor && !stopped && mayStore() && notBefore <= now()) {
    let room = 6e4
    for (let batch; (batch = take(visitor, room))[0]; room -= size(batch)) post(batch, 1)
  }
}

// wake tries again at once: the network is back. A time that the server named still holds.
export const wake = () => {
  notBefore = get('w') || 0
  failures = 0
  schedule(0)
}
