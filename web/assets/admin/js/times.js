// Moments in the reader's own zone; the server's text, in UTC, stays as the explanation.
import { all, locale } from "./page.js"

const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" })

export function showTimes(root) {
	for (const el of all(root, "time[data-when]")) {
		const text = format.format(new Date(Number(el.dataset.when)))
		if (el.textContent === text) continue
		el.title = el.textContent + " UTC"
		el.textContent = text
	}
}
