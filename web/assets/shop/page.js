// Small things that the other parts share.
export const one = (selector, root = document) => root.querySelector(selector)
export const all = (selector, root = document) => [...root.querySelectorAll(selector)]

export const money = (amount, currency = 'EUR') => (amount / 100).toLocaleString('en', { style: 'currency', currency })

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
