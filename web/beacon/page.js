// What the script knows of the page it runs in, and the few ways in which it touches it. Everything called by the page or by the
// browser goes through safe: the beacon never throws into the page.

export const win = window
export const doc = document
const tag = doc.currentScript || doc.querySelector('script[data-key]') || { dataset: {}, src: '' }
export const options = tag.dataset
export const key = options.key
// The API stands beside the script: https://HOST/b.js and https://HOST/v1/…
export const api = tag.src.replace(/[^/]*$/, 'v1/')

export const now = () => Date.now()

export const safe = (f) => (...args) => {
  try {
    return f(...args)
  } catch (e) {}
}

export const on = (target, type, f, options) => target.addEventListener(type, safe(f), options)

export const later = (f, ms) => setTimeout(safe(f), ms)

// request asks the API; an answer has 30 s, where the browser can count them.
export const request = (path, init) => fetch(api + path, { credentials: 'omit', signal: AbortSignal.timeout?.(3e4), ...init })

// The time, so that ids sort by it as far as clocks do, and 80 random bits.
export const newID = () => crypto.getRandomValues(new Uint8Array(16)).reduce((id, b) => id + (b & 31).toString(32), now().toString(36))

// Storage keeps what must outlive the page. It may be blocked; then what is put is simply not there later. Keys carry the public
// key, so that two sites on one origin stay apart.
const prefix = 'beckon.' + key + '.'

export const get = (name) => {
  try {
    return JSON.parse(localStorage.getItem(prefix + name))
  } catch (e) {}
}

export const put = safe((name, value) => {
  if (value) localStorage.setItem(prefix + name, JSON.stringify(value))
  else localStorage.removeItem(prefix + name)
})

export const stored = () => (safe(() => Object.keys(localStorage))() || [])
  .filter((k) => k.startsWith(prefix)).map((k) => k.slice(prefix.length))
