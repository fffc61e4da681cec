// The price lock: a price that this browser was shown is kept to until its quote expires, on every page and in every tab. A lower one
// takes its place at once; a higher one waits.
import { now, later, get, put } from './page.js'
import { mayStore } from './consent.js'
import { skew } from './visitor.js'

const most = 50 // items
let kept = get('p') || {} // item: its promised price, with until, this machine's time
let saving

const save = () => {
  saving = 0
  const all = Object.values({ ...get('p'), ...kept }) // another tab's promises stand beside ours
  kept = {}
  for (const p of all.filter((p) => p.until > now()).sort((a, b) => b.until - a.until).slice(0, most)) kept[p.item_id] = p
  if (mayStore()) put('p', kept)
}

// hold takes a price as it is in force and returns the one to show: itself, or the promised one with held, when that ends, and next,
// what takes its place then.
export const hold = (p) => {
  const k = kept[p.item_id]
  if (k?.until > now() && k.currency == p.currency && k.amount < p.amount) return { ...k, reason: 'locked', held: k.until, next: p }
  kept[p.item_id] = { ...p, until: p.expires - skew() }
  saving = saving || later(save, 0)
  return p
}
