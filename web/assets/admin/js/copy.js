// Buttons that copy an id or a key.
import { all, toast, words } from "./page.js"

export const showCopying = (root) => all(root, "[data-copy]").forEach((button) => (button.hidden = false))

export function startCopying() {
	document.addEventListener("click", async (e) => {
		const button = e.target.closest?.("[data-copy]")
		if (!button) return
		await copy(button.dataset.copy)
		toast(words.copied)
	})
}

async function copy(text) {
	try {
		await navigator.clipboard.writeText(text)
	} catch { // not a secure context: the old way
		const area = document.createElement("textarea")
		area.value = text
		document.body.append(area)
		area.select()
		document.execCommand("copy")
		area.remove()
	}
}
