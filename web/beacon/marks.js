// Marks in the page's own markup. What is there counts once it is there: data-beckon-view="sku", data-beckon-search="words". What is
// clicked counts when it is: data-beckon-add-to-cart="sku", -remove-from-cart, -add-to-wishlist, -select-item, -begin-checkout. Beside
// them data-beckon-price (minor units), -currency, -quantity, -category, -placement and -rec-id.
import { doc, on, later } from './page.js'
import { track } from './track.js'

const clicked = /^beckon((Add|Remove|Select|Begin)\w+)/
const seen = new WeakMap()
const scanners = []

const mark = (name, el, id) => {
  const d = el.dataset
  const item = { item_id: id, price: +d.beckonPrice, quantity: +d.beckonQuantity, category: d.beckonCategory } // NaN is written as null: absent
  track(name, { items: id ? [item] : [], currency: d.beckonCurrency, placement: d.beckonPlacement, rec_id: d.beckonRecId })
}

// once calls f for every element that says something new in its attribute.
const once = (attribute, f) => {
  for (const el of doc.querySelectorAll('[data-beckon-' + attribute + ']')) {
    const said = el.getAttribute('data-beckon-' + attribute)
    if (said && seen.get(el) != said) {
      seen.set(el, said)
      f(el, said)
    }
  }
}

const scan = () => {
  once('view', (el, id) => mark('view_item', el, id))
  once('search', (el, words) => track('search', { search_term: words }))
  for (const f of scanners) f()
}

// onScan adds what else is to be looked for when the page changes.
export const onScan = (f) => scanners.push(f)

let planned
const plan = () => {
  planned = planned || later(() => {
    planned = 0
    scan()
  }, 30)
}

export const watchMarks = () => {
  on(doc, 'click', (event) => {
    for (let el = event.target; el?.dataset; el = el.parentElement) {
      for (const k in el.dataset) {
        const name = clicked.exec(k)?.[1]
        if (name) mark(name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase(), el, el.dataset[k])
      }
    }
  }, true)
  scan()
  new MutationObserver(plan).observe(doc, {
    childList: true, subtree: true, attributes: true, attributeFilter: ['data-beckon-view', 'data-beckon-search', 'data-item', 'data-placement', 'data-category'],
  })
}
