// A word when something in the cart, or kept in mind, runs low, runs out, comes back or changes its price, on whatever page one is.
import { make, money, toast, load, one } from './page.js'
import { keeps, cart } from './cart.js'
import { heldHere } from './held.js'

const words = { low: 'is running low', out: 'is sold out', back: 'is back' }
const word = (frame) => {
  if (frame.sold) return 'is gone: the last one was just sold'
  if (frame.reserved) return 'is in a cart for now'
  return frame.left ? 'has only ' + frame.left + ' left' : words[frame.level]
}

export const notices = () => {
  const before = {} // the first state after a page came is not news
  const link = (id) => make('a', { href: '/shop/p/' + id }, cart().find((l) => l.id == id)?.title || title(id))
  beckon('on', 'stock', (frame) => {
    const id = frame.item_id
    const state = frame.level + (frame.left ?? frame.reserved ?? '')
    // What this shopper's own checkout holds is no news to them.
    if (keeps(id) && before[id] && before[id] != state && words[frame.level] && !heldHere(id)) toast(link(id), ' ' + word(frame))
    before[id] = state
  })
  beckon('on', 'price', (frame) => {
    const id = frame.item_id + ' price'
    if (keeps(frame.item_id) && before[id] && before[id] != frame.amount) {
      toast(link(frame.item_id), ' now costs ' + money(frame.amount, frame.currency))
    }
    before[id] = frame.amount
  })
}

const title = (id) => id.replace('-', ' ').replace(/(^|\s)\w/g, (c) => c.toUpperCase())
