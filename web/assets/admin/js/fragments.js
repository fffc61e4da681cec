// Parts of the page that take longer than the page: fetched once it is there.
import { all, ask, enliven, problem, words } from "./page.js"

const longest = 60000 // ms

export const loadFragments = (root) => all(root, "[data-src]:not([data-loaded])").forEach(load)

async function load(box) {
	const skeleton = [...box.children]
	box.dataset.loaded = "" // asked once, whatever happens
	box.setAttribute("aria-busy", "false")
	const status = box.querySelector(".deferred-link")
	if (status) status.hidden = true
	const note = document.createElement("p")
	note.className = "unseen"
	note.setAttribute("role", "status")
	note.textContent = words.loading + " " + (box.dataset.label || "")
	box.append(note)
	try {
		const html = await ask(box.dataset.src, AbortSignal.timeout(longest))
		box.innerHTML = html
		enliven(box)
	} catch {
		const again = () => {
			box.replaceChildren(...skeleton)
			load(box)
		}
		box.replaceChildren(problem(words.problem + (box.dataset.label ? ": " + box.dataset.label : ""), words.trouble, again))
	}
}
