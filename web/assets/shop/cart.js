// The cart and the list of things kept in mind live in this browser.
import { t, one, all, load, save, toast, make } from './page.js'

let lines = load('localStorage', 'shop.cart', []) // {id, title, picture, price, quantity}
let kept = load('localStorage', 'shop.kept', []) // ids
const listeners = []

export const cart = () => lines
export const keeps = (id) => kept.includes(id) || lines.some((l) => l.id == id)
export const total = () => lines.reduce((sum, l) => sum + l.price * l.quantity, 0)
export const onCart = (f) => listeners.push(f)

export const change = (next) => {
  lines = next
  save('localStorage', 'shop.cart', lines)
  tell()
}

const tell = () => {
  const badge = one('[data-cart-count]')
  const pieces = lines.reduce((n, l) => n + l.quantity, 0)
  badge.hidden = !pieces
  badge.textContent = pieces
  badge.setAttribute('aria-label', t('in_cart_count', { n: pieces }))
  for (const f of listeners) f()
}

const until = {} // quote: when it expires, Unix ms
const promised = (l) => l.quote && !(l.until <= Date.now()) // of one whose end is not known the till will tell

const put = (button) => {
  const d = button.dataset
  const quantity = +one('[name=quantity]', button.form).value
  const there = lines.find((l) => l.id == d.add)
  const shown = one('.offer .price').dataset
  if (there) there.quantity = Math.min(there.quantity + quantity, 99)
  else lines.push({ id: d.add, title: d.title, picture: d.picture, price: +shown.amount, quote: shown.quote, until: until[shown.quote], quantity })
  change(lines)
  toast(t('added', { item: d.title }) + ' ', make('a', { href: '/shop/cart' }, t('have_a_look')))
}

const keep = (button) => {
  const id = button.dataset.wish
  kept = kept.includes(id) ? kept.filter((k) => k != id) : [...kept, id]
  save('localStorage', 'shop.kept', kept)
  button.setAttribute('aria-pressed', kept.includes(id))
}

export const watchCart = () => {
  tell()
  for (const button of all('[data-add]')) {
    const quantity = one('[name=quantity]', button.form)
    quantity.addEventListener('change', () => (button.dataset.beckonQuantity = quantity.value))
    button.addEventListener('click', () => put(button))
  }
  for (const button of all('[data-wish]')) {
    button.setAttribute('aria-pressed', kept.includes(button.dataset.wish))
    button.addEventListener('click', () => keep(button))
  }
  addEventListener('storage', (event) => {
    if (event.key == 'shop.cart') {
      lines = load('localStorage', 'shop.cart', [])
      tell()
    }
  })
  // What is sold out or in carts cannot be bought. A lower price holds from the moment that it is told, a higher one when the promise of
  // the old one has run out.
  beckon('on', 'stock', (frame) => {
    for (const button of all('[data-add]')) {
      if (button.dataset.add != frame.item_id) continue
      button.disabled = frame.level == 'out'
      button.textContent = t(button.disabled ? (frame.reserved ? 'in_a_cart' : 'sold_out') : 'add_to_cart')
    }
  })
  beckon('on', 'price', (frame) => {
    for (const button of all('[data-add]')) if (button.dataset.add == frame.item_id) button.dataset.beckonPrice = frame.amount
    until[frame.quote] = frame.expires
    const takes = (l) => l.id == frame.item_id && (frame.amount < l.price || (frame.amount > l.price && !promised(l)))
    if (lines.some(takes)) {
      change(lines.map((l) => (takes(l) ? { ...l, price: frame.amount, quote: frame.quote, until: frame.expires } : l)))
    }
  })
}
