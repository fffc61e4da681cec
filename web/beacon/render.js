// Putting prices, stock and lists into the page. Only text and attributes are set, never markup, and only http addresses.
import { doc } from './page.js'
import { digits } from './datalayer.js'
import { words } from 'words' // made of web/text/messages/*/shopper.json when the beacon is built, in the order of web/build/words.go

const language = () => doc.documentElement.lang || 'en'
const texts = () => words[language().slice(0, 2)] || words.en

export const money = (amount, currency) =>
  (amount / 10 ** digits(currency)).toLocaleString(language(), { style: 'currency', currency })

export const make = (name, className, parent) => {
  const el = doc.createElement(name)
  el.className = className
  parent.append(el)
  return el
}

// say sets text. What changes, other than the first time, carries beckon-changed for two seconds.
const say = (el, text) => {
  if (el.textContent == text) return
  if (el.dataset.state) {
    el.classList.add('beckon-changed')
    setTimeout(() => el.classList.remove('beckon-changed'), 2e3)
  }
  el.dataset.state = 'ready'
  el.textContent = text
}

// A price: data-amount, data-list and data-lowest (of 30 days) tell the numbers, data-quote is the promise. An announced reduction has
// what it is measured from beside it, struck, and the lowest price of 30 days in words; a price that is only held says until when.
export const showPrice = (el, p) => {
  const d = el.dataset
  const cost = (amount) => money(amount, p.currency)
  const beside = (name, kind, text, value) => {
    el.append(' ')
    make(name, 'beckon-' + kind, el).textContent = text.replace('#', value)
  }
  d.quote = p.quote || ''
  if (d.amount == p.amount && d.list == p.list && d.beckonHeld == p.held) return
  d.amount = p.amount
  d.list = p.list
  d.lowest = p.lowest_30d ?? ''
  say(el, cost(p.amount))
  if (p.list > p.amount) {
    beside('s', 'list', '#', cost(p.list))
    if (p.lowest_30d) beside('small', 'lowest', texts()[5], cost(p.lowest_30d))
  }
  if (p.held) {
    d.beckonHeld = p.held
    beside('small', 'held', texts()[6], new Date(p.held).toLocaleTimeString(language(), { timeStyle: 'short' }))
  } else delete d.beckonHeld
}

// A stock level: data-level is one of in, low, out, back. It is read out when it changes, but not in lists: they would never be quiet.
// Whose cart it is in, or who bought, is not said: it may be the reader's own.
export const showStock = (el, s) => {
  const text = texts()
  el.dataset.level = s.level
  if (!el.closest('li')) el.setAttribute('role', 'status')
  say(el, s.level == 'low' ? (s.left ? text[1].replace('#', s.left) : text[2]) : text[s.sold ? 8 : s.reserved ? 7 : { in: 0, out: 3, back: 4 }[s.level]] || '')
}

const link = (url) => {
  const to = new URL(url, location)
  return /^http/.test(to.protocol) ? to.href : ''
}

// card is an item of a list: the widget's own <template>, or plain markup. Elements with data-field get what the field says; price and
// stock are widgets of their own.
export const card = (widget, item) => {
  const li = doc.createElement('li')
  const template = widget.querySelector('template')
  if (template) li.append(template.content.cloneNode(true))
  else {
    const a = make('a', 'beckon-item', li)
    a.dataset.field = 'url'
    for (const field of ['image', 'title', 'price', 'stock', 'reason']) make(field == 'image' ? 'img' : 'span', 'beckon-' + field, a).dataset.field = field
  }
  for (const el of li.querySelectorAll('[data-field]')) {
    const field = el.dataset.field
    if (field == 'price' || field == 'stock') {
      el.dataset.beckon = field
      el.dataset.item = item.item_id
    } else if (field == 'image') {
      el.alt = ''
      el.loading = 'lazy'
      if (item.image) el.src = link(item.image)
      else el.remove()
    } else if (field == 'url') {
      if (item.url) el.href = link(item.url)
    } else if (field == 'title') el.textContent = item.title || item.item_id
  }
  return li
}
