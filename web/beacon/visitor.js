// Who is here: a visitor that the server names and signs. The record lives in localStorage, or in a cookie with data-cookie, so that
// a shop's subdomains can share it. Times are by this machine's clock.
import { doc, options, key, now, get, put, safe, request } from './page.js'
import { mayStore } from './consent.js'

const days400 = 34560000 // seconds; browsers keep no cookie longer
const inCookie = 'cookie' in options
const cookieName = 'beckon_' + key

const load = () => {
  if (!inCookie) return get('v')
  return safe(() => JSON.parse(decodeURIComponent(doc.cookie.match(cookieName + '=([^;]+)')[1])))()
}

const save = () => {
  if (!inCookie) return put('v', record)
  doc.cookie = cookieName + '=' + encodeURIComponent(record ? JSON.stringify(record) : '') + ';path=/;samesite=lax;max-age=' +
    (record ? days400 : 0) + (options.cookie ? ';domain=' + options.cookie : '') + (location.protocol == 'https:' ? ';secure' : '')
}

let record = load() // {v: visitor, t: token, x: when it expires, w: socket address, d: how far the server's clock is ahead}
let asking

export const forget = () => {
  record = 0
  save()
}

const ask = async () => {
  const old = record || {}
  const answer = await request('session?k=' + key, { method: 'POST', body: JSON.stringify({ visitor: old.v, token: old.t }) })
  if (!answer.ok) throw answer
  const got = await answer.json()
  const other = mayStore() && load()
  // Two tabs that asked at the same time: the first one's visitor stands.
  record = other && other.v != old.v ? other : { v: got.visitor, t: got.token, x: now() + got.expires - got.server_time, w: got.ws, d: got.server_time - now() }
  if (mayStore()) save()
  return record
}

// session gives the record with a token that is good for another minute. It throws the answer when the server refuses.
export const session = async (renew) => {
  if (!renew && record && record.x > now() + 6e4) return record
  try {
    return await (asking = asking || ask())
  } finally {
    asking = 0
  }
}

export const known = () => record && record.v

// skew is how far the server's clock is ahead of this machine's, ms.
export const skew = () => record?.d || 0

export const remember = () => record && save()
