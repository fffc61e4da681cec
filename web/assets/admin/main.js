// The dashboard's scripts. They only add life: every page works without them. Each part makes one kind of element alive, wherever it
// comes from: the page, a live frame, a fragment or a preview.
import { startAsking } from "./js/ask.js"
import { drawCharts } from "./js/chart.js"
import { startCopying, showCopying } from "./js/copy.js"
import { startFlash } from "./js/flash.js"
import { loadFragments } from "./js/fragments.js"
import { startGuard } from "./js/guard.js"
import { startHelp } from "./js/help.js"
import { startKeys } from "./js/keys.js"
import { startLive } from "./js/live.js"
import { onInsert, enliven } from "./js/page.js"
import { startPreviews } from "./js/preview.js"
import { startTheme } from "./js/theme.js"
import { showTimes } from "./js/times.js"

onInsert(showTimes)
onInsert(drawCharts)
onInsert(showCopying)
onInsert(loadFragments)
onInsert(startPreviews)
startTheme()
startAsking()
startCopying()
startFlash()
startGuard()
startHelp()
startKeys()
enliven(document.body)
startLive()
