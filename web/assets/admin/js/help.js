// Puts an explanation beside the question mark that asks for it.
export function startHelp() {
	document.addEventListener("toggle", (e) => {
		const text = e.target
		if (e.newState !== "open" || !text.classList?.contains("help-text")) return
		const asked = document.activeElement?.getAttribute("popovertarget") === text.id ? document.activeElement : document.querySelector(`[popovertarget="${text.id}"]`)
		const at = asked.getBoundingClientRect()
		const width = text.offsetWidth
		const below = at.bottom + 8 + text.offsetHeight < innerHeight
		text.style.inset = "auto"
		text.style.left = Math.max(16, Math.min(at.left + at.width / 2 - width / 2, document.documentElement.clientWidth - width - 16)) + "px"
		text.style.top = (below ? at.bottom + 8 : Math.max(8, at.top - 8 - text.offsetHeight)) + "px"
	}, true)
}
