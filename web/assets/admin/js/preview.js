// Shows what a form would do while it is being filled in: its fields are asked about 300 ms after the last change.
import { all, ask, enliven, problem, toast, words } from "./page.js"
import { morph } from "./morph.js"

const calm = 300 // ms
const longest = 15000

export function startPreviews(root) {
	for (const form of all(root, "form[data-preview]:not([data-previewing])")) {
		form.dataset.previewing = ""
		let timer, asked
		const show = async () => {
			const into = document.getElementById(form.dataset.previewInto)
			if (!into) return
			asked?.abort()
			const mine = (asked = new AbortController())
			const timeout = setTimeout(() => mine.abort(), longest)
			const apart = !form.contains(into) // a form that shows itself anew keeps what was entered, and is not dimmed
			if (apart) into.setAttribute("aria-busy", "true")
			try {
				const html = await ("previewPost" in form.dataset ? ask(form.dataset.preview, mine.signal, fields(form)) : ask(address(form), mine.signal))
				if (mine !== asked) return
				morph(into, html)
				enliven(into)
			} catch {
				if (mine !== asked) return
				if (apart) into.replaceChildren(problem(words.problem, words.previews))
				else toast(words.previews)
			} finally {
				clearTimeout(timeout)
				if (mine === asked) into.removeAttribute("aria-busy")
			}
		}
		form.addEventListener("input", () => {
			clearTimeout(timer)
			timer = setTimeout(show, calm)
		})
		const into = document.getElementById(form.dataset.previewInto)
		if (into && !into.firstElementChild) show()
	}
}

// fields are the form's as it would send them, with what proves where they come from: for forms that an address cannot hold.
const fields = (form) => {
	const all = new URLSearchParams()
	for (const [name, value] of new FormData(form)) if (typeof value === "string" && form.elements[name]?.type !== "password") all.append(name, value)
	return all
}

// address is the preview's, with the form's fields but what is secret.
function address(form) {
	const url = new URL(form.dataset.preview, location.href)
	for (const [name, value] of new FormData(form)) {
		if (typeof value === "string" && name !== "csrf" && form.elements[name]?.type !== "password") url.searchParams.append(name, value)
	}
	return url
}
