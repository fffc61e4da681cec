// Widgets: elements with data-beckon="recommendations", "price" or "stock". They are filled by one question each and then follow the
// socket; elements that come later are found. A list under the pointer or with the focus in it changes when it is left, so that
// nothing moves under a finger.
import { doc, now, on, later } from './page.js'
import { track } from './track.js'
import { recommendations } from './ask.js'
import { listen } from './listeners.js'
import { onScan } from './marks.js'
import { want, open, connected } from './live.js'
import { card, make, showPrice, showStock } from './render.js'
import { hold } from './lock.js'

const lists = new WeakMap() // widget: {asked, answer, kept}
const rows = new WeakMap() // element of a list: its item and list
const cells = new WeakMap() // price or stock: the item that it shows
const known = { price: {}, stock: {} } // by item
const shows = { price: showPrice, stock: showStock }
const shown = new Set() // rec_id and item of what was seen
let unseen = {} // rec_id: impression that waits to be sent

const all = (kind) => doc.querySelectorAll('[data-beckon="' + kind + '"]')

// know keeps the newest state of an item and shows it wherever the item stands. A price that rose waits until the promise ends; that
// the last piece was just sold is news for a minute.
const know = (kind, state) => {
  if (kind == 'price') {
    const next = state
    state = hold(next)
    if (state.held) later(() => known.price[next.item_id].next == next && know(kind, next), state.held - now())
  }
  if (state.sold) later(() => known[kind][state.item_id] == state && know(kind, { ...state, sold: 0 }), 6e4)
  known[kind][state.item_id] = state
  for (const el of all(kind)) if (el.dataset.item == state.item_id) shows[kind](el, state)
}

const onScreen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    const { item, list } = rows.get(target)
    const id = list.answer.rec_id
    if (!isIntersecting || shown.has(id + item)) continue
    shown.add(id + item)
    if (!unseen[id]) {
      unseen[id] = { items: [], rec_id: id, placement: list.answer.placement }
      later(() => {
        track('impression', unseen[id])
        delete unseen[id]
      }, 400)
    }
    unseen[id].items.push(item)
  }
}, { threshold: 0.5 })

// fill shows an answer. Items that stay keep their elements, and with them pictures and focus.
const fill = (widget, answer) => {
  const list = lists.get(widget)
  if (widget.matches(':hover,:focus-within') && widget.dataset.state) {
    list.kept = answer
    return
  }
  list.answer = answer
  list.kept = 0
  const ul = widget.querySelector('ul') || make('ul', 'beckon-list-of-items', widget)
  const old = {}
  for (const li of ul.children) old[li.dataset.id] = li
  const fresh = answer.items.slice(0, +widget.dataset.limit || 10).map((item) => {
    const id = item.item_id
    const li = old[id] || card(widget, item)
    if (!old[id] && widget.dataset.state) li.className = 'beckon-new'
    li.dataset.id = id
    for (const el of li.querySelectorAll('[data-field="reason"]')) el.textContent = item.reason?.text || ''
    rows.set(li, { item: id, list })
    onScreen.unobserve(li)
    onScreen.observe(li)
    return li
  })
  ul.replaceChildren(...fresh)
  widget.dataset.state = fresh[0] ? 'ready' : 'empty'
  for (const item of answer.items) for (const kind in shows) if (item[kind]) know(kind, { ...item[kind], item_id: item.item_id })
}

const question = (widget) => {
  const query = { placement: 'home' }
  for (const k of ['placement', 'item', 'category', 'limit']) if (widget.dataset[k]) query[k] = widget.dataset[k]
  return query
}

// load asks for a list. What the socket has told in the meantime is newer than the answer.
const load = (widget) => {
  const list = lists.get(widget) || {}
  lists.set(widget, list)
  const query = question(widget)
  const asked = (list.asked = JSON.stringify(query))
  const before = list.answer
  recommendations(query, (answer) => answer && list.asked == asked && list.answer == before && fill(widget, answer))
}

const release = (event) => {
  const widget = event.target.closest?.('[data-beckon="recommendations"]')
  if (widget) later(() => lists.get(widget)?.kept && fill(widget, lists.get(widget).kept), 50)
}

const scan = () => {
  const placements = {}
  for (const widget of all('recommendations')) {
    const { placement, item = '', category } = question(widget)
    if (lists.get(widget)?.asked != JSON.stringify(question(widget))) load(widget)
    if (!category) placements[placement] ??= item
  }
  const items = new Set()
  for (const kind in shows) {
    for (const el of all(kind)) {
      const id = el.dataset.item
      if (!id) continue
      items.add(id)
      if (known[kind][id] && cells.get(el) != id) shows[kind](el, known[kind][id])
      cells.set(el, id)
    }
  }
  want([...items], placements)
}

// What a frame says goes to the lists of its placement that ask for what was subscribed. A list of a category is asked for anew.
const pushed = (frame) => {
  let first
  for (const widget of all('recommendations')) {
    const { placement, item = '', category } = question(widget)
    if (placement != frame.placement || !lists.get(widget)) continue
    if (category) load(widget)
    else if ((first ??= item) == item) fill(widget, frame)
  }
}

export const widgets = () => {
  listen('price', (frame) => know('price', frame))
  listen('stock', (frame) => know('stock', frame))
  listen('recommendations', pushed)
  // Without a socket the shopper's own acts still change the lists.
  listen('sent', ({ events }) => {
    if (!connected() && events.some((e) => /^(view_item|add_to_cart|remove_from_cart|purchase)$/.test(e.name))) for (const widget of all('recommendations')) load(widget)
  })
  on(doc, 'mouseout', release)
  on(doc, 'focusout', release)
  on(doc, 'click', (event) => {
    const li = event.target.closest?.('[data-beckon="recommendations"] li')
    const { item, list } = rows.get(li) || {}
    if (list && event.target.closest('a')) track('select_item', { items: [item], rec_id: list.answer.rec_id, placement: list.answer.placement })
  }, true)
  onScan(scan)
  scan()
  open()
}
