// The message about the last change can be closed, and a reload does not say it again.
export function startFlash() {
	const flash = document.querySelector("[data-flash]")
	if (!flash) return
	const button = flash.querySelector("[data-dismiss]")
	button.hidden = false
	button.addEventListener("click", () => flash.remove())
	const url = new URL(location.href)
	if (url.searchParams.has("at")) {
		url.searchParams.delete("at")
		history.replaceState(null, "", url)
	}
}
