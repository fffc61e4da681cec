// Who in the page wants to hear what: beckon('on', type, f). '*' hears everything.
import { safe } from './page.js'

const all = {}

export const listen = (type, f) => (all[type] = all[type] || []).push(safe(f))

export const tell = (type, value) => {
  for (const f of (all[type] || []).concat(all['*'] || [])) f(value, type)
}
