// "/" goes to the search, "?" shows the shortcuts, Escape closes what hangs open.
export function startKeys() {
	document.addEventListener("keydown", (e) => {
		if (e.key === "Escape") close(e.target)
		if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.("input, select, textarea, [contenteditable]")) return
		if (e.key === "/") {
			const field = document.querySelector("main input[type=search]") || document.querySelector("main .filters :is(input:not([type=hidden]), select)")
			if (!field) return
			e.preventDefault()
			field.focus()
			field.select?.()
		}
		if (e.key === "?" && !document.querySelector("dialog[open]")) document.getElementById("shortcuts")?.showModal()
	})
	document.addEventListener("click", (e) => {
		for (const menu of document.querySelectorAll(".side details[open]")) {
			const own = menu.classList.contains("toggle") ? menu.parentElement : menu
			if (!own.contains(e.target)) menu.open = false
		}
	})
}

function close() {
	for (const menu of document.querySelectorAll(".side details[open]")) {
		menu.open = false
		menu.querySelector("summary").focus()
	}
}
