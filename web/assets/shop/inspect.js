// The page that shows the log, live.
import { t, one, make } from './page.js'
import { channel, clear, entries, onEntry } from './log.js'

const shown = 80 // rows

const median = (numbers) => (numbers.length ? numbers.sort((a, b) => a - b)[numbers.length >> 1] + ' ms' : '–')

const time = (at) => new Date(at).toLocaleTimeString('en-GB') + '.' + String(at % 1000).padStart(3, '0')

const row = (e) => make('tr', {},
  make('td', {}, time(e.at)), make('td', { class: e.kind }, t(e.kind)),
  make('td', {}, e.what), make('td', {}, e.details), make('td', {}, e.ms == null ? '' : String(e.ms)))

export const inspect = () => {
  const root = one('[data-inspect]')
  if (!root) return
  const body = one('tbody', root)
  const figure = (name, text) => (one('[data-figure="' + name + '"]', root).textContent = text)

  const chart = (latencies) => {
    const svg = one('[data-chart]', root)
    const top = Math.max(10, ...latencies)
    svg.replaceChildren(...latencies.slice(-60).map((ms, i, list) => {
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
      const height = Math.max(2, (ms / top) * 108)
      for (const [k, v] of Object.entries({ x: 600 - (list.length - i) * 10, y: 114 - height, width: 7, height, rx: 2 })) bar.setAttribute(k, v)
      return bar
    }))
    figure('worst', latencies.length ? t('worst', { ms: Math.max(...latencies) }) : '')
  }

  const show = (log) => {
    const sent = log.filter((e) => e.kind == 'sent')
    const latencies = log.filter((e) => e.kind == 'pushed' && e.ms != null).map((e) => e.ms)
    figure('sent', sent.reduce((n, e) => n + e.n, 0))
    figure('received', log.filter((e) => e.kind == 'pushed').reduce((n, e) => n + e.n, 0))
    figure('stored', median(sent.filter((e) => e.n).map((e) => e.ms)))
    figure('latency', median([...latencies]))
    chart(latencies)
    one('.nothing', root).hidden = log.length > 0
    body.replaceChildren(...log.slice(-shown).reverse().map(row))
  }

  let planned
  const plan = () => {
    planned = planned || setTimeout(() => {
      planned = 0
      show(entries())
    }, 50)
  }
  channel?.addEventListener('message', plan)
  onEntry(plan)
  one('[data-clear]', root).addEventListener('click', () => {
    clear()
    plan()
  })
  show(entries())
}
