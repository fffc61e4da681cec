// Light, dark or as the system: kept in a cookie that the server reads, so that no page flashes in the wrong colours.
import { toast, words } from "./page.js"

const year = 365 * 24 * 3600 // s
const order = { "": "dark", dark: "light", light: "" }

export function startTheme() {
	const root = document.documentElement
	const system = matchMedia("(prefers-color-scheme: dark)")
	const tell = () => document.dispatchEvent(new Event("themechange"))
	system.addEventListener("change", tell)
	for (const button of document.querySelectorAll("[data-theme-toggle]")) {
		button.hidden = false
		button.addEventListener("click", () => {
			const theme = order[root.dataset.theme || ""]
			if (theme) root.dataset.theme = theme
			else delete root.dataset.theme
			document.cookie = `beckon_theme=${theme}; path=/admin; max-age=${theme ? year : 0}; samesite=lax`
			toast(theme ? words[theme] : words.auto)
			tell()
		})
	}
}
