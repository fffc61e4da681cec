// GA4's data layer: what a shop already pushes for Google counts here too. Both forms are read, gtag('event', …) and
// {event, ecommerce}; entries from before the script are read first.
// https://developers.google.com/analytics/devguides/collection/ga4/ecommerce
import { win, options, safe } from './page.js'
import { consent } from './consent.js'
import { track } from './track.js'

const names = /^(view_(item|cart|search)|select_item|add_|remove_|begin_|(purchase|refund|search|login|sign_up)$)/

// ISO 4217: how many decimals a currency's minor unit has.
export const digits = (currency) =>
  /BIF|CLP|DJF|GNF|ISK|JPY|KMF|KRW|PYG|RWF|UGX|UYI|VND|VUV|XAF|XOF|XPF/.test(currency) ? 0
    : /BHD|IQD|JOD|KWD|LYD|OMR|TND/.test(currency) ? 3 : /CLF|UYW/.test(currency) ? 4 : 2

// Moving the point in the text keeps 1.005 what it says. What is no number becomes NaN, which JSON writes as null: absent.
const minor = (amount, currency) => Math.round(amount + 'e' + digits(currency))

const event = (name, params) => {
  if (!names.test(name) || !params) return
  const currency = params.currency?.toUpperCase()
  track(name, {
    currency,
    value: minor(params.value, currency),
    transaction_id: params.transaction_id?.toString(),
    search_term: params.search_term,
    items: params.items?.map((item) => ({
      item_id: '' + (item.item_id || item.id),
      price: minor(item.price, currency),
      quantity: Math.round(item.quantity) || undefined,
      category: item.item_category,
    })),
  })
}

const read = safe((entry) => {
  if (entry[0] == 'consent') consent(entry[2], entry[1] == 'default')
  else if (entry[0] == 'event') event(entry[1], entry[2] || {})
  else event(entry.event, entry.ecommerce || entry)
})

export const readDataLayer = () => {
  const name = options.layer || 'dataLayer'
  const layer = (win[name] = win[name] || [])
  const push = layer.push
  layer.push = (...entries) => {
    const result = push.apply(layer, entries)
    entries.forEach(read)
    return result
  }
  layer.slice().forEach(read)
}
