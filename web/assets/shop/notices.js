// A word when something in the cart, or kept in mind, runs low, runs out, comes back or changes its price, on whatever page one is.
import { t, make, money, toast, load, one } from './page.js'
import { keeps, cart } from './cart.js'
import { heldHere } from './held.js'

const words = { low: 'is_low', out: 'is_out', back: 'is_back' }
const word = (frame) => {
  if (frame.sold) return t('is_gone')
  if (frame.reserved) return t('is_in_a_cart')
  return frame.left ? t('has_left', { n: frame.left }) : t(words[frame.level])
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
      toast(link(frame.item_id), ' ' + t('now_costs', { price: money(frame.amount, frame.currency) }))
    }
    before[id] = frame.amount
  })
}

const title = (id) => id.replace('-', ' ').replace(/(^|\s)\w/g, (c) => c.toUpperCase())
