// The socket: one for the page, open while the page is shown in the tab or waits behind another. Its frames go to listeners; what was
// asked for is asked for again after every reconnect.
import { win, doc, key, now, on, later, safe } from './page.js'
import { session } from './visitor.js'
import { jitter } from './send.js'
import { tell, listen } from './listeners.js'

const most = 60 // items; the server allows 64
const beat = 25e3 // ms
const resume = 'beckon.' + key + '.o'

let socket, ready, heard, timer, renew, gone
let tries = 0
let last = safe(() => JSON.parse(sessionStorage.getItem(resume)))() || [] // epoch and offset of the last frame, of this tab
let items = []
let placements = {} // name: item whose page it stands on

const send = (frame) => ready && socket.send(JSON.stringify(frame))

const subscribe = (items, placements) => {
  // A frame may have 4 KiB.
  for (let i = 0; i < items.length; i += 50) send({ type: 'subscribe', items: items.slice(i, i + 50) })
  for (const name in placements) send({ type: 'subscribe', placements: [name], item: placements[name] || undefined })
}

// want names what the page shows. Only the difference is told to the server.
export const want = (wantedItems, wantedPlacements) => {
  wantedItems = wantedItems.slice(0, most)
  const left = items.filter((id) => !wantedItems.includes(id))
  const ended = Object.keys(placements).filter((name) => !(name in wantedPlacements))
  if (left[0] || ended[0]) send({ type: 'unsubscribe', items: left, placements: ended })
  const fresh = {}
  for (const name in wantedPlacements) if (placements[name] !== wantedPlacements[name]) fresh[name] = wantedPlacements[name]
  subscribe(wantedItems.filter((id) => !items.includes(id)), fresh)
  items = wantedItems
  placements = wantedPlacements
}

export const connected = () => ready

const again = (ms) => {
  clearTimeout(timer)
  if (!gone) timer = later(connect, ms)
}

const received = (event) => {
  const frame = JSON.parse(event.data)
  heard = now()
  if (frame.epoch) last = [frame.epoch, frame.offset]
  if (frame.type == 'hello') {
    ready = 1
    tries = renew = 0
    subscribe(items, placements)
  }
  tell(frame.type, frame)
}

// From 3500 on a close code says stop; a token that is bad or old is renewed first. 3001 says over how long to spread the return.
const closed = ({ code, reason }) => {
  clearTimeout(timer)
  ready = 0
  const spread = code == 3001 && safe(JSON.parse)(reason)?.retry_ms
  if (code == 3501 || code == 3502) {
    if (renew) return
    renew = 1
  } else if (code >= 3500 && code < 4e3) return
  again(spread ? Math.random() * spread : jitter(tries++))
}

// The browser answers the server's pings unseen; this one finds out whether the server still hears us.
const check = () => {
  if (now() - heard > 2 * beat) return socket.close()
  send({ type: 'ping' })
  timer = later(check, beat)
}

const connect = async () => {
  try {
    const who = await session(renew)
    if (gone) return
    socket?.close()
    const s = (socket = new WebSocket(who.w + '?k=' + key + '&lang=' + doc.documentElement.lang, 'beckon.v1'))
    heard = now()
    on(s, 'open', () => {
      s.send(JSON.stringify({ type: 'hello', token: who.t, epoch: last[0], offset: last[1] }))
      timer = later(check, beat)
    })
    on(s, 'message', received)
    on(s, 'close', (event) => s == socket && closed(event))
  } catch (e) {
    if (!e.status || e.status > 403) again(jitter(tries++)) // a key that is refused stays refused
  }
}

// A page in the browser's back-forward cache may hold no socket.
export const open = () => {
  connect()
  on(win, 'pagehide', () => {
    gone = 1
    ready = 0
    safe(() => sessionStorage.setItem(resume, JSON.stringify(last)))()
    socket?.close()
  })
  on(win, 'pageshow', (event) => {
    if (event.persisted) {
      gone = 0
      again(0)
    }
  })
  on(win, 'online', () => ready || again(0))
}

// seen tells the server that an offer was shown.
export const seen = (id) => send({ type: 'seen', id })
