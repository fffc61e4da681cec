// What this browser's pages send and receive, for the page that shows it: kept in localStorage, told to other windows at once.
import { t, load, save } from './page.js'

const most = 150
export const channel = 'BroadcastChannel' in window ? new BroadcastChannel('shop.log') : null
const acts = /^(view_item|add_to_cart|remove_from_cart|purchase)$/

export const entries = () => load('localStorage', 'shop.log', [])
export const clear = () => save('localStorage', 'shop.log', [])

const listeners = []
export const onEntry = (f) => listeners.push(f)

// A subscription is answered with the state of every item at once: that makes one entry, not dozens.
const note = (entry) => {
  const log = entries()
  const before = log[log.length - 1]
  const state = /^(stock|price|state)$/
  if (before?.kind == 'pushed' && entry.at - before.at < 500 && state.test(before.what) && state.test(entry.what)) {
    before.n += entry.n
    if (before.n > 2) {
      before.what = 'state'
      before.details = t('states', { n: before.n })
    } else before.details += '; ' + entry.details
    entry = before
  } else log.push(entry)
  save('localStorage', 'shop.log', log.slice(-most))
  channel?.postMessage(entry)
  for (const f of listeners) f(entry)
}

const of = (frame) => {
  if (frame.type == 'recommendations') return frame.placement + ': ' + frame.items.slice(0, 4).map((it) => it.title || it.item_id).join(', ')
  if (frame.type == 'stock') return frame.item_id + ': ' + frame.level + (frame.left ? ', ' + t('n_left', { n: frame.left }) : frame.sold ? ', ' + t('just_sold') : frame.reserved ? ', ' + t('in_cart') : '')
  if (frame.type == 'price') return frame.item_id + ': ' + frame.amount / 100 + ' ' + frame.currency
  if (frame.type == 'offer') return frame.title + ': ' + frame.code
  return frame.type == 'hello' ? 'epoch ' + frame.epoch : ''
}

// The time from an act to its push runs from when its batch was sent, over the network and back. A push may overtake the answer that
// the batch is stored. Acts from before the socket was there are answered by its first state and not measured.
export const record = () => {
  let acted = 0 // when the batch with an act was sent that no push has answered yet
  beckon('on', 'sending', ({ began, events }) => {
    if (events.some((e) => acts.test(e.name))) acted = began
  })
  beckon('on', 'sent', ({ status, began, ms, events }) => {
    note({ at: began, kind: 'sent', what: events.map((e) => e.name).join(', '), n: status < 300 ? events.length : 0, details: status < 300 ? events.map((e) => e.items?.[0]?.item_id).filter(Boolean).join(', ') : t('status', { code: status }), ms })
  })
  beckon('on', '*', (frame, type) => {
    if (type == 'sent' || type == 'sending' || type == 'pong') return
    let ms = null
    if (type == 'hello') acted = 0
    if (type == 'recommendations' && acted) {
      ms = Date.now() - acted
      acted = 0
    }
    note({ at: Date.now(), kind: 'pushed', what: type, n: 1, details: of(frame), ms })
  })
}
