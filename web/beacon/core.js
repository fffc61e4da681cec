// b-core.js: collects, and answers beckon('recommendations') and beckon('prices'); no widgets, no socket.
import { main } from './commands.js'

main()
