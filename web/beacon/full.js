// b.js: everything.
import { main } from './commands.js'
import { widgets } from './widgets.js'
import { seen } from './live.js'

main({ seen, ready: widgets })
