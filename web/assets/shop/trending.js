// What others look at, asked for with the shop's public key every few seconds while the page is seen.
import { count, one, make } from './page.js'

const every = 5000 // ms

export const trending = () => {
  const section = one('[data-trending]')
  if (!section) return
  const key = one('script[data-key]').dataset.key
  const list = one('ol', section)
  const show = async () => {
    setTimeout(show, every)
    if (document.hidden || section.matches(':hover,:focus-within')) return
    try {
      const answer = await fetch('/v1/trending?window=5m&limit=6', { headers: { 'X-Beckon-Key': key } })
      if (!answer.ok) return
      const { items } = await answer.json()
      section.hidden = !items.length
      list.replaceChildren(...items.map((it) => make('li', {},
        make('a', { href: '/shop/p/' + encodeURIComponent(it.item_id) },
          make('img', { src: '/shop/pictures/' + encodeURIComponent(it.item_id) + '.svg', alt: '', width: 60, height: 60 }),
          make('span', {}, make('b', {}, it.title || it.item_id), count('views', it.views))))))
    } catch {}
  }
  show()
}
