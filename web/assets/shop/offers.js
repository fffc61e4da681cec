// The shopper's offer: it arrives by push, stays on every page until it ends, is used or is put away, and says why it is there.
import { t, one, make, money, load, save } from './page.js'

const key = 'shop.offer'
const current = () => {
  const offer = load('localStorage', key)
  return offer && offer.expires > Date.now() ? offer : null
}

// offerCode is the code of the offer that can be used now, '' without one.
export const offerCode = () => current()?.code || ''
export const offerUsed = () => {
  save('localStorage', key, null)
  one('#offer')?.remove()
}

const worth = ({ kind, value, currency }) => (kind == 'percent' ? t('percent_off', { value }) : t('amount_off', { value: money(value, currency) }))

const left = (expires) => {
  const minutes = Math.ceil((expires - Date.now()) / 60000)
  return minutes > 1 ? t('minutes_more', { n: minutes }) : t('last_minute')
}

const show = (offer) => {
  one('#offer')?.remove()
  if (!offer || one('[data-checkout]')) return // the till has the code in its field
  const until = make('time', { datetime: new Date(offer.expires).toISOString() }, left(offer.expires))
  const away = make('button', { type: 'button', class: 'away', 'aria-label': t('put_away') }, '×')
  away.addEventListener('click', () => {
    save('localStorage', key, { ...offer, away: true })
    one('#offer').remove()
  })
  document.body.append(make('aside', { id: 'offer', 'aria-label': t('an_offer') },
    away,
    make('strong', {}, offer.title),
    make('p', {}, worth(offer.discount) + ' ', until),
    make('p', {}, t('code') + ' ', make('code', {}, offer.code)),
    make('a', { class: 'button', href: '/shop/checkout' }, t('use_it')),
    make('small', {}, offer.disclosure)))
  const timer = setInterval(() => {
    if (!current()) return clearInterval(timer), one('#offer')?.remove()
    until.textContent = left(offer.expires)
  }, 15000)
}

export const offers = () => {
  const kept = current()
  if (kept && !kept.away) show(kept)
  beckon('on', 'offer', (frame) => {
    if (current()?.id == frame.id) return
    save('localStorage', key, frame)
    show(frame)
    beckon('seen', frame.id)
  })
  addEventListener('storage', (event) => {
    if (event.key != key) return
    const offer = current()
    show(offer && !offer.away ? offer : null)
  })
}
