// The cart's page. Rows are rebuilt only when lines come or go, so that a price change does not take the focus away.
import { t, one, make, money } from './page.js'
import { cart, change, onCart, total } from './cart.js'

const row = (line) => {
  const amount = make('input', { type: 'number', min: 1, max: 99, value: line.quantity, 'aria-label': t('quantity_of', { item: line.title }) })
  const remove = make('button', { type: 'button', 'data-beckon-remove-from-cart': line.id, 'data-beckon-quantity': line.quantity }, t('remove'))
  amount.addEventListener('change', () => {
    const quantity = Math.min(Math.max(Math.round(+amount.value) || 1, 1), 99)
    amount.value = quantity
    const before = cart().find((l) => l.id == line.id).quantity
    if (quantity == before) return
    beckon('track', quantity > before ? 'add_to_cart' : 'remove_from_cart', {
      currency: 'EUR', items: [{ item_id: line.id, price: line.price, quantity: Math.abs(quantity - before) }],
    })
    remove.dataset.beckonQuantity = quantity
    change(cart().map((l) => (l.id == line.id ? { ...l, quantity } : l)))
  })
  remove.addEventListener('click', () => change(cart().filter((l) => l.id != line.id)))
  return make('li', { 'data-id': line.id },
    make('img', { src: line.picture, alt: '', width: 84, height: 84 }),
    make('span', { class: 'what' },
      make('a', { href: '/shop/p/' + line.id }, line.title),
      make('span', { class: 'price', 'data-beckon': 'price', 'data-item': line.id, 'data-amount': line.price, 'data-list': line.price }, money(line.price)),
      make('span', { class: 'stock', 'data-beckon': 'stock', 'data-item': line.id })),
    amount, remove)
}

export const showCart = () => {
  const root = one('[data-cart]')
  if (!root) return
  const list = one('.lines', root)
  const show = () => {
    const lines = cart()
    const ids = lines.map((l) => l.id).join()
    if (list.dataset.ids != ids) {
      list.dataset.ids = ids
      list.replaceChildren(...lines.map(row))
    }
    one('.nothing', root).hidden = lines.length > 0
    one('aside', root).hidden = !lines.length
    one('[data-total]', root).textContent = money(total())
  }
  onCart(show)
  show()
  if (cart().length) {
    dataLayer.push({ event: 'view_cart', ecommerce: ecommerce() })
  }
}

// ecommerce is the cart as GA4's data layer has it: decimal prices.
export const ecommerce = () => ({
  currency: 'EUR', value: total() / 100,
  items: cart().map((l) => ({ item_id: l.id, item_name: l.title, price: l.price / 100, quantity: l.quantity })),
})
