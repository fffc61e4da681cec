// Small things that the other parts share.
import { texts } from 'texts' // of web/text/messages/*/script.json: in the bundle, so that no page waits for its words

const lang = document.documentElement.lang
const own = texts[lang] || texts.en

const fill = (text, values) => text.replace(/{(\w+)}/g, (all, name) => values[name] ?? all)

// t is a text in the page's language, count the one that goes with a number.
export const t = (key, values = {}) => fill(own[key], values)
export const count = (key, n) => fill(own[key][n == 1 ? 'one' : 'other'], { n })

export const one = (selector, root = document) => root.querySelector(selector)
export const all = (selector, root = document) => [...root.querySelectorAll(selector)]

export const money = (amount, currency = 'EUR') => (amount / 100).toLocaleString(lang, { style: 'currency', currency })

// make builds an element; children are elements or text.
export const make = (name, attributes = {}, ...children) => {
  const el = document.createElement(name)
  for (const k in attributes) if (attributes[k] != null) el.setAttribute(k, attributes[k])
  el.append(...children)
  return el
}

export const toast = (...content) => {
  const p = make('p', {}, ...content)
  one('#toasts').append(p)
  setTimeout(() => p.remove(), 6000)
}

// Storage may be blocked; then the shop forgets, and works.
export const load = (area, name, otherwise) => {
  try {
    return JSON.parse(window[area].getItem(name)) ?? otherwise
  } catch {
    return otherwise
  }
}

export const save = (area, name, value) => {
  try {
    window[area].setItem(name, JSON.stringify(value))
  } catch {}
}
