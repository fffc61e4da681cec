// Frames from the server, at most one a second, on one connection: the new content of the page's live regions.
import { enliven, language, words } from "./page.js"
import { morph } from "./morph.js"

const firstWait = 2000 // ms after a connection that the browser does not try again by itself
const longestWait = 30000

let box, state, button, source, timer
let paused = false
let wait = firstWait

export function startLive() {
	box = document.querySelector("[data-live]")
	if (!box || !window.EventSource) return
	state = box.querySelector("[data-live-state]")
	button = box.querySelector("[data-live-pause]")
	box.hidden = false
	button.addEventListener("click", () => {
		paused = !paused
		button.textContent = paused ? words.resume : words.pause
		follow()
	})
	document.addEventListener("visibilitychange", follow)
	addEventListener("pagehide", stop)
	addEventListener("pageshow", (e) => e.persisted && follow())
	follow()
}

// follow connects where somebody looks and wants it, and not otherwise.
function follow() {
	if (paused) {
		stop()
		say(words.paused, "")
	} else if (document.hidden) {
		stop()
	} else if (!source) {
		connect()
	}
}

function connect() {
	clearTimeout(timer)
	const q = new URLSearchParams({ topic: box.dataset.live.split(" ").join(","), site: document.body.dataset.site || "", lang: language })
	say(words.again, "off")
	source = new EventSource("/admin/frames?" + q)
	source.onopen = () => {
		wait = firstWait
		say(words.live, "on")
	}
	source.onmessage = (e) => show(JSON.parse(e.data))
	source.onerror = () => {
		say(words.again, "off")
		if (source.readyState !== EventSource.CLOSED) return // the browser tries again by itself
		stop()
		timer = setTimeout(follow, wait + Math.random() * wait)
		wait = Math.min(wait * 2, longestWait)
	}
}

function stop() {
	clearTimeout(timer)
	source?.close()
	source = null
}

function say(text, name) {
	if (state.textContent !== text) state.textContent = text
	state.className = "live-state " + name
}

function show(frame) {
	for (const [id, html] of Object.entries(frame.regions || {})) {
		const region = document.getElementById(id)
		if (!region || !("region" in region.dataset)) continue
		morph(region, html)
		enliven(region)
	}
}
