// The till. An order keeps its number until the shop's backend has taken it, so that a second try is the same order.
import { one, make, money, load, save } from './page.js'
import { cart, change, onCart, total } from './cart.js'
import { ecommerce } from './cart_page.js'

const summary = (root, lines, sum) => {
  one('[data-summary]', root).replaceChildren(...lines.map((l) =>
    make('li', {}, make('span', {}, l.quantity + ' × ' + l.title), make('span', {}, money(l.price * l.quantity)))))
  one('[data-total]', root).textContent = money(sum)
}

const newOrder = () => 'web-' + Date.now().toString(36) + '-' + Math.random().toString(36).slice(2, 8)

const place = async (form) => {
  const button = one('[type=submit]', form)
  const problem = one('.problem', form)
  const order = load('sessionStorage', 'shop.order') || newOrder()
  save('sessionStorage', 'shop.order', order)
  button.disabled = true
  problem.hidden = true
  try {
    const answer = await fetch('/shop/checkout', {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ order, lines: cart().map((l) => ({ id: l.id, quantity: l.quantity })) }),
    })
    const got = await answer.json()
    if (!answer.ok) throw new Error(got.error.message)
    save('sessionStorage', 'shop.done', { ...got, titles: Object.fromEntries(cart().map((l) => [l.id, l.title])) })
    save('sessionStorage', 'shop.order', null)
    change([])
    location.href = '/shop/thanks'
  } catch (e) {
    problem.textContent = e.message || 'The order did not go through. Try again in a moment.'
    problem.hidden = false
    button.disabled = false
  }
}

export const checkout = () => {
  const form = one('[data-checkout]')
  if (!form) return
  if (!cart().length) return location.replace('/shop/cart')
  const show = () => cart().length && summary(form, cart(), total())
  onCart(show)
  show()
  dataLayer.push({ event: 'begin_checkout', ecommerce: ecommerce() })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    place(form)
  })
}

export const thanks = () => {
  const root = one('[data-thanks]')
  if (!root) return
  const done = load('sessionStorage', 'shop.done')
  if (!done) return location.replace('/shop')
  one('[data-order]', root).textContent = done.order
  summary(root, done.lines.map((l) => ({ ...l, title: done.titles[l.id] || l.id })), done.total)
  // Seen twice it counts once: the transaction has a number.
  beckon('track', 'purchase', {
    transaction_id: done.order, currency: done.currency, value: done.total,
    items: done.lines.map((l) => ({ item_id: l.id, price: l.price, quantity: l.quantity })),
  })
}
