// The till: what is in the cart is held, a code is taken off, a price that rose is paid only with consent.
import { t, one, make, money, load, save } from './page.js'
import { cart, change, onCart, total } from './cart.js'
import { ecommerce } from './cart_page.js'
import { ask, holdCart, orderDone, orderLines, orderNumber } from './held.js'
import { offerCode, offerUsed } from './offers.js'

const summary = (root, lines, sum) => {
  one('[data-summary]', root).replaceChildren(...lines.map((l) =>
    make('li', {}, make('span', {}, l.quantity + ' × ' + l.title), make('span', {}, money(l.price * l.quantity)))))
  one('[data-total]', root).textContent = money(sum)
}

const titled = (lines) => lines.map((l) => ({ ...l, title: cart().find((c) => c.id == l.id)?.title || l.id }))

// show says what is wrong, and offers what can be done about it: fewer pieces, or none, of what others were faster with, or the new total.
const show = (form, problem) => {
  const text = one('.problem', form)
  const fixes = one('[data-fixes]', form)
  const agree = one('.agree', form)
  text.hidden = !problem
  text.textContent = problem?.message || ''
  fixes.replaceChildren()
  if (problem?.code == 'sold_out') {
    const fix = make('button', { type: 'button', class: 'button quiet' }, problem.free ? t('take', { n: problem.free }) : t('go_on_without'))
    fix.addEventListener('click', () => {
      show(form, null)
      change(cart().flatMap((l) => (l.id != problem.item ? [l] : problem.free ? [{ ...l, quantity: problem.free }] : [])))
      if (!cart().length) location.href = '/shop/cart'
    })
    fixes.append(fix)
  }
  fixes.hidden = !fixes.firstChild
  agree.hidden = problem?.code != 'price_rose'
  form.elements.agree.required = !agree.hidden
  form.elements.agree.checked = false
  form.dataset.agreed = ''
  if (agree.hidden) return
  form.dataset.agreed = problem.order.total
  one('[data-agree]', form).textContent = money(problem.order.total)
  summary(form, titled(problem.order.lines), problem.order.total)
}

const place = async (form) => {
  const button = one('[type=submit]', form)
  const code = form.elements.code.value.trim()
  const agreed = form.elements.agree.checked ? +form.dataset.agreed : undefined
  button.disabled = true
  try {
    const got = await ask('/shop/checkout', { order: orderNumber(), lines: orderLines(), code, agreed })
    save('sessionStorage', 'shop.done', { ...got, titles: Object.fromEntries(cart().map((l) => [l.id, l.title])) })
    orderDone()
    if (code && code == offerCode()) offerUsed()
    change([])
    location.href = '/shop/thanks'
  } catch (e) {
    show(form, e.code ? e : new Error(t('not_ordered')))
    button.disabled = false
  }
}

export const checkout = () => {
  const form = one('[data-checkout]')
  if (!form) return
  if (!cart().length) return location.replace('/shop/cart')
  const refresh = () => cart().length && summary(form, cart(), total())
  onCart(refresh)
  refresh()
  form.elements.code.value = offerCode()
  holdCart(form, (problem) => show(form, problem))
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
  if (done.discount) {
    const saved = one('[data-saved]', root)
    one('b', saved).textContent = '−' + money(done.discount)
    saved.hidden = false
  }
  // Seen twice it counts once: the transaction has a number.
  beckon('track', 'purchase', {
    transaction_id: done.order, currency: done.currency, value: done.total,
    items: done.lines.map((l) => ({ item_id: l.id, price: l.price, quantity: l.quantity })),
  })
}
