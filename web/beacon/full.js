// b.js: everything.
import { main } from './commands.js'
import { widgets } from './widgets.js'
import { seen } from './live.js'
import { prices } from './ask.js'
import { hold } from './lock.js'

// What the page asks for is what the widgets show.
const held = (items, given) => prices(items, (answer) => given?.(answer && { ...answer, prices: answer.prices.map(hold) }))

main({ seen, prices: held, ready: widgets })
