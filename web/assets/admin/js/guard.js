// Warns before a page with changes that were not saved is left.
import { words } from "./page.js"

export function startGuard() {
	const changed = new Set()
	document.addEventListener("input", (e) => {
		const form = e.target.form
		if (form && "guard" in form.dataset && !form.querySelector("[type=password]")) changed.add(form)
	})
	document.addEventListener("submit", (e) => !e.defaultPrevented && changed.delete(e.target))
	document.addEventListener("reset", (e) => changed.delete(e.target))
	addEventListener("beforeunload", (e) => {
		for (const form of changed) {
			if (!form.isConnected) continue
			e.preventDefault()
			e.returnValue = words.unsaved // older browsers show it
			return
		}
	})
}
