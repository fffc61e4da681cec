// Pieces held at the till: the shop's backend reserves what is in the cart, and the page says until when.
import { t, one, load, save } from './page.js'
import { cart, onCart } from './cart.js'

const key = 'shop.held' // {ids, until}: what this browser's checkout holds

// heldHere says whether an item is held for this very shopper, or has just been bought by them.
export const heldHere = (id) => {
  const held = load('localStorage', key)
  return !!held && held.until > Date.now() && held.ids.includes(id)
}

// A number is kept until the order is taken, so that a second try is the same order.
export const orderNumber = () => {
  const order = load('sessionStorage', 'shop.order') || 'web-' + Date.now().toString(36) + '-' + Math.random().toString(36).slice(2, 8)
  save('sessionStorage', 'shop.order', order)
  return order
}

export const orderDone = () => {
  save('sessionStorage', 'shop.order', null)
  const held = load('localStorage', key)
  if (held) save('localStorage', key, { ...held, until: Date.now() + 10000 }) // the frames of our own purchase come after its answer
}

// ask sends an order to the till. What it refuses is an error with all that it said.
export const ask = async (path, body) => {
  const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const got = await answer.json()
  if (!answer.ok) throw Object.assign(new Error(got.error.message), got.error, { order: got.order })
  return got
}

export const orderLines = () => cart().map(({ id, price, quantity, quote }) => ({ id, price, quantity, quote }))

const clock = (ms) => new Date(ms).toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hour12: false })

// holdCart holds the cart for as long as the checkout is open, anew whenever the cart changes. refused gets what the till says when
// someone else was faster.
export const holdCart = (form, refused) => {
  const line = one('[data-held]', form)
  const text = one('span', line)
  const left = one('[data-countdown]', line)
  let until = 0
  let asked = ''
  const tick = () => {
    if (!until) return
    const seconds = Math.max(0, Math.round((until - Date.now()) / 1000))
    left.textContent = seconds ? Math.floor(seconds / 60) + ':' + String(seconds % 60).padStart(2, '0') : ''
    if (!seconds) {
      until = 0
      text.textContent = t('hold_over')
    }
  }
  const hold = async () => {
    const ids = cart().map((l) => l.id)
    const wanted = JSON.stringify(cart().map((l) => [l.id, l.quantity]))
    if (!ids.length || wanted == asked) return
    asked = wanted
    save('localStorage', key, { ids, until: Date.now() + 60000 })
    try {
      const got = await ask('/shop/checkout/hold', { order: orderNumber(), lines: orderLines() })
      if (asked != wanted) return
      until = Date.now() + got.for_ms
      save('localStorage', key, { ids, until })
      text.textContent = t('held_until', { time: clock(until) })
      line.hidden = false
      refused(null)
      tick()
    } catch (e) {
      if (asked != wanted) return
      until = 0
      line.hidden = true
      save('localStorage', key, null)
      refused(e)
    }
  }
  setInterval(tick, 1000)
  onCart(hold)
  hold()
}
